// The two models of attnlab.answerers: questions, heads, answers. The tests hold them to torch.
import { dotScores, softmax } from "./math.js";
import { unpack } from "./math_bottleneck.js";

/**
 * A model made ready to answer many inputs quickly. All that can be looked at is the sum of one row
 * of a first table (a key, a word) and one of a second (a value, a place), so that each sum's query,
 * key and value are computed once. What a head writes goes straight on to the logits.
 */
export function prepare({ packed, n_heads }) {
  const p = unpack(packed);
  const table = "ask.weight" in p;
  const [first, second] = (table ? ["key", "value"] : ["word", "place"]).map((name) =>
    rowsOf(p[`${name}.weight`]),
  );
  const things = first.flatMap((a) => second.map((b) => added(a, b)));
  const d = things[0].length;
  const [queries, keys, values] = [0, 1, 2].map((part) => {
    const rows = rowsOf(p["heads.project_in.weight"]).slice(part * d, (part + 1) * d);
    const bias = p["heads.project_in.bias"].values.slice(part * d, (part + 1) * d);
    return { rows, bias };
  });
  const out = columnsOf(p["heads.project_out.weight"]);
  const read = rowsOf(p["read_out.weight"]);
  const always = timesRows(read, p["heads.project_out.bias"].values);
  return {
    n_heads,
    d_k: d / n_heads,
    ask: table ? rowsOf(p["ask.weight"]) : null,
    things,
    n_second: second.length,
    queries,
    keys: things.map((x) => projected(keys, x)),
    values: things.map((x) => projected(values, x)),
    reading: read.map((row) => timesRows(out, row)), // (L V, d_model): W_read W_O
    constant: added(always, p["read_out.bias"].values),
  };
}

/**
 * What each head does for each query of an input: `weights` [query][head][m], and `logits`
 * [query][head], its part of the logits. An input is `[keys, values, asked]` or `[words]`.
 */
export function attend(model, input) {
  const { n_heads, d_k, ask, things, n_second, queries } = model;
  const seen = input[0].map((a, j) => a * n_second + (ask ? input[1][j] : j));
  const n_keys = ask && ask.length / input[2].length;
  const askers = ask
    ? [input[2].map((key, l) => ask[l * n_keys + key]).reduce(added)]
    : seen.map((thing) => things[thing]);
  const weights = [];
  const logits = [];
  for (const asker of askers) {
    const query = projected(queries, asker);
    const heads = Array.from({ length: n_heads }, (_, i) => {
      const part = (vector) => vector.subarray(i * d_k, (i + 1) * d_k);
      const scores = dotScores(part(query), seen.map((j) => part(model.keys[j])), d_k);
      const shares = softmax(scores.map((score) => score / Math.sqrt(d_k)));
      const context = new Float64Array(d_k);
      seen.forEach((j, place) =>
        part(model.values[j]).forEach((x, c) => (context[c] += shares[place] * x)),
      );
      return { shares, written: timesRows(model.reading.map(part), context) };
    });
    weights.push(heads.map((head) => head.shares));
    logits.push(heads.map((head) => head.written));
  }
  return { weights, logits };
}

/** The most probable answers with some heads off, [query · question]. */
export function answers(model, { logits }, off, nQuestions) {
  return logits.flatMap((heads) => {
    const sum = heads.reduce((so, part, i) => (off.includes(i) ? so : added(so, part)), model.constant);
    const size = sum.length / nQuestions;
    return Array.from({ length: nQuestions }, (_, l) => largest(sum, l * size, size));
  });
}

/** The share of right answers, and of inputs with all of them right. */
export function scoreAnswers(given, targets) {
  let [right, all] = [0, 0];
  given.forEach((row, b) => {
    const hits = row.filter((answer, i) => answer === targets[b][i]).length;
    right += hits / row.length;
    all += hits === row.length ? 1 : 0;
  });
  return { right: right / given.length, all: all / given.length };
}

function largest(numbers, start, size) {
  let best = 0;
  for (let i = 1; i < size; i += 1) if (numbers[start + i] > numbers[start + best]) best = i;
  return best;
}

function rowsOf({ values, width }) {
  const count = values.length / width;
  return Array.from({ length: count }, (_, i) => values.subarray(i * width, (i + 1) * width));
}

function columnsOf({ values, width }) {
  const count = values.length / width;
  return Array.from({ length: width }, (_, j) =>
    Float64Array.from({ length: count }, (__, i) => values[i * width + j]),
  );
}

const added = (a, b) => a.map((x, i) => x + b[i]);
const projected = ({ rows, bias }, x) => added(timesRows(rows, x), bias);
const timesRows = (rows, x) => Float64Array.from(dotScores(x, rows, x.length));
