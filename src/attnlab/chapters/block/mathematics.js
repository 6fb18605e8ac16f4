// A stack of Transformer layers, one head, no biases; the twin of widget.py.
import { dotScores, normalRows, softmax } from "../../widgets/js/mathematics.js";

/** @import { Vector } from "../../widgets/js/types.d.ts" */
/** @typedef {Vector[][][]} Layers six matrices each: W_Q, W_K, W_V, W_O, W_1, W_2 */

/**
 * The weights of each layer: standard normal numbers times Xavier's size.
 * @param {number} count
 * @param {number} d
 * @param {number} d_ff
 */
export function randomLayers(count, d, d_ff) {
  const shapes = [
    [d, d],
    [d, d],
    [d, d],
    [d, d],
    [d, d_ff],
    [d_ff, d],
  ];
  return Array.from({ length: count }, (_, layer) =>
    shapes.map(([rows, columns], i) => {
      const size = Math.sqrt(2 / (rows + columns));
      const drawn = normalRows(rows, columns, 1 + shapes.length * layer + i);
      return drawn.map((row) => row.map((x) => size * x));
    }),
  );
}

/**
 * The tokens (n, d) before the first layer and after each.
 * @param {Vector[]} tokens
 * @param {Layers} layers
 * @param {{ residual: boolean, norm: string, feed_forward: boolean, eps: number }} settings
 */
export function tokensByLayer(tokens, layers, { residual, norm, feed_forward, eps }) {
  /** @type {(x: Vector[], sublayer: (x: Vector[]) => Vector[]) => Vector[]} */
  const through = (x, sublayer) => {
    const change = sublayer(norm === "pre" ? normed(x, eps) : x);
    const y = residual ? x.map((row, t) => row.map((value, i) => value + change[t][i])) : change;
    return norm === "post" ? normed(y, eps) : y;
  };
  const states = [tokens];
  let x = tokens;
  for (const [w_q, w_k, w_v, w_o, w_1, w_2] of layers) {
    x = through(x, (y) => selfAttention(y, w_q, w_k, w_v, w_o));
    if (feed_forward) {
      x = through(x, (y) =>
        times(
          times(y, w_1).map((row) => row.map((a) => Math.max(0, a))),
          w_2,
        ),
      );
    }
    states.push(x);
  }
  return states;
}

/**
 * @param {Vector[]} x
 * @param {Vector[]} w_q
 * @param {Vector[]} w_k
 * @param {Vector[]} w_v
 * @param {Vector[]} w_o
 */
function selfAttention(x, w_q, w_k, w_v, w_o) {
  const [q, k, v] = [times(x, w_q), times(x, w_k), times(x, w_v)];
  const share = 1 / Math.sqrt(w_k[0].length);
  const weights = q.map((query) =>
    softmax(dotScores(query, k, query.length).map((score) => score * share)),
  );
  return times(times(weights, v), w_o);
}

/**
 * LayerNorm of each row, with gain 1 and bias 0.
 * @param {Vector[]} x
 * @param {number} eps
 */
export function normed(x, eps) {
  return x.map((row) => {
    const mean = average(row);
    const deviation = Math.sqrt(average(row.map((value) => (value - mean) ** 2)) + eps);
    return row.map((value) => (value - mean) / deviation);
  });
}

/**
 * |X - 1 x̄ᵀ| over |X|: 1 where tokens have nothing in common, 0 where all are the same.
 * @param {Vector[]} x
 */
export function diversity(x) {
  const mean = x[0].map((_, i) => average(x.map((row) => row[i])));
  return length(x.map((row) => row.map((value, i) => value - mean[i]))) / length(x);
}

/**
 * The cosine of the angle between every two tokens, (n, n).
 * @param {Vector[]} x
 */
export function cosines(x) {
  const sizes = x.map((row) => length([row]));
  return x.map((row, s) =>
    Array.from(dotScores(row, x, row.length), (score, t) => score / (sizes[s] * sizes[t])),
  );
}

/**
 * The root mean square of all numbers.
 * @param {Vector[]} x
 */
export function rootMeanSquare(x) {
  return length(x) / Math.sqrt(x.length * x[0].length);
}

/** @param {Vector[]} x */
function length(x) {
  return Math.sqrt(x.reduce((sum, row) => row.reduce((part, value) => part + value ** 2, sum), 0));
}

/** @param {Vector} values */
function average(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * @param {Vector[]} x
 * @param {Vector[]} w
 */
function times(x, w) {
  return x.map((row) => {
    const sums = new Float64Array(w[0].length);
    row.forEach((value, i) => w[i].forEach((weight, j) => (sums[j] += value * weight)));
    return sums;
  });
}
