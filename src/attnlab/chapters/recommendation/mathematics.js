// What the three methods of widget.py expect next. The tests hold them to Python.
import { softmax, uniforms } from "../../widgets/js/mathematics.js";
import { unpack } from "../../widgets/js/packing.js";
import { rowOf } from "../../widgets/js/recurrent.js";
import { encode } from "../../widgets/js/transformer.js";

/**
 * @import { Packed, Tensor } from "../../widgets/js/types.d.ts"
 * @typedef {{ n_heads: number, n_layers: number, norm: string, eps: number }} Shape
 * @typedef {Shape & { parameters: Record<string, Tensor> }} Attention
 * @typedef {{ attention: Attention, weighted: Record<string, Tensor> }} Models
 * @typedef {{ attention: Shape & Packed, weighted: Packed }} Sealed
 * @typedef {"decay" | "weights" | "attention"} Method
 */

/**
 * The models, as the page holds them.
 * @param {Sealed} sealed
 * @returns {Models}
 */
export function unpackModels({ attention, weighted }) {
  return {
    attention: { ...attention, parameters: unpack(attention) },
    weighted: unpack(weighted),
  };
}

/**
 * The history in the order in which the methods get it.
 * @param {{ history: number[], shuffled: boolean }} state
 */
export function seenOf({ history, shuffled }) {
  if (!shuffled) return [...history];
  const keys = uniforms(history.length, 0);
  const order = Array.from(keys, (_, i) => i).sort((i, j) => keys[i] - keys[j]);
  return order.map((i) => history[i]);
}

/**
 * How decay, or the learned weights, weigh so many items, the oldest first.
 * @type {(method: "decay" | "weights", count: number, models: Models, decay: number) => number[]}
 */
export function weightsOf(method, count, { weighted }, decay) {
  const ages = Array.from({ length: count }, (_, t) => count - 1 - t);
  const learned = weighted.age.values;
  const scores = ages.map((age) =>
    method === "decay" ? age * Math.log(decay) : learned[learned.length - 1 - age],
  );
  return [...softmax(scores)];
}

/**
 * What a method gives each item; all zeros where it knows nothing.
 * @param {Method} method
 * @param {number[]} seen
 * @param {Models} models
 * @param {{ decay: number, n_items: number }} fixed
 */
export function chancesOf(method, seen, models, { decay, n_items }) {
  if (seen.length === 0) return new Float64Array(n_items);
  const raw =
    method === "attention"
      ? attended(seen, models.attention, n_items)
      : counted(weightsOf(method, seen.length, models, decay), seen, models.weighted, n_items);
  seen.forEach((item) => (raw[item] = 0));
  const sum = raw.reduce((total, x) => total + x, 0);
  return sum > 0 ? raw.map((x) => x / sum) : raw;
}

/**
 * The items with the largest chances, the first one first.
 * @param {Float64Array} chances
 * @param {number} count
 */
export function firstOf(chances, count) {
  const items = Array.from(chances, (_, item) => item).filter((item) => chances[item] > 0);
  return items.sort((i, j) => chances[j] - chances[i]).slice(0, count);
}

/** @type {(weights: number[], seen: number[], weighted: Record<string, Tensor>, n: number) => Float64Array} */
function counted(weights, seen, { rows }, n) {
  const sum = new Float64Array(n);
  seen.forEach((item, t) => {
    for (let j = 0; j < n; j += 1) sum[j] += weights[t] * rows.values[item * n + j];
  });
  return sum;
}

/** @type {(seen: number[], model: Attention, n: number) => Float64Array} */
function attended(seen, model, n) {
  const { "item.weight": items, "place.weight": places, liked } = model.parameters;
  const size = Math.sqrt(items.width);
  const xs = seen.map((item, t) => {
    const place = rowOf(places, t);
    return rowOf(items, item).map((x, i) => x * size + place[i]);
  });
  // With one layer the last place is the same with a causal mask and without: it sees all.
  const { memory } = encode({ ...model, base: NaN }, xs);
  const asked = memory[memory.length - 1];
  const logits = Float64Array.from({ length: n }, (_, item) =>
    rowOf(items, item).reduce((sum, x, i) => sum + x * asked[i], liked.values[item]),
  );
  return Float64Array.from(softmax(logits));
}
