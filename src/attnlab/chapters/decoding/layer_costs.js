// Costs by formula, as costs.py has them; the tests hold the two together.

/**
 * What three layers that take n vectors of width d to n others multiply, and keep for training.
 * @param {number} n
 * @param {number} d
 * @param {number} h
 * @param {number} kernel
 */
export function layerCosts(n, d, h, kernel) {
  return {
    attention: { multiplications: 2 * n * n * d, numbers: h * n * n + n * d },
    RNN: { multiplications: 2 * n * d * d, numbers: n * d },
    CNN: { multiplications: kernel * n * d * d, numbers: n * d },
  };
}
