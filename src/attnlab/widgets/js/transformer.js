// The Transformer of attnlab.models.transformer for one source at a time: encoder, decoder steps with a
// cache, greedy decoding, every weight, and heads that can be switched off.
// Vectors are Float64Arrays, a sequence is an array of them; the tests hold it all to torch.
import { softmax } from "./mathematics.js";
import { unpack } from "./packing.js";

/** @import { ByHead, Contribution, Heads, Memory, PackedTransformer } from "./types.d.ts" */
/** @import { State, Transformer } from "./types.d.ts" */

/**
 * A model from what `pack_transformer` of attnlab/widgets/packing.py packs.
 * @param {PackedTransformer} packed
 * @returns {Transformer}
 */
export function unpackTransformer({ tensors, data, ...settings }) {
  const parameters = unpack({ tensors, data });
  // A matrix shared by embedding and last map was packed once, as the embedding.
  parameters["to_logits.weight"] ??= parameters["tgt_embedding.weight"];
  return { ...settings, parameters };
}

/**
 * Reads the source. `heads` holds `encoder` [layer][head] and `decoder` [layer][0: self, 1: cross]
 * [head]: what a head contributes is multiplied by its number; all are 1 where nothing is given.
 * Returns the encoder's weights [layer][head][i][j], and the state to decode from.
 * @param {Transformer} model
 * @param {number[]} source
 * @param {Heads} [heads]
 * @returns {{ weights: ByHead[][], state: State }}
 */
export function startDecoding(model, source, heads = {}) {
  const { memory, weights } = encode(
    model,
    source.map((token, t) => embed(model, "src_embedding.weight", token, t)),
    heads.encoder,
  );
  const layers = Array.from({ length: model.n_layers }, (_, l) => {
    const name = `decoder.layers.${l}.cross_attention`;
    return { keys: [], values: [], memory: keysAndValues(model, name, memory) };
  });
  return { weights, state: { length: 0, layers, heads: heads.decoder } };
}

/**
 * What the encoder makes of vectors that know their positions, and its weights [layer][head][i][j].
 * @param {Transformer} model
 * @param {Float64Array[]} xs
 * @param {Heads["encoder"]} [heads]
 */
export function encode(model, xs, heads) {
  const weights = [];
  for (let l = 0; l < model.n_layers; l += 1) {
    const layer = `encoder.layers.${l}`;
    const seen = attentionInputs(model, `${layer}.self_attention`, xs);
    const attended = xs.map((x, i) => {
      const query = project(model, `${layer}.self_attention`, QUERY, seen.inputs[i]);
      return attend(model, `${layer}.self_attention`, x, query, seen, heads?.[l]);
    });
    xs = attended.map(({ x }) => feedForward(model, layer, x));
    weights.push(byHead(attended.map((one) => one.weights)));
  }
  return { memory: xs.map((x) => layerNorm(model, "encoder.last_norm", x)), weights };
}

/**
 * The logits of the token after `token`, its weights `self` and `cross` [layer][head][j], and the
 * state after it. The given state stays as it was: several sequences may go on from it.
 * @param {Transformer} model
 * @param {number} token
 * @param {State} state
 */
export function stepDecoding(model, token, state) {
  let x = embed(model, "tgt_embedding.weight", token, state.length);
  /** @type {State["layers"]} */
  const layers = [];
  /** @type {[self: ByHead[], cross: ByHead[]]} */
  const [self, cross] = [[], []];
  state.layers.forEach(({ keys, values, memory }, l) => {
    const layer = `decoder.layers.${l}`;
    const on = state.heads?.[l] ?? [];

    const own = `${layer}.self_attention`;
    const now = attentionInputs(model, own, [x]);
    const past = { keys: [...keys, ...now.keys], values: [...values, ...now.values] };
    const query = project(model, own, QUERY, now.inputs[0]);
    const first = attend(model, own, x, query, past, on[0]);

    const other = `${layer}.cross_attention`;
    const asked = project(model, other, QUERY, enter(model, other, first.x));
    const second = attend(model, other, first.x, asked, memory, on[1]);

    x = feedForward(model, layer, second.x);
    layers.push({ ...past, memory });
    self.push(first.weights);
    cross.push(second.weights);
  });
  x = layerNorm(model, "decoder.last_norm", x);
  const logits = times(model, "to_logits.weight", x, model.parameters["to_logits.bias"].values);
  return { logits, self, cross, state: { ...state, length: state.length + 1, layers } };
}

/**
 * The most probable token, again and again, up to `eos` or `maxLen`. Returns the tokens, the
 * probabilities [i][token] of each step, the encoder's weights, and each step's weights.
 * @param {Transformer} model
 * @param {number[]} source
 * @param {{ bos: number, eos: number, maxLen: number, heads?: Heads }} limits
 */
export function decodeGreedily(model, source, { bos, eos, maxLen, heads }) {
  const { weights, state: start } = startDecoding(model, source, heads);
  /** @type {{ tokens: number[], probabilities: Float64Array[] }} */
  const { tokens, probabilities } = { tokens: [], probabilities: [] };
  /** @type {[self: ByHead[][], cross: ByHead[][]]} [step][layer] */
  const [self, cross] = [[], []];
  let state = start;
  for (let token = bos; tokens.length < maxLen && token !== eos; tokens.push(token)) {
    const step = stepDecoding(model, token, state);
    state = step.state;
    self.push(step.self);
    cross.push(step.cross);
    const p = softmax(step.logits);
    probabilities.push(p);
    token = p.indexOf(Math.max(...p));
  }
  return { tokens, probabilities, encoder: weights, self, cross };
}

// The order of the rows of `project_in`.
export const QUERY = 0;
const KEY = 1;
const VALUE = 2;

