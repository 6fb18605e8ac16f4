// A model's parameters, as attnlab/widgets/packing.py packs them.

/** What a letter of base64 stands for, by its number in Unicode. */
const CODES = new Uint8Array(128);
[..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"].forEach(
  (letter, code) => (CODES[letter.charCodeAt(0)] = code),
);

/** @import { Packed, Tensor } from "./types.d.ts" */

/**
 * Tensors by name, each as its numbers and its width: whole numbers, of two letters each, times a
 * step.
 * @param {Packed} packed
 * @returns {Record<string, Tensor>}
 */
export function unpack({ tensors, data }) {
  const codes = Uint8Array.from(data, (letter) => CODES[letter.charCodeAt(0)]);
  const count = codes.length / 2; // all first letters stand before all second ones
  const numbers = Int16Array.from(
    { length: count },
    (_, i) => 64 * codes[i] + codes[count + i] - 2048,
  );
  let start = 0;
  const entries = tensors.map(([name, shape, step]) => {
    const size = shape.reduce((product, n) => product * n, 1);
    const values = Float64Array.from(numbers.subarray(start, (start += size)), (n) => n * step);
    return [name, { values, width: shape[shape.length - 1] }];
  });
  return Object.fromEntries(entries);
}
