// The networks of widget.py, for one drawing. The tests hold them to Python.
import { dot, softmax } from "../../widgets/js/mathematics.js";
import { unpack } from "../../widgets/js/packing.js";
import { encode } from "../../widgets/js/transformer.js";

/**
 * @import { Packed, Tensor, Vector } from "../../widgets/js/types.d.ts"
 * @typedef {Record<string, Tensor>} Parameters
 */

const [SIDE, PATCH] = [8, 2];
const SHAPE = { n_heads: 4, n_layers: 2, norm: "pre", eps: 1e-5, base: 1 }; // positions are learned

/**
 * The probabilities of the ten digits.
 * @param {Packed} packed
 * @param {number[]} pixels as the network gets them
 */
export function digitOf(packed, pixels) {
  const parameters = unpacked(packed);
  const { values: code, width } = parameters["encoder.positions.learned.code"];
  const x = patches(pixels).map((patch, i) =>
    linear(parameters, "embed", patch).map((value, j) => value + code[i * width + j]),
  );
  const { memory: xs } = encode({ ...SHAPE, parameters }, x);
  const mean = xs[0].map((_, j) => xs.reduce((sum, row) => sum + row[j], 0) / xs.length);
  return softmax(linear(parameters, "read", mean));
}

/**
 * The probabilities of one to four threes among so many copies of a drawing: by softmax weights, or
 * by gates.
 * @param {Packed} packed
 * @param {number[]} pixels
 * @param {number} copies
 * @param {boolean} gates
 */
export function countOf(packed, pixels, copies, gates) {
  const parameters = unpacked(packed);
  const x = relu(linear(parameters, "see.2", relu(linear(parameters, "see.0", pixels))));
  const score = linear(parameters, "score", x)[0];
  const scores = Array.from({ length: copies }, () => score);
  const weights = gates ? scores.map((s) => 1 / (1 + Math.exp(-s))) : [...softmax(scores)];
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const pooled = x.map((value) => total * value);
  const hidden = relu(linear(parameters, "read.0", pooled));
  return softmax(linear(parameters, "read.2", hidden));
}

/** Squares of pixels, row by row. @param {number[]} pixels */
function patches(pixels) {
  const across = SIDE / PATCH;
  return Array.from({ length: across ** 2 }, (_, i) => {
    const start = PATCH * (SIDE * Math.floor(i / across) + (i % across));
    return [0, 1, SIDE, SIDE + 1].map((step) => pixels[start + step]);
  });
}

/** @type {(x: Float64Array) => Float64Array} */
const relu = (x) => x.map((value) => Math.max(0, value));

/** @type {(parameters: Parameters, name: string, x: Vector) => Float64Array} */
function linear(parameters, name, x) {
  const { values, width } = parameters[`${name}.weight`];
  return parameters[`${name}.bias`].values.map(
    (bias, i) => bias + dot(values.subarray(i * width, (i + 1) * width), x),
  );
}

/** @type {WeakMap<Packed, Parameters>} */
const known = new WeakMap();

/** Unpacked once. @param {Packed} packed */
function unpacked(packed) {
  const found = known.get(packed) ?? unpack(packed);
  known.set(packed, found);
  return found;
}
