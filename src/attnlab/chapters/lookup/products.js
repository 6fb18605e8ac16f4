// The picture in which each weight multiplies its value.
import { move, put, rules, scale, shape } from "../../widgets/js/svg.js";
import { brief, decimals, say, signed } from "../../widgets/js/words.js";

export const PRODUCTS = { height: 104, top: 6, bottom: 6 };
const ROOM = 84; // pixels that the words in a box take

/** @param {number} x */

/** @import { Vector } from "../../widgets/js/types.d.ts" */

/**
 * A box for each point, as wide as its weight: together they are as wide as the picture.
 * @param {SVGSVGElement} svg
 * @param {number[]} ends
 * @param {number} count
 * @param {{ min: number, max: number }} limits
 */
export function layOutProducts(svg, ends, count, { min, max }) {
  const x = scale([0, 1], ends);
  const y = scale([min, max], [PRODUCTS.height - PRODUCTS.bottom, PRODUCTS.top]);
  const boxes = Array.from({ length: count }, () =>
    shape("rect", { class: "attn-product attn-glide" }),
  );
  const says = boxes.map(() => shape("text", { class: "attn-note", "text-anchor": "middle" }));
  const sum = shape("line", { class: "attn-sum attn-glide", x1: ends[0], x2: ends[1] });
  const name = shape("text", { class: "attn-number", x: ends[1], y: 12, "text-anchor": "end" });
  svg.replaceChildren(...rules(ends, y, [min, 0, max], signed), ...boxes, ...says, sum, name);
  return { x, y, boxes, says, sum, name };
}

/**
 * The line is at the sum, the `context`.
 * @param {ReturnType<typeof layOutProducts>} parts
 * @param {{ x: number[], y: number[], point: number }} now
 * @param {Vector} weights
 * @param {number} context
 */
export function drawProducts({ x, y, boxes, says, sum, name }, now, weights, context) {
  let start = 0;
  for (const j of inOrder(now.x)) {
    const [weight, value] = [weights[j], now.y[j]];
    const [left, wide] = [x(start), x(weight) - x(0)];
    const place = { x: left, width: wide, y: y(Math.max(0, value)) };
    const height = Math.abs(y(value) - y(0));
    const product = { "data-product": weight * value, "data-chosen": j === now.point };
    move(boxes[j], { ...place, height, ...product });
    move(says[j], {
      x: left + wide / 2,
      y: value < 0 ? y(value) + 13 : y(value) - 4,
      visibility: wide < ROOM ? "hidden" : "visible",
    });
    says[j].textContent = say(TEXT.product, { weight: brief(weight), value: decimals(value) });
    start += weight;
  }
  put(sum, 0, y(context));
  name.textContent = say(TEXT.sum, { context: decimals(context) });
}

/** The numbers of the points from the smallest key to the largest. @param {number[]} keys */
function inOrder(keys) {
  return [...keys.keys()].sort((i, j) => keys[i] - keys[j]);
}

const TEXT = {
  product: "{weight} × {value}",
  sum: "sum {context}",
};
