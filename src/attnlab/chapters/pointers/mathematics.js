// The speaker with a pointer of attnlab.models.pointer, with the general score. The tests hold its
// probabilities, gates and weights to those of torch.
import { softmax } from "../../widgets/js/mathematics.js";
import {
  affine,
  gruStep,
  joined,
  logistic,
  meanState,
  rowOf,
  timesColumns,
} from "../../widgets/js/recurrent.js";

/** @import { Tensor } from "../../widgets/js/types.d.ts" */
/**
 * @typedef {{ bos: number, eos: number, unk: number, longest: number }} Marks
 * @typedef {{ word: number, gate: number, weights: Float64Array, probabilities: Float64Array }} Step
 */

/**
 * Reads a request and says the most probable words, up to the end mark.
 * @param {Record<string, Tensor>} model
 * @param {number[]} source words in numbers; from the size of the vocabulary on, new ones
 * @param {number} nNew how many numbers there are for new words
 * @param {Marks} marks
 * @returns {Step[]}
 */
export function speak(model, source, nNew, { bos, eos, unk, longest }) {
  const { values, width } = model["src_embedding.weight"];
  const vocabulary = values.length / width;
  const known = (/** @type {number} */ word) => (word < vocabulary ? word : unk);
  /** @type {Float64Array[]} */
  const memory = [];
  let state = new Float64Array(width);
  for (const word of source) {
    state = gruStep(model, "reader", rowOf(model["src_embedding.weight"], known(word)), state);
    memory.push(state);
  }
  /** @type {Step[]} */
  const steps = [];
  for (let word = bos; steps.length < longest && word !== eos;) {
    const input = rowOf(model["tgt_embedding.weight"], known(word));
    state = gruStep(model, "writer", input, state);
    const asked = timesColumns(model["score.w"], state);
    const weights = softmax(memory.map((h) => h.reduce((sum, x, i) => sum + x * asked[i], 0)));
    const both = joined(state, meanState(memory, weights));
    const gate = logistic(affine(model, "gate", both)[0]);
    const seen = affine(model, "combine", both).map(Math.tanh);
    const own = softmax(affine(model, "read_out", seen));
    const probabilities = mixed(gate, own, weights, source, vocabulary + nNew);
    word = probabilities.indexOf(Math.max(...probabilities));
    steps.push({ word, gate, weights, probabilities });
  }
  return steps;
}

/**
 * What each word gets: the gate's share of the vocabulary's, and the weights of all its places.
 * @param {number} gate
 * @param {Float64Array} own
 * @param {Float64Array} weights
 * @param {number[]} source
 * @param {number} size
 */
function mixed(gate, own, weights, source, size) {
  const all = new Float64Array(size);
  own.forEach((share, word) => (all[word] = gate * share));
  source.forEach((word, place) => (all[word] += (1 - gate) * weights[place]));
  return all;
}
