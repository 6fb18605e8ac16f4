// Where each token stands: sinusoidal codes, and the angles of rotary pairs.
// The tests hold them to attnlab.functional.positions.

/**
 * Radians per position of each pair of coordinates: from 1 down to nearly 1 / base.
 * @param {number} d
 * @param {number} base
 */
export function frequencies(d, base) {
  return Array.from({ length: d / 2 }, (_, i) => base ** ((-2 * i) / d));
}

/**
 * A row for each of n positions: the sine and the cosine of each pair, side by side.
 * @param {number} n
 * @param {number} d
 * @param {number} base
 */
export function sinusoidalCode(n, d, base) {
  const turns = frequencies(d, base);
  return Array.from({ length: n }, (_, t) =>
    turns.flatMap((turn) => [Math.sin(t * turn), Math.cos(t * turn)]),
  );
}

/**
 * The cosine between one row of the code and every row; all rows have the length √(d / 2).
 * @param {number[][]} code
 * @param {number} position
 */
export function codeSimilarities(code, position) {
  const row = code[position];
  return code.map((other) => (2 / row.length) * other.reduce((sum, x, c) => sum + x * row[c], 0));
}
