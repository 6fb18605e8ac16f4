// A model's parameters, as attnlab/widgets/packing.py packs them.

/** @import { Packed, Tensor } from "./types.d.ts" */

/**
 * Tensors by name, each as its numbers and its width: whole numbers of 16 bits times a step.
 * @param {Packed} packed
 * @returns {Record<string, Tensor>}
 */
export function unpack({ tensors, data }) {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const numbers = new Int16Array(bytes.buffer);
  let start = 0;
  const entries = tensors.map(([name, shape, step]) => {
    const size = shape.reduce((product, n) => product * n, 1);
    const values = Float64Array.from(numbers.subarray(start, (start += size)), (n) => n * step);
    return [name, { values, width: shape[shape.length - 1] }];
  });
  return Object.fromEntries(entries);
}
