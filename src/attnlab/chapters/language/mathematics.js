// Two readers of letters: one forwards, which keeps what it has read, and one of both sides. The tests
// hold them to torch.
import { softmax, uniforms } from "../../widgets/js/mathematics.js";
import {
  QUERY,
  attend,
  attentionInputs,
  embed,
  encode,
  feedForward,
  layerNorm,
  project,
  times,
} from "../../widgets/js/transformer.js";

/** @import { Memory, Transformer } from "../../widgets/js/types.d.ts" */
/** @typedef {{ length: number, layers: Memory[], scores: Float64Array }} Past */

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
    const own = `${layer}.self_attention`;
    const now = attentionInputs(model, own, [x]);
    const seen = {
      keys: [...(past?.layers[l].keys ?? []), ...now.keys],
      values: [...(past?.layers[l].values ?? []), ...now.values],
    };
    const query = project(model, own, QUERY, now.inputs[0]);
    x = feedForward(model, layer, attend(model, own, x, query, seen).x);
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
 * Probabilities of the letter at a place: each letter is tried in it, and counts by how probable the
 * reader finds it and `after` letters behind it.
 * @param {Transformer} model
 * @param {number[]} letters
 * @param {Past[]} pasts as `readAll` has them
 * @param {number} place
 * @param {number} after
 */
export function byTrying(model, letters, pasts, place, after) {
  const before = pasts[place - 1];
  const first = softmax(before.scores);
  const logs = Array.from({ length: V }, (_, letter) => {
    let sum = Math.log(first[letter]);
    let past = before;
    [letter, ...letters.slice(place + 1, place + after)].slice(0, after).forEach((read, i) => {
      past = readOn(model, read, past);
      sum += Math.log(softmax(past.scores)[letters[place + 1 + i]]);
    });
    return sum;
  });
  return softmax(logs);
}

/**
 * Probabilities of the letter at a place, by a reader of both sides, who sees a mask there.
 * @param {Transformer} model
 * @param {number[]} letters
 * @param {number} place
 */
export function fromBoth(model, letters, place) {
  const seen = letters.with(place, V);
  const xs = seen.map((letter, t) => embed(model, EMBEDDING, letter, t));
  return softmax(scoresOf(model, encode(model, xs).memory[place]));
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

const LAST = "encoder.last_norm";

/** @type {(model: Transformer, x: Float64Array) => Float64Array} */
function scoresOf(model, x) {
  return times(model, "to_logits.weight", x, model.parameters["to_logits.bias"].values);
}
