// A GRU and the products around it, as torch has them: for widgets whose models read step by step.
// Parameters are as packing.js unpacks them.

/** @import { Tensor } from "./types.d.ts" */
/** @typedef {Record<string, Tensor>} Parameters */

/**
 * One step of PyTorch's GRU: reset gate, update gate, candidate. `end` is what the names of the
 * layer's parameters end with.
 * @param {Parameters} model
 * @param {string} layer
 * @param {Float64Array} input
 * @param {Float64Array} state
 */
export function gruStep(model, layer, input, state, end = "l0") {
  const d = state.length;
  const x = affine(model, layer, input, `_ih_${end}`);
  const h = affine(model, layer, state, `_hh_${end}`);
  return state.map((old, i) => {
    const reset = logistic(x[i] + h[i]);
    const update = logistic(x[d + i] + h[d + i]);
    return update * old + (1 - update) * Math.tanh(x[2 * d + i] + reset * h[2 * d + i]);
  });
}

export const logistic = (/** @type {number} */ x) => 1 / (1 + Math.exp(-x));

/**
 * W x + b.
 * @param {Parameters} model
 * @param {string} layer
 * @param {Float64Array} x
 */
export function affine(model, layer, x, end = "") {
  const { values, width } = model[`${layer}.weight${end}`];
  return model[`${layer}.bias${end}`].values.map((bias, i) => {
    let sum = bias;
    for (let j = 0; j < width; j += 1) sum += values[i * width + j] * x[j];
    return sum;
  });
}

/**
 * xᵀ W.
 * @param {Tensor} matrix
 * @param {Float64Array} x
 */
export function timesColumns({ values, width }, x) {
  const product = new Float64Array(width);
  x.forEach((factor, i) => {
    for (let j = 0; j < width; j += 1) product[j] += factor * values[i * width + j];
  });
  return product;
}

/**
 * @param {Tensor} matrix
 * @param {number} i
 */
export function rowOf({ values, width }, i) {
  return values.slice(i * width, (i + 1) * width);
}

/**
 * @param {Float64Array[]} rows
 * @param {Float64Array} weights
 */
export function meanState(rows, weights) {
  return rows[0].map((_, i) => rows.reduce((sum, vector, j) => sum + weights[j] * vector[i], 0));
}

/** @param {Float64Array[]} parts */
export function joined(...parts) {
  return Float64Array.from(parts.flatMap((part) => [...part]));
}
