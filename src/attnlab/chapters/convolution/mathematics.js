// What an output of a stack of convolutions sees. The tests hold each function to attnlab's.

/** @import { Vector } from "../../widgets/js/types.d.ts" */

/**
 * One dilation for each layer: 1, or twice that of the layer below.
 * @param {{ layers: number, doubling: boolean }} settings
 */
export function dilationsOf({ layers, doubling }) {
  return Array.from({ length: layers }, (_, layer) => (doubling ? 2 ** layer : 1));
}

/**
 * How many inputs can reach one output on paper.
 * @param {number[]} dilations
 * @param {number} kernel
 */
export function receptiveField(dilations, kernel) {
  return dilations.reduce((field, dilation) => field + (kernel - 1) * dilation, 1);
}

/**
 * Each position's share of the paths to one output: a row for each level, the inputs the last.
 * @param {number} n
 * @param {number} position
 * @param {number[]} dilations
 * @param {number} kernel
 */
export function pathShares(n, position, dilations, kernel) {
  let row = new Float64Array(n);
  row[position] = 1;
  const levels = [row];
  for (const dilation of [...dilations].reverse()) {
    const next = new Float64Array(n);
    row.forEach((share, i) => {
      for (const j of positionsRead(n, i, dilation, kernel)) next[j] += share;
    });
    const total = next.reduce((sum, share) => sum + share, 0);
    levels.push((row = next.map((share) => share / total)));
  }
  return levels;
}

/**
 * Which positions below are read at position i; the zeros beyond the ends are none.
 * @param {number} n
 * @param {number} i
 * @param {number} dilation
 * @param {number} kernel
 */
export function positionsRead(n, i, dilation, kernel) {
  const half = (kernel - 1) / 2;
  const taps = Array.from({ length: kernel }, (_, tap) => i + (tap - half) * dilation);
  return taps.filter((j) => j >= 0 && j < n);
}

/**
 * The mean position of shares that sum to 1, and four standard deviations around it.
 * @param {Vector} shares
 */
export function spread(shares) {
  const mean = shares.reduce((sum, share, i) => sum + share * i, 0);
  const variance = shares.reduce((sum, share, i) => sum + share * (i - mean) ** 2, 0);
  return { mean, width: 4 * Math.sqrt(variance) };
}
