// Gradients through time. The tests hold them to attnlab's.
import { dot, norm, normalRows, orthogonal } from "../../widgets/js/mathematics.js";

/** @import { Vector } from "../../widgets/js/types.d.ts" */

/**
 * How h_t = φ(g Q h_{t-1} + x_t) is set up: Q (d, d) and the inputs x (steps, d).
 * @param {number} steps
 * @param {number} d
 * @param {number} inputSize
 */
export function recurrentNetwork(steps, d, inputSize) {
  const rows = normalRows(d + steps, d, 0);
  return {
    q: orthogonal(rows.slice(0, d)),
    inputs: rows.slice(d).map((row) => row.map((x) => x * inputSize)),
  };
}

/**
 * |∂h_T/∂h_{T-k}|_F / √d for k = 0 ... T; the twin of widget.py.
 * @param {{ q: Vector[], inputs: Vector[] }} network
 * @param {number} gain
 * @param {boolean} tanh
 */
export function gradientSizes({ q, inputs }, gain, tanh) {
  const recurrent = q.map((row) => row.map((x) => gain * x));
  const slopes = tanh ? tanhSlopes(recurrent, inputs) : inputs.map((x) => x.map(() => 1));
  let jacobian = q.map((_, i) => q.map((_, j) => Number(i === j)));
  const sizes = [1];
  for (const slope of slopes.reverse()) {
    const columns = q.map((_, j) => recurrent.map((row, i) => slope[i] * row[j])); // of diag(φ') gQ
    jacobian = jacobian.map((row) => columns.map((column) => dot(row, column)));
    sizes.push(norm(jacobian) / Math.sqrt(q.length));
  }
  return sizes;
}

/**
 * 1 - h_t² at each step of h_t = tanh(W h_{t-1} + x_t), from h_0 = 0.
 * @param {Vector[]} recurrent
 * @param {Vector[]} inputs
 */
function tanhSlopes(recurrent, inputs) {
  /** @type {Vector} */
  let state = new Float64Array(recurrent.length);
  return inputs.map((x) => {
    state = x.map((input, i) => input + dot(recurrent[i], state)).map(Math.tanh);
    return state.map((h) => 1 - h * h);
  });
}
