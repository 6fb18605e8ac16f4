// Looking up by a Gaussian. The tests hold each function to attnlab's.
import { dot, softmax } from "../../widgets/js/mathematics.js";

/** @import { Vector } from "../../widgets/js/types.d.ts" */

/**
 * The weights of keys on a line by a Gaussian around the query; the key `without` gets none.
 * @param {number} query
 * @param {Vector} keys
 * @param {number} width
 * @param {number} [without]
 */
export function gaussianWeights(query, keys, width, without = -1) {
  const score = (/** @type {number} */ key, /** @type {number} */ j) =>
    j === without ? -Infinity : -(((query - key) / width) ** 2) / 2;
  return softmax(keys.map(score));
}

/**
 * The mean of the values, weighted by `gaussianWeights`.
 * @param {number} query
 * @param {Vector} keys
 * @param {Vector} values
 * @param {number} width
 * @param {number} [without]
 */
export function gaussianLookUp(query, keys, values, width, without = -1) {
  return dot(gaussianWeights(query, keys, width, without), values);
}

/**
 * How far the values are from their own look-up, in root mean square: with each left out, or not.
 * @param {Vector} keys
 * @param {Vector} values
 * @param {number} width
 */
export function lookUpErrors(keys, values, width) {
  const error = (/** @type {(i: number) => number} */ without) => {
    const misses = keys.map(
      (key, i) => values[i] - gaussianLookUp(key, keys, values, width, without(i)),
    );
    return Math.sqrt(dot(misses, misses) / misses.length);
  };
  return { leftOut: error((i) => i), keptIn: error(() => -1) };
}