/**
 * What an attention reads of each of its inputs: normed or not, and their keys and values.
 * @param {Transformer} model
 * @param {string} name
 * @param {Float64Array[]} xs
 */
export function attentionInputs(model, name, xs) {
  const inputs = xs.map((x) => enter(model, name, x));
  return { inputs, ...keysAndValues(model, name, inputs) };
}

/** @type {(model: Transformer, name: string, inputs: Float64Array[]) => Memory} */
function keysAndValues(model, name, inputs) {
  return {
    keys: inputs.map((x) => project(model, name, KEY, x)),
    values: inputs.map((x) => project(model, name, VALUE, x)),
  };
}

/**
 * The queries, keys or values of all heads, one behind the other.
 * @type {(model: Transformer, name: string, part: number, x: Float64Array) => Float64Array}
 */
export function project(model, name, part, x) {
  const d = x.length;
  const bias = model.parameters[`${name}.project_in.bias`].values;
  return times(
    model,
    `${name}.project_in.weight`,
    x,
    bias.subarray(part * d, (part + 1) * d),
    part * d,
  );
}

/**
 * One position's attention sublayer: x afterwards, and the weights [head][j].
 * @param {Transformer} model
 * @param {string} name
 * @param {Float64Array} x
 * @param {Float64Array} query
 * @param {Memory} memory
 * @param {Contribution[]} [on]
 */
export function attend(model, name, x, query, { keys, values }, on) {
  const d_k = query.length / model.n_heads;
  const context = new Float64Array(query.length);
  const weights = Array.from({ length: model.n_heads }, (_, head) => {
    const start = head * d_k;
    const row = softmax(keys.map((key) => dotOfHead(query, key, start, d_k) / Math.sqrt(d_k)));
    const contributes = Number(on?.[head] ?? 1);
    values.forEach((value, j) => {
      const share = contributes * row[j];
      for (let i = start; i < start + d_k; i += 1) context[i] += share * value[i];
    });
    return row;
  });
  const bias = model.parameters[`${name}.project_out.bias`].values;
  const change = times(model, `${name}.project_out.weight`, context, bias);
  return { x: leave(model, name, x, change), weights };
}

/** @type {(a: Float64Array, b: Float64Array, start: number, d_k: number) => number} */
function dotOfHead(a, b, start, d_k) {
  let sum = 0;
  for (let i = start; i < start + d_k; i += 1) sum += a[i] * b[i];
  return sum;
}

/** @type {(model: Transformer, layer: string, x: Float64Array) => Float64Array} */
export function feedForward(model, layer, x) {
  const name = `${layer}.feed_forward`;
  const bias = (/** @type {string} */ map) => model.parameters[`${name}.${map}.bias`].values;
  const hidden = times(model, `${name}.expand.weight`, enter(model, name, x), bias("expand"));
  const kept = hidden.map((value) => Math.max(0, value));
  return leave(model, name, x, times(model, `${name}.contract.weight`, kept, bias("contract")));
}

/**
 * What a sublayer is given.
 * @type {(model: Transformer, name: string, x: Float64Array) => Float64Array}
 */
function enter(model, name, x) {
  return model.norm === "pre" ? layerNorm(model, `${name}_norm`, x) : x;
}

/**
 * What goes on, once the sublayer has said what to change.
 * @type {(model: Transformer, name: string, x: Float64Array, change: Float64Array) => Float64Array}
 */
function leave(model, name, x, change) {
  const sum = x.map((value, i) => value + change[i]);
  return model.norm === "pre" ? sum : layerNorm(model, `${name}_norm`, sum);
}

/** @type {(model: Transformer, name: string, x: Float64Array) => Float64Array} */
export function layerNorm(model, name, x) {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  const gain = model.parameters[`${name}.weight`].values;
  const shift = model.parameters[`${name}.bias`].values;
  const size = Math.sqrt(variance + model.eps);
  return x.map((value, i) => ((value - mean) / size) * gain[i] + shift[i]);
}

/**
 * An embedding times √d_model, plus the sinusoids of position t.
 * @type {(model: Transformer, name: string, token: number, t: number) => Float64Array}
 */
export function embed(model, name, token, t) {
  const { values, width } = model.parameters[name];
  return Float64Array.from({ length: width }, (_, i) => {
    const angle = t / model.base ** ((i - (i % 2)) / width);
    const code = i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    return values[token * width + i] * Math.sqrt(width) + code;
  });
}

/**
 * W x + b, with as many rows of W as b has numbers, from row `first` on.
 * @param {Transformer} model
 * @param {string} name
 * @param {Float64Array} x
 * @param {Float64Array} bias
 * @param {number} [first]
 */
export function times(model, name, x, bias, first = 0) {
  const { values, width } = model.parameters[name];
  const whole = width - (width % 4);
  const found = new Float64Array(bias.length);
  for (let i = 0, at = first * width; i < found.length; i += 1, at += width) {
    // Four sums, none of which waits for another; a plain loop, for this is where time is spent.
    let s = bias[i];
    let t = 0;
    let u = 0;
    let v = 0;
    for (let j = 0; j < whole; j += 4) {
      s += values[at + j] * x[j];
      t += values[at + j + 1] * x[j + 1];
      u += values[at + j + 2] * x[j + 2];
      v += values[at + j + 3] * x[j + 3];
    }
    for (let j = whole; j < width; j += 1) s += values[at + j] * x[j];
    found[i] = s + t + (u + v);
  }
  return found;
}

/**
 * From [i][head][j] to [head][i][j].
 * @param {ByHead[]} rows
 */
function byHead(rows) {
  return rows[0].map((_, head) => rows.map((row) => row[head]));
}
