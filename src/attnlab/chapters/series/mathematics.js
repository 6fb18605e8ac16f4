// The forecasts of widget.py, in the browser. The tests hold them to Python.
import { uniforms } from "../../widgets/js/mathematics.js";
import { unpack } from "../../widgets/js/packing.js";
import { encode, times } from "../../widgets/js/transformer.js";

/**
 * @import { Packed, Transformer } from "../../widgets/js/types.d.ts"
 * @typedef {Transformer & { patch: number }} Forecaster
 * @typedef {{ values: number[], season: number, past: number, future: number, mean: number, size: number, ends: number[] }} Series
 * @typedef {{ attention: Forecaster, phi: number[], weights: number[][] }} Models
 * @typedef {Omit<Models, "attention"> & { attention: Omit<Forecaster, "parameters"> & Packed }} Sealed
 */

/**
 * The models, as the page holds them.
 * @param {Sealed} sealed
 * @returns {Models}
 */
export function unpackModels({ attention, phi, weights }) {
  return { attention: { ...attention, parameters: unpack(attention) }, phi, weights };
}

/**
 * The window from `start` on: what the methods see of it, and what came then, as far as is known.
 * @param {{ start: number, shuffled: boolean }} state
 * @param {Series} series
 */
export function windowOf({ start, shuffled }, { values, past, future }) {
  const seen = values.slice(start, start + past);
  const truth = values.slice(start + past, start + past + future);
  if (!shuffled) return { past: seen, truth };
  const keys = uniforms(past - 1, 0);
  const order = Array.from(keys, (_, i) => i).sort((i, j) => keys[i] - keys[j]);
  return { past: [...order.map((i) => seen[i]), seen[past - 1]], truth };
}

/**
 * The next values by each method.
 * @param {number[]} past
 * @param {Models} models
 * @param {Series} series
 */
export function forecasts(past, models, { season, future, mean, size }) {
  const x = past.map((value) => (value - mean) / size);
  const found = {
    season: Array.from({ length: future }, (_, i) => x[x.length - season + (i % season)]),
    autoregression: continued(x, models.phi, future),
    ridge: linear(x, models.weights),
    attention: attended(x, models.attention),
  };
  return Object.fromEntries(
    Object.entries(found).map(([name, y]) => [name, y.map((value) => mean + size * value)]),
  );
}

/**
 * The root of the mean squared error, as far as the truth is known; NaN where it is not.
 * @param {number[]} forecast
 * @param {number[]} truth
 */
export function errorOf(forecast, truth) {
  const squares = truth.map((value, i) => (value - forecast[i]) ** 2);
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / truth.length);
}

/** @type {(x: number[], phi: number[], future: number) => number[]} */
function continued(x, phi, future) {
  const order = phi.length - 1;
  const all = [...x];
  for (let step = 0; step < future; step += 1) {
    const start = all.length - order;
    let next = phi[order];
    for (let i = 0; i < order; i += 1) next += phi[i] * all[start + i];
    all.push(next);
  }
  return all.slice(x.length);
}

/** @type {(x: number[], weights: number[][]) => number[]} */
function linear(x, weights) {
  const last = x[x.length - 1];
  const constant = weights[x.length];
  return constant.map(
    (start, f) => last + x.reduce((sum, value, i) => sum + (value - last) * weights[i][f], start),
  );
}

/** @type {(x: number[], model: Forecaster) => number[]} */
function attended(x, model) {
  const last = x[x.length - 1];
  const bias = (/** @type {string} */ name) => model.parameters[name].values;
  const codes = model.parameters["encoder.positions.learned.code"];
  const count = x.length / model.patch;
  const tokens = Array.from({ length: count }, (_, t) => {
    const values = x.slice(t * model.patch, (t + 1) * model.patch).map((value) => value - last);
    const token = times(model, "embed.weight", Float64Array.from(values), bias("embed.bias"));
    return token.map((value, i) => value + codes.values[t * codes.width + i]);
  });
  const seen = encode(model, tokens).memory.flatMap((vector) => [...vector]);
  const change = times(model, "to_future.weight", Float64Array.from(seen), bias("to_future.bias"));
  return Array.from(change, (value) => value + last);
}
