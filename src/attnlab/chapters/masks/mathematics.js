// The rule of a mask, and what gets past it. The tests hold both to attnlab's.

import { steeredSoftmax } from "../../widgets/js/mathematics.js";

/** @import { Vector } from "../../widgets/js/types.d.ts" */

/**
 * Which key j each query i may see: none behind the length, near enough, and not in the future.
 * @param {number} n
 * @param {{ length: number, causal: boolean, window: number }} settings
 */
export function maskRule(n, { length, causal, window }) {
  const may = (/** @type {number} */ i, /** @type {number} */ j) =>
    j < length && Math.abs(i - j) < window && !(causal && j > i);
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => may(i, j)));
}

/**
 * The weights under a mask. `scores` are those of n tokens and, behind them, of padding at the same
 * places, which stands wherever a place is not before the length.
 * @param {number[][]} scores
 * @param {boolean[][]} mask
 * @param {number} length
 */
export function readWeights(scores, mask, length) {
  const n = mask.length;
  const stand = mask.map((_, place) => place + (place < length ? 0 : n));
  const none = mask.map(() => 0);
  return mask.map((open, i) => {
    const row = stand.map((place) => scores[stand[i]][place]);
    return steeredSoftmax(row, none, open, 1);
  });
}

/**
 * The share of all weight that lies where the rule has false; 0 where there is no weight.
 * @param {Vector[]} weights
 * @param {boolean[][]} rule
 */
export function leakedShare(weights, rule) {
  let [all, leaked] = [0, 0];
  weights.forEach((row, i) =>
    row.forEach((weight, j) => {
      all += weight;
      leaked += rule[i][j] ? 0 : weight;
    }),
  );
  return leaked / Math.max(all, 1);
}
