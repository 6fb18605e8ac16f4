// The mathematics that widgets show. Pure functions on plain or typed arrays; each does what its
// namesake in attnlab does, and the tests hold the two together to 1e-6.

/** @import { Vector } from "./types.d.ts" */

/**
 * `count` standard normal numbers; the twin of attnlab/widgets/normals.py.
 * @param {number} count
 * @param {number} seed
 */
export function normals(count, seed) {
  const u = uniforms(2 * count, seed);
  return Float64Array.from(
    { length: count },
    (_, i) => Math.sqrt(-2 * Math.log(u[2 * i])) * Math.cos(2 * Math.PI * u[2 * i + 1]),
  );
}

/**
 * `count` numbers between 0 and 1, each as likely as any other.
 * @param {number} count
 * @param {number} seed
 */
export function uniforms(count, seed) {
  const start = hash(seed + 1);
  return Float64Array.from(
    { length: count },
    (_, i) => (hash(start + Math.imul(i, 0x9e3779b9)) + 0.5) / 2 ** 32,
  );
}

/** @param {number} x a whole number of 32 bits */
function hash(x) {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/**
 * The dot product of a query with each key, over the first `d_k` numbers of both.
 * @param {Vector} query
 * @param {Vector[]} keys
 * @param {number} d_k
 */
export function dotScores(query, keys, d_k) {
  return keys.map((key) => dot(query, key, 0, d_k));
}

/**
 * @param {Vector} a
 * @param {Vector} b
 */
export function dot(a, b, start = 0, end = a.length) {
  let sum = 0;
  for (let i = start; i < end; i += 1) sum += a[i] * b[i];
  return sum;
}

/** @param {Vector} scores */
export function softmax(scores) {
  const weights = new Float64Array(scores.length);
  const top = Math.max(...scores); // exp(score - top) cannot overflow
  let total = 0;
  for (let j = 0; j < weights.length; j += 1) total += weights[j] = Math.exp(scores[j] - top);
  return weights.map((weight) => weight / total);
}

/**
 * In nats; 0 log 0 counts as 0.
 * @param {Vector} weights
 */
export function entropy(weights) {
  let nats = 0;
  for (const w of weights) if (w > 0) nats -= w * Math.log(w);
  return nats;
}

/**
 * p_i (δ_ij - p_j) as rows.
 * @param {Vector} p
 */
export function softmaxJacobian(p) {
  return Array.from(p, (a, i) => Float64Array.from(p, (b, j) => a * ((i === j ? 1 : 0) - b)));
}

/**
 * The Frobenius norm of a matrix given as rows.
 * @param {Vector[]} rows
 */
export function norm(rows) {
  let sum = 0;
  for (const row of rows) for (const x of row) sum += x * x;
  return Math.sqrt(sum);
}

/**
 * Rows of standard normal numbers, as many as `count`.
 * @param {number} count
 * @param {number} d
 * @param {number} seed
 */
export function normalRows(count, d, seed) {
  const numbers = normals(count * d, seed);
  return Array.from({ length: count }, (_, i) => numbers.subarray(i * d, (i + 1) * d));
}

/**
 * Entropy over ln m at each of the widths, the mean of all queries: undivided and by √d_k.
 * @param {Vector[]} queries
 * @param {Vector[]} keys
 * @param {number[]} widths
 */
export function meanEntropies(queries, keys, widths) {
  const [raw, scaled] = [widths.map(() => 0), widths.map(() => 0)];
  const share = 1 / (queries.length * Math.log(keys.length));
  for (const query of queries) {
    const scores = new Float64Array(keys.length);
    widths.forEach((d_k, i) => {
      // The sums go on from the width before.
      keys.forEach((key, j) => (scores[j] += dot(query, key, widths[i - 1] ?? 0, d_k)));
      raw[i] += share * entropy(softmax(scores));
      scaled[i] += share * entropy(softmax(scores.map((score) => score / Math.sqrt(d_k))));
    });
  }
  return { raw, scaled };
}

/**
 * The orthogonal Q of rows = QR with a positive diagonal of R, by Gram and Schmidt.
 * @param {Vector[]} rows
 */
export function orthogonal(rows) {
  const d = rows.length;
  const q = rows.map((row) => Array.from(row));
  for (let j = 0; j < d; j += 1) {
    // Twice, because after one pass rounding still leaves a trace of the earlier columns.
    for (let k = 0; k < 2 * j; k += 1) {
      let dot = 0;
      for (let i = 0; i < d; i += 1) dot += q[i][j] * q[i][k % j];
      for (let i = 0; i < d; i += 1) q[i][j] -= dot * q[i][k % j];
    }
    const length = Math.hypot(...q.map((row) => row[j]));
    for (let i = 0; i < d; i += 1) q[i][j] /= length;
  }
  return q;
}

/**
 * The softmax of (logit + bias) / T over the keys that may be attended; all 0 where none may.
 * @param {Vector} logits
 * @param {Vector} biases
 * @param {boolean[]} mask
 * @param {number} temperature
 */
export function steeredSoftmax(logits, biases, mask, temperature) {
  const weights = new Float64Array(logits.length);
  const open = Array.from(logits, (_, j) => j).filter((j) => mask[j]);
  const shares = softmax(open.map((j) => (logits[j] + biases[j]) / temperature));
  open.forEach((j, i) => (weights[j] = shares[i]));
  return weights;
}

/**
 * The weights of scaled dot-product attention, a row for each query, over what its row opens.
 * @param {Vector[]} queries
 * @param {Vector[]} keys
 * @param {boolean[][]} mask
 */
export function maskedWeights(queries, keys, mask) {
  const none = keys.map(() => 0);
  return queries.map((query, i) =>
    steeredSoftmax(dotScores(query, keys, query.length), none, mask[i], Math.sqrt(query.length)),
  );
}

/**
 * A row vector times a matrix that is given as rows.
 * @param {Vector} row
 * @param {Vector[]} matrix
 */
export function timesMatrix(row, matrix) {
  return matrix[0].map((_, j) => matrix.reduce((sum, line, i) => sum + row[i] * line[j], 0));
}
