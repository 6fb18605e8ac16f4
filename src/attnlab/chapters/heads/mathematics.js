// The two models of models.py: questions, heads, answers. The tests hold them to torch.
import { dotScores, softmax } from "../../widgets/js/mathematics.js";
import { unpack } from "../../widgets/js/packing.js";

/** @import { Packed, Tensor, Vector } from "../../widgets/js/types.d.ts" */
/** @typedef {ReturnType<typeof prepare>} Layer */
/** @typedef {{ rows: Float64Array[], bias: Float64Array }} Affine */

/**
 * A model made ready to answer many inputs quickly. All that can be looked at is the sum of one row
 * of a first table (a key, a word) and one of a second (a value, a place). So each sum's key is
 * computed once, and so is what its value adds to the logits: v W_O, read out.
 * @param {{ packed: Packed, n_heads: number }} trained
 */
export function prepare({ packed, n_heads }) {
  const p = unpack(packed);
  const table = "ask.weight" in p;
  const [first, second] = (table ? ["key", "value"] : ["word", "place"]).map((name) =>
    rowsOf(p[`${name}.weight`]),
  );
  const things = first.flatMap((a) => second.map((b) => added(a, b)));
  const d = things[0].length;
  const d_k = d / n_heads;
  const [queries, keys, values] = [0, 1, 2].map((part) => {
    const rows = rowsOf(p["heads.project_in.weight"]).slice(part * d, (part + 1) * d);
    const bias = p["heads.project_in.bias"].values.slice(part * d, (part + 1) * d);
    return { rows, bias };
  });
  const cut = (/** @type {Float64Array[]} */ rows) =>
    Array.from({ length: n_heads }, (_, i) => rows.map((x) => x.subarray(i * d_k, (i + 1) * d_k)));
  const out = columnsOf(p["heads.project_out.weight"]);
  const read = rowsOf(p["read_out.weight"]);
  const reading = cut(read.map((row) => timesRows(out, row))); // [head][logit]: W_read W_O
  return {
    n_heads,
    d_k,
    table,
    n_first: first.length,
    n_second: second.length,
    bias: queries.bias,
    // A table's query is a sum of several rows: each is projected by itself, the bias added once.
    asks: table
      ? rowsOf(p["ask.weight"]).map((x) => timesRows(queries.rows, x))
      : things.map((x) => projected(queries, x)),
    keys: cut(things.map((x) => projected(keys, x))), // [head][thing]
    writes: cut(things.map((x) => projected(values, x))).map((parts, i) =>
      parts.map((value) => timesRows(reading[i], value)),
    ),
    constant: added(timesRows(read, p["heads.project_out.bias"].values), p["read_out.bias"].values),
  };
}

/**
 * What each head does for each query of an input: `weights` [query][head][m], and `logits`
 * [query][head], its part of the logits. An input is `[keys, values, asked]` or `[words]`.
 * @param {Layer} model
 * @param {number[][]} input
 */
export function attend(model, input) {
  const { n_heads, d_k, table, n_first, n_second, asks, bias } = model;
  const seen = input[0].map((a, j) => a * n_second + (table ? input[1][j] : j));
  const queries = table
    ? [input[2].map((key, l) => asks[l * n_first + key]).reduce(added, bias)]
    : seen.map((thing) => asks[thing]);
  const heads = queries.map((query) =>
    Array.from({ length: n_heads }, (_, i) => {
      const part = query.subarray(i * d_k, (i + 1) * d_k);
      const scores = dotScores(
        part,
        seen.map((j) => model.keys[i][j]),
        d_k,
      );
      const shares = softmax(scores.map((score) => score / Math.sqrt(d_k)));
      const written = new Float64Array(model.constant.length);
      seen.forEach((j, place) => addTo(written, model.writes[i][j], shares[place]));
      return { shares, written };
    }),
  );
  return {
    weights: heads.map((row) => row.map(({ shares }) => shares)),
    logits: heads.map((row) => row.map(({ written }) => written)),
  };
}

/**
 * The most probable answers with some heads off, [query · question].
 * @param {Layer} model
 * @param {{ logits: Float64Array[][] }} attended
 * @param {number[]} off
 * @param {number} nQuestions
 */
export function answers(model, { logits }, off, nQuestions) {
  const sum = new Float64Array(model.constant.length);
  const size = sum.length / nQuestions;
  return logits.flatMap((heads) => {
    sum.set(model.constant);
    heads.forEach((part, i) => {
      if (!off.includes(i)) addTo(sum, part, 1);
    });
    return Array.from({ length: nQuestions }, (_, l) => largest(sum, l * size, size));
  });
}

/**
 * The share of right answers, and of inputs with all of them right.
 * @param {number[][]} given
 * @param {number[][]} targets
 */
export function scoreAnswers(given, targets) {
  let [right, all] = [0, 0];
  given.forEach((row, b) => {
    const hits = row.filter((answer, i) => answer === targets[b][i]).length;
    right += hits / row.length;
    all += hits === row.length ? 1 : 0;
  });
  return { right: right / given.length, all: all / given.length };
}

/**
 * @param {Float64Array} sum
 * @param {Float64Array} x
 * @param {number} factor
 */
function addTo(sum, x, factor) {
  for (let c = 0; c < sum.length; c += 1) sum[c] += factor * x[c];
}

/**
 * @param {Float64Array} numbers
 * @param {number} start
 * @param {number} size
 */
function largest(numbers, start, size) {
  let best = 0;
  for (let i = 1; i < size; i += 1) if (numbers[start + i] > numbers[start + best]) best = i;
  return best;
}

/** @param {Tensor} tensor */
function rowsOf({ values, width }) {
  const count = values.length / width;
  return Array.from({ length: count }, (_, i) => values.subarray(i * width, (i + 1) * width));
}

/** @param {Tensor} tensor */
function columnsOf({ values, width }) {
  const count = values.length / width;
  return Array.from({ length: width }, (_, j) =>
    Float64Array.from({ length: count }, (__, i) => values[i * width + j]),
  );
}

/** @type {(a: Float64Array, b: Float64Array) => Float64Array} */
const added = (a, b) => a.map((x, i) => x + b[i]);
/** @type {(map: Affine, x: Float64Array) => Float64Array} */
const projected = ({ rows, bias }, x) => added(timesRows(rows, x), bias);
/** @type {(rows: Float64Array[], x: Float64Array) => Float64Array} */
const timesRows = (rows, x) => new Float64Array(dotScores(x, rows, x.length));
