// Two readers of letters: one forwards, which keeps what it has read, and one of both sides. The tests
// hold them to torch.
import { softmax, uniforms } from "../../widgets/js/mathematics.js";
import {
  QUERY,
  attend,
  attentionInputs,
  embed,
  feedForward,
  layerNorm,
  project,
  times,
} from "../../widgets/js/transformer.js";

/** @import { Memory, Transformer } from "../../widgets/js/types.d.ts" */
/** @typedef {{ length: number, layers: Memory[], scores: Float64Array }} Past */
/** @typedef {{ logs: number[], pasts: Past[] }} Trial for each letter in the gap */

const V = 26;
const EMBEDDING = "src_embedding.weight";

/**
 * What a reader that reads forwards knows after one more letter: the keys and values of all letters so
 * far, and the scores of the next one. The given past stays as it was.
 * @param {Transformer} model
 * @param {number} letter
 * @param {Past} [past]
 * @returns {Past}
 */
export function readOn(model, letter, past) {
  const length = past?.length ?? 0;
  let x = embed(model, EMBEDDING, letter, length);
  const layers = Array.from({ length: model.n_layers }, (_, l) => {
    const layer = `encoder.layers.${l}`;
    const now = attentionInputs(model, `${layer}.self_attention`, [x]);
    const seen = {
      keys: [...(past?.layers[l].keys ?? []), ...now.keys],
      values: [...(past?.layers[l].values ?? []), ...now.values],
    };
    x = pass(model, layer, x, now.inputs[0], seen);
    return seen;
  });
  return { length: length + 1, layers, scores: scoresOf(model, layerNorm(model, LAST, x)) };
}

/**
 * What it knows before each letter but the first, and after the last.
 * @param {Transformer} model
 * @param {number[]} letters
 */
export function readAll(model, letters) {
  /** @type {Past[]} */
  const pasts = [];
  letters.forEach((letter, i) => pasts.push(readOn(model, letter, pasts[i - 1])));
  return pasts;
}

/**
 * Each letter is put into a gap: how probable the reader finds it (in logs), before anything behind it
 * is read.
 * @param {Past} before what is known before the gap
 * @returns {Trial}
 */
export function startTrying(before) {
  const first = softmax(before.scores);
  return { logs: Array.from(first, Math.log), pasts: Array(V).fill(before) };
}

/**
 * The same with one more letter behind the gap. The given trial stays as it was.
 * @param {Transformer} model
 * @param {Trial} trial
 * @param {number | undefined} letter the one before the next, or none for what was put into the gap
 * @param {number} next the letter whose probability is added
 * @returns {Trial}
 */
export function tryOn(model, { logs, pasts }, letter, next) {
  const on = pasts.map((past, tried) => readOn(model, letter ?? tried, past));
  return { logs: logs.map((log, i) => log + Math.log(softmax(on[i].scores)[next])), pasts: on };
}

/**
 * Probabilities of the letter at a place, by a reader of both sides, who sees a mask there.
 * @param {Transformer} model
 * @param {number[]} letters
 * @param {number} place
 */
export function fromBoth(model, letters, place) {
  let xs = letters.with(place, V).map((letter, t) => embed(model, EMBEDDING, letter, t));
  for (let l = 0; l < model.n_layers; l += 1) {
    const layer = `encoder.layers.${l}`;
    const seen = attentionInputs(model, `${layer}.self_attention`, xs);
    // What the last layer makes of the other letters, nobody asks.
    const asked = l < model.n_layers - 1 ? [...xs.keys()] : [place];
    xs = asked.map((i) => pass(model, layer, xs[i], seen.inputs[i], seen));
  }
  return softmax(scoresOf(model, layerNorm(model, LAST, xs[0])));
}

/**
 * Letters that go on where a text ends, each drawn from the reader's probabilities.
 * @param {Transformer} model
 * @param {Past} past
 * @param {number} count
 * @param {number} seed
 */
export function goOn(model, past, count, seed) {
  const chances = uniforms(count, seed);
  /** @type {number[]} */
  const letters = [];
  for (let i = 0; i < count; i += 1) {
    const p = softmax(past.scores);
    let left = chances[i];
    let letter = 0;
    while (letter < V - 1 && left >= p[letter]) left -= p[letter++];
    letters.push(letter);
    past = readOn(model, letter, past);
  }
  return letters;
}

/**
 * What a layer makes of x, who reads `input` of itself and what is seen of all.
 * @type {(model: Transformer, layer: string, x: Float64Array, input: Float64Array, seen: Memory) => Float64Array}
 */
function pass(model, layer, x, input, seen) {
  const own = `${layer}.self_attention`;
  const query = project(model, own, QUERY, input);
  return feedForward(model, layer, attend(model, own, x, query, seen).x);
}

const LAST = "encoder.last_norm";

/** @type {(model: Transformer, x: Float64Array) => Float64Array} */
function scoresOf(model, x) {
  return times(model, "to_logits.weight", x, model.parameters["to_logits.bias"].values);
}
