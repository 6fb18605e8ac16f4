// Utterances, and what two recognizers make of them: twins of utterances.py, models.py, scoring.py.
import { normals, softmax } from "../../widgets/js/mathematics.js";
import { affine, gruStep, joined, rowOf, timesColumns } from "../../widgets/js/recurrent.js";

const STRIDE = 2;
const KERNEL = 5;

/**
 * @import { Parameters } from "../../widgets/js/recurrent.js"
 * @typedef {{ lengths: number[], data: string }} Voice
 */

/**
 * The frames of each of a voice's words, from 0 to 1.
 * @param {Voice} voice
 * @param {number} bands
 */
export function wordsOf({ lengths, data }, bands) {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  let at = 0;
  return lengths.map((length) =>
    Array.from({ length }, () =>
      Float64Array.from(bytes.subarray(at, (at += bands)), (byte) => byte / 255),
    ),
  );
}

/**
 * Digits with a pause before each and one behind: frames, and where each word begins and ends. If
 * there is no digit, so many frames of silence.
 * @param {Float64Array[][]} words
 * @param {number[]} digits
 * @param {number} pause
 * @param {number} silence
 */
export function utter(words, digits, pause, silence) {
  const bands = words[0][0].length;
  const quiet = (/** @type {number} */ length) =>
    Array.from({ length }, () => new Float64Array(bands));
  /** @type {Float64Array[]} */
  const frames = quiet(digits.length ? pause : silence);
  const spans = digits.map((digit) => {
    const start = frames.length;
    frames.push(...words[digit]);
    const end = frames.length;
    frames.push(...quiet(pause));
    return [start, end];
  });
  return { frames, spans };
}

/**
 * The frames with noise in each band, the same at every call.
 * @param {Float64Array[]} frames
 * @param {number} noise
 */
export function noisy(frames, noise) {
  const bands = frames[0].length;
  const drawn = normals(frames.length * bands, 0);
  return frames.map((frame, i) =>
    frame.map((x, b) => Math.min(1, Math.abs(x + noise * drawn[i * bands + b]))),
  );
}

/**
 * The states of an ear, and the last ones of either direction side by side.
 * @param {Parameters} model
 * @param {string} name
 * @param {Float64Array[]} frames
 */
export function hear(model, name, frames) {
  const inputs = convolved(model, `${name}.conv`, frames);
  const d = model[`${name}.gru.weight_hh_l0`].width;
  const read = (/** @type {Float64Array[]} */ rows, /** @type {string} */ end) => {
    let state = Float64Array.from({ length: d }, () => 0);
    return rows.map((row) => (state = gruStep(model, `${name}.gru`, row, state, end)));
  };
  const onward = read(inputs, "l0");
  const back = read(inputs.toReversed(), "l0_reverse");
  const last = joined(onward[onward.length - 1], back[back.length - 1]);
  back.reverse();
  return { states: onward.map((state, i) => joined(state, back[i])), last };
}

/**
 * Every other frame with two neighbors on either side, and no number below 0.
 * @param {Parameters} model
 * @param {string} layer
 * @param {Float64Array[]} frames
 */
function convolved(model, layer, frames) {
  const { values } = model[`${layer}.weight`]; // output, band, place
  const bands = frames[0].length;
  return Array.from({ length: Math.ceil(frames.length / STRIDE) }, (_, i) =>
    model[`${layer}.bias`].values.map((bias, o) => {
      let sum = bias;
      for (let k = 0; k < KERNEL; k += 1) {
        const frame = frames[STRIDE * i + k - 2];
        if (frame === undefined) continue; // beyond an end there is nothing
        for (let b = 0; b < bands; b += 1) sum += values[(o * bands + b) * KERNEL + k] * frame[b];
      }
      return Math.max(0, sum);
    }),
  );
}

/**
 * What the speller writes, always the most probable token, with the weights of each step.
 * @param {Parameters} model
 * @param {Float64Array[]} frames
 * @param {{ bos: number, eos: number, maxLen: number }} limits
 */
export function spell(model, frames, { bos, eos, maxLen }) {
  const { states, last } = hear(model, "reader", frames);
  const keys = states.map((state) => timesColumns(model["score.w_k"], state));
  const v = model["score.v"].values;
  const [tokens, weights, logits] = [
    /** @type {number[]} */ ([]),
    /** @type {Float64Array[]} */ ([]),
    /** @type {Float64Array[]} */ ([]),
  ];
  let state = last;
  for (let token = bos; tokens.length < maxLen && token !== eos;) {
    const asked = timesColumns(model["score.w_q"], state);
    const scores = keys.map((key) =>
      v.reduce((sum, x, i) => sum + x * Math.tanh(asked[i] + key[i]), 0),
    );
    const shares = softmax(scores);
    const context = state.map((_, i) => states.reduce((sum, h, j) => sum + shares[j] * h[i], 0));
    const input = joined(rowOf(model["tgt_embedding.weight"], token), context);
    state = gruStep(model, "writer", input, state);
    const seen = affine(model, "combine", joined(state, context)).map(Math.tanh);
    logits.push(affine(model, "read_out", seen));
    token = mostProbable(logits[logits.length - 1]);
    tokens.push(token);
    weights.push(Float64Array.from(shares));
  }
  return { tokens, weights, logits };
}

/**
 * The most probable class of each state: 0 is the blank, digit i is i + 1.
 * @param {Parameters} model
 * @param {Float64Array[]} frames
 */
export function mark(model, frames) {
  const { states } = hear(model, "ear", frames);
  const logits = states.map((state) => affine(model, "read_out", state));
  return { path: logits.map(mostProbable), logits };
}

/** The digits of a path: what repeats counts once, and then blanks go. @param {number[]} path */
export function collapsed(path) {
  return path.filter((x, i) => x !== 0 && x !== path[i - 1]).map((x) => x - 1);
}

/**
 * The fewest digits to change, drop or add, to make one row of the other.
 * @param {number[]} wanted
 * @param {number[]} written
 */
export function mistakes(wanted, written) {
  let row = [0, ...written.map((_, j) => j + 1)];
  wanted.forEach((digit, i) => {
    const next = [i + 1];
    written.forEach((other, j) =>
      next.push(Math.min(row[j + 1] + 1, next[j] + 1, row[j] + Number(digit !== other))),
    );
    row = next;
  });
  return row[written.length];
}

/** The place of the largest number, the first of several. @param {Float64Array} numbers */
function mostProbable(numbers) {
  return numbers.indexOf(Math.max(...numbers));
}
