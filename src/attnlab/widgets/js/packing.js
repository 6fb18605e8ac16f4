// A model's parameters, as attnlab/widgets/packing.py packs them.

/** Tensors by name, each as its numbers and its width: whole numbers of 16 bits times a step. */
export function unpack({ tensors, data }) {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const numbers = new Int16Array(bytes.buffer);
  let start = 0;
  const entries = tensors.map(([name, shape, step]) => {
    const size = shape.reduce((product, n) => product * n, 1);
    const values = Float64Array.from(numbers.subarray(start, (start += size)), (n) => n * step);
    return [name, { values, width: shape.at(-1) }];
  });
  return Object.fromEntries(entries);
}
