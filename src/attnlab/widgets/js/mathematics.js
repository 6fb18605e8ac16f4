// The mathematics that widgets show. Pure functions on plain or typed arrays; each does what its
// namesake in attnlab does, and the tests hold the two together to 1e-6.

/** `count` standard normal numbers; the twin of attnlab/widgets/normals.py. */
export function normals(count, seed) {
  const start = hash(seed + 1);
  const uniform = (i) => (hash(start + Math.imul(i, 0x9e3779b9)) + 0.5) / 2 ** 32;
  return Float64Array.from(
    { length: count },
    (_, i) => Math.sqrt(-2 * Math.log(uniform(2 * i))) * Math.cos(2 * Math.PI * uniform(2 * i + 1)),
  );
}

function hash(x) {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** The dot product of a query with each key, over the first `d_k` numbers of both. */
export function dotScores(query, keys, d_k) {
  return keys.map((key) => dot(query, key, 0, d_k));
}

function dot(a, b, start = 0, end = a.length) {
  let sum = 0;
  for (let i = start; i < end; i += 1) sum += a[i] * b[i];
  return sum;
}

export function softmax(scores) {
  const weights = new Float64Array(scores.length);
  const top = Math.max(...scores); // exp(score - top) cannot overflow
  let total = 0;
  for (let j = 0; j < weights.length; j += 1) total += weights[j] = Math.exp(scores[j] - top);
  return weights.map((weight) => weight / total);
}

/** In nats; 0 log 0 counts as 0. */
export function entropy(weights) {
  let nats = 0;
  for (const w of weights) if (w > 0) nats -= w * Math.log(w);
  return nats;
}

/** p_i (δ_ij - p_j) as rows. */
export function softmaxJacobian(p) {
  return Array.from(p, (a, i) => Float64Array.from(p, (b, j) => a * ((i === j ? 1 : 0) - b)));
}

/** The Frobenius norm of a matrix given as rows. */
export function norm(rows) {
  let sum = 0;
  for (const row of rows) for (const x of row) sum += x * x;
  return Math.sqrt(sum);
}

/** Rows of standard normal numbers, as many as `count`. */
export function normalRows(count, d, seed) {
  const numbers = normals(count * d, seed);
  return Array.from({ length: count }, (_, i) => numbers.subarray(i * d, (i + 1) * d));
}

/** Entropy over ln m at each of the widths, the mean of all queries: undivided and by √d_k. */
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

/** The orthogonal Q of rows = QR with a positive diagonal of R, by Gram and Schmidt. */
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

/** How h_t = φ(g Q h_{t-1} + x_t) is set up: Q (d, d) and the inputs x (steps, d). */
export function recurrentNetwork(steps, d, inputSize) {
  const rows = normalRows(d + steps, d, 0);
  return {
    q: orthogonal(rows.slice(0, d)),
    inputs: rows.slice(d).map((row) => row.map((x) => x * inputSize)),
  };
}

/** |∂h_T/∂h_{T-k}|_F / √d for k = 0 ... T; the twin of attnlab/widgets/recurrence.py. */
export function gradientSizes({ q, inputs }, gain, tanh) {
  const recurrent = q.map((row) => row.map((x) => gain * x));
  const slopes = tanh ? tanhSlopes(recurrent, inputs) : inputs.map((x) => x.map(() => 1));
  let jacobian = q.map((_, i) => q.map((_, j) => (i === j ? 1 : 0)));
  const sizes = [1];
  for (const slope of slopes.reverse()) {
    const columns = q.map((_, j) => recurrent.map((row, i) => slope[i] * row[j])); // of diag(φ') gQ
    jacobian = jacobian.map((row) => columns.map((column) => dot(row, column)));
    sizes.push(norm(jacobian) / Math.sqrt(q.length));
  }
  return sizes;
}

/** 1 - h_t² at each step of h_t = tanh(W h_{t-1} + x_t), from h_0 = 0. */
function tanhSlopes(recurrent, inputs) {
  let state = new Float64Array(recurrent.length);
  return inputs.map((x) => {
    state = x.map((input, i) => input + dot(recurrent[i], state)).map(Math.tanh);
    return state.map((h) => 1 - h * h);
  });
}

/** The softmax of (logit + bias) / T over the keys that may be attended; all 0 where none may. */
export function steeredSoftmax(logits, biases, mask, temperature) {
  const weights = new Float64Array(logits.length);
  const open = [...logits.keys()].filter((j) => mask[j]);
  const shares = softmax(open.map((j) => (logits[j] + biases[j]) / temperature));
  open.forEach((j, i) => (weights[j] = shares[i]));
  return weights;
}

/** The weights of keys on a line by a Gaussian around the query; the key `without` gets none. */
export function gaussianWeights(query, keys, width, without = -1) {
  const score = (key, j) => (j === without ? -Infinity : -(((query - key) / width) ** 2) / 2);
  return softmax(keys.map(score));
}

/** The mean of the values, weighted by `gaussianWeights`. */
export function gaussianLookUp(query, keys, values, width, without = -1) {
  return dot(gaussianWeights(query, keys, width, without), values);
}

/** How far the values are from their own look-up, in root mean square: with each left out, or not. */
export function lookUpErrors(keys, values, width) {
  const error = (without) => {
    const misses = keys.map(
      (key, i) => values[i] - gaussianLookUp(key, keys, values, width, without(i)),
    );
    return Math.sqrt(dot(misses, misses) / misses.length);
  };
  return { leftOut: error((i) => i), keptIn: error(() => -1) };
}

/** Which key j each query i may see: none behind the length, near enough, and not in the future. */
export function maskRule(n, { length, causal, window }) {
  const may = (i, j) => j < length && Math.abs(i - j) < window && !(causal && j > i);
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => may(i, j)));
}

/** The weights of scaled dot-product attention, a row for each query, over what its row opens. */
export function maskedWeights(queries, keys, mask) {
  const none = keys.map(() => 0);
  return queries.map((query, i) =>
    steeredSoftmax(dotScores(query, keys, query.length), none, mask[i], Math.sqrt(query.length)),
  );
}

/** The share of all weight that lies where the rule has false; 0 where there is no weight. */
export function leakedShare(weights, rule) {
  let [all, leaked] = [0, 0];
  weights.forEach((row, i) =>
    row.forEach((weight, j) => {
      all += weight;
      leaked += rule[i][j] ? 0 : weight;
    }),
  );
  return leaked / Math.max(all, 1);
}

/** One query's scores of the keys by one of four functions; the twin of widgets/scores.py. */
export function scoresOf(name, query, keys, { w, w_q, w_k, v }) {
  if (name === "additive") return additiveScores([...query, 1], keys, w_q, w_k, v);
  const asked = name === "bilinear" ? timesMatrix(query, w) : query;
  const scores = dotScores(asked, keys, asked.length);
  return name === "scaled" ? scores.map((score) => score / Math.sqrt(asked.length)) : scores;
}

function additiveScores(query, keys, w_q, w_k, v) {
  const asked = timesMatrix(query, w_q);
  const columns = v.map((_, h) => w_k.map((row) => row[h]));
  return keys.map((key) => {
    let score = 0;
    for (let h = 0; h < v.length; h += 1)
      score += v[h] * Math.tanh(asked[h] + dot(key, columns[h]));
    return score;
  });
}

/** A row vector times a matrix that is given as rows. */
export function timesMatrix(row, matrix) {
  return matrix[0].map((_, j) => matrix.reduce((sum, line, i) => sum + row[i] * line[j], 0));
}
