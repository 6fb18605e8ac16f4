// Costs by formula, as costs.py has them; the tests hold the two together.

/**
 * What layers that take n vectors of width d to n others multiply, and keep for training: attention
 * beside its projections, these by themselves, the two together, a recurrent layer, a convolution.
 * @param {number} n
 * @param {number} d
 * @param {number} h
 * @param {number} kernel
 */
export function layerCosts(n, d, h, kernel) {
  const attention = { multiplications: 2 * n * n * d, numbers: h * n * n + n * d };
  const projections = { multiplications: 4 * n * d * d, numbers: 4 * n * d };
  return {
    attention,
    projections,
    together: {
      multiplications: attention.multiplications + projections.multiplications,
      numbers: attention.numbers + projections.numbers,
    },
    RNN: { multiplications: 2 * n * d * d, numbers: n * d },
    CNN: { multiplications: kernel * n * d * d, numbers: n * d },
  };
}
