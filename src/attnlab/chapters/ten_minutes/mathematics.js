// The model of models.py: the last word asks all words, and one mean is read out. The tests hold it
// to torch.
import { dotScores, softmax, timesMatrix } from "../../widgets/js/mathematics.js";
import { unpack } from "../../widgets/js/packing.js";

/** @import { Packed, Tensor } from "../../widgets/js/types.d.ts" */
/** @typedef {ReturnType<typeof prepare>} Prepared */

/**
 * The model's matrices as rows.
 * @param {Packed} packed
 */
export function prepare(packed) {
  const p = unpack(packed);
  const [word, query, key, value, readOut] = ["word", "query", "key", "value", "read_out"].map(
    (name) => rowsOf(p[`${name}.weight`]),
  );
  return { word, query, key, value, readOut };
}

/**
 * The last word's `weights` over all words, and the `probabilities` of all nouns.
 * @param {Prepared} model
 * @param {number[]} words
 */
export function ask(model, words) {
  const x = words.map((word) => model.word[word]);
  const d = x[0].length;
  const times = (/** @type {Float64Array[]} */ rows, /** @type {Float64Array} */ vector) =>
    Float64Array.from(dotScores(vector, rows, d));
  const query = times(model.query, x[x.length - 1]);
  const keys = x.map((vector) => times(model.key, vector));
  const scores = dotScores(query, keys, d).map((score) => score / Math.sqrt(d));
  const weights = softmax(scores);
  const values = x.map((vector) => times(model.value, vector));
  const context = Float64Array.from(timesMatrix(weights, values));
  return { weights, probabilities: softmax(times(model.readOut, context)) };
}

/** @param {Tensor} tensor */
function rowsOf({ values, width }) {
  const count = values.length / width;
  return Array.from({ length: count }, (_, i) => values.subarray(i * width, (i + 1) * width));
}
