// The rule of a mask, and what gets past it. The tests hold both to attnlab's.

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
