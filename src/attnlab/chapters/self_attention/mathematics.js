// The mathematics of the self-attention widget, held to attnlab by the tests.
import { maskedWeights, timesMatrix } from "../../widgets/js/mathematics.js";

/** @import { Vector } from "../../widgets/js/types.d.ts" */
/** @typedef {Vector[][]} Matrices three: W_Q, W_K and W_V */
/** @typedef {{ weights: Vector[], contexts: Vector[] }} Attended */

/**
 * The sinusoidal code of each place, (n, d).
 * @param {number} n
 * @param {number} d
 * @param {number} base
 */
export function placeCodes(n, d, base) {
  const angle = (/** @type {number} */ t, /** @type {number} */ i) =>
    t * base ** (-(i - (i % 2)) / d);
  const entry = (/** @type {number} */ t, /** @type {number} */ i) =>
    i % 2 === 0 ? Math.sin(angle(t, i)) : Math.cos(angle(t, i));
  return Array.from({ length: n }, (_, t) => Array.from({ length: d }, (_, i) => entry(t, i)));
}

/**
 * Weights (n, n) and contexts (n, d_v) of X (n, d) under W_Q, W_K and W_V.
 * @param {Vector[]} x
 * @param {Matrices} matrices
 */
export function selfAttention(x, [w_q, w_k, w_v]) {
  const [queries, keys, values] = [w_q, w_k, w_v].map((w) => x.map((row) => timesMatrix(row, w)));
  const open = x.map(() => x.map(() => true));
  const weights = maskedWeights(queries, keys, open);
  return { weights, contexts: weights.map((row) => timesMatrix(row, values)) };
}

/**
 * Self-attention of the rows of X in an order, with codes added to their places or without.
 * @param {Vector[]} x
 * @param {Matrices} matrices
 * @param {number[]} order
 * @param {Vector[] | false} codes
 */
export function attendInOrder(x, matrices, order, codes) {
  const moved = order.map((token, place) =>
    Array.from(x[token], (entry, i) => entry + (codes ? codes[place][i] : 0)),
  );
  return selfAttention(moved, matrices);
}

/**
 * How far what `order` gives is at most from what the first order gives, each moved along.
 * @param {Attended} now
 * @param {Attended} first
 * @param {number[]} order
 */
export function orderErrors(now, first, order) {
  let [weights, contexts] = [0, 0];
  order.forEach((a, i) => {
    order.forEach((b, j) => {
      weights = Math.max(weights, Math.abs(now.weights[i][j] - first.weights[a][b]));
    });
    now.contexts[i].forEach((entry, k) => {
      contexts = Math.max(contexts, Math.abs(entry - first.contexts[a][k]));
    });
  });
  return { weights, contexts };
}
