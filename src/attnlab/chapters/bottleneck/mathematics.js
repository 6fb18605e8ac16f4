// The recurrent reader and writer of attnlab.models.seq2seq, without attention or with the additive kind.
// The tests hold the logits and weights to those of torch. Below it, what is written is held
// against what is wanted.
import { softmax } from "../../widgets/js/mathematics.js";
import {
  affine,
  gruStep,
  joined,
  meanState,
  rowOf,
  timesColumns,
} from "../../widgets/js/recurrent.js";

/** @import { Tensor } from "../../widgets/js/types.d.ts" */
/** @typedef {Record<string, Tensor>} Parameters */

/**
 * Reads the tokens, then writes the most probable ones up to `eos`, at most `maxLen`.
 * @param {Parameters} model
 * @param {number[]} source
 * @param {{ bos: number, eos: number, maxLen: number }} limits
 */
export function readAndWrite(model, source, { bos, eos, maxLen }) {
  /** @type {Float64Array[]} */
  const memory = [];
  let state = new Float64Array(model["src_embedding.weight"].width);
  for (const token of source) {
    state = gruStep(model, "reader", rowOf(model["src_embedding.weight"], token), state);
    memory.push(state);
  }
  const attends = "score.v" in model;
  const keys = attends ? memory.map((h) => timesColumns(model["score.w_k"], h)) : [];
  /** @type {number[]} */
  const tokens = [];
  /** @type {[logits: Float64Array[], weights: Float64Array[]]} */
  const [logits, weights] = [[], []];
  for (let token = bos; tokens.length < maxLen && token !== eos; tokens.push(token)) {
    let input = rowOf(model["tgt_embedding.weight"], token);
    let context = new Float64Array();
    if (attends) {
      const shares = softmax(memoryScores(model, state, keys));
      weights.push(shares);
      context = meanState(memory, shares);
      input = joined(input, context);
    }
    state = gruStep(model, "writer", input, state);
    const seen = attends ? affine(model, "combine", joined(state, context)).map(Math.tanh) : state;
    const next = affine(model, "read_out", seen);
    logits.push(next);
    token = mostProbable(next);
  }
  return { tokens, logits, weights };
}

/**
 * The place of the largest number, the first of several.
 * @param {Float64Array | number[]} numbers
 */
function mostProbable(numbers) {
  return numbers.indexOf(Math.max(...numbers));
}

/**
 * vᵀ tanh(W_q q + W_k k) for every key; the keys have been multiplied already.
 * @param {Parameters} model
 * @param {Float64Array} query
 * @param {Float64Array[]} keys
 */
function memoryScores(model, query, keys) {
  const asked = timesColumns(model["score.w_q"], query);
  const v = model["score.v"].values;
  return keys.map((key) => v.reduce((sum, x, i) => sum + x * Math.tanh(asked[i] + key[i]), 0));
}

/**
 * What is wanted beside what is written, with as few mistakes as can be; the twin of widget.py. A
 * pair has an empty text where something is missing (on the right) or too much (on the left).
 * @param {ArrayLike<string>} wanted
 * @param {ArrayLike<string>} written
 */
export function paired(wanted, written) {
  const [m, n] = [wanted.length, written.length];
  const least = Array.from({ length: m + 1 }, (_, i) =>
    Array.from({ length: n + 1 }, (_, j) => Math.max(m - i, n - j)),
  );
  const both = (/** @type {number} */ i, /** @type {number} */ j) =>
    least[i + 1][j + 1] + Number(wanted[i] !== written[j]);
  for (let i = m - 1; i >= 0; i -= 1)
    for (let j = n - 1; j >= 0; j -= 1)
      least[i][j] = Math.min(both(i, j), least[i + 1][j] + 1, least[i][j + 1] + 1);
  /** @type {[wanted: string, written: string][]} */
  const pairs = [];
  for (let i = 0, j = 0; i < m || j < n;) {
    if (i < m && j < n && least[i][j] === both(i, j)) pairs.push([wanted[i++], written[j++]]);
    else if (i < m && least[i][j] === least[i + 1][j] + 1) pairs.push([wanted[i++], ""]);
    else pairs.push(["", written[j++]]);
  }
  return pairs;
}

/** How many pairs are none of equals. @param {[string, string][]} pairs */
export function mistakes(pairs) {
  return pairs.filter(([left, right]) => left !== right).length;
}

/**
 * Several pairings of what is wanted as columns, what is wanted first. Where a row has nothing
 * there is an empty text, but null where that is no mistake of its own.
 * @param {[string, string][][]} pairings
 */
export function columnsOf(pairings) {
  const rows = pairings.map((pairs) => [...pairs]);
  /** @type {(string | null)[][]} */
  const columns = [];
  while (rows.some((row) => row.length > 0)) {
    const extra = rows.map((row) => row.length > 0 && row[0][0] === "");
    const some = extra.includes(true);
    const wanted = some ? "" : rows[0][0][0];
    const next = rows.map((row, r) => (some && !extra[r] ? null : (row.shift()?.[1] ?? null)));
    columns.push([wanted, ...next]);
  }
  return columns;
}
