// A chart whose handle is moved along its x axis: a click takes it there, a drag carries it along.
// Keys have their own way, the slider of the same value.
import { dragging } from "./dragging.js";
import { shape } from "./svg.js";

/** @import { Limited } from "./types.d.ts" */

const REACH = 12; // pixels beyond a chart's ends: half of a handle that stands there

/**
 * The listeners of what sets a value where the pointer is; `at` says which value lies there.
 * @type {(bound: Limited<number>, at: (left: number) => number) => ReturnType<typeof dragging>}
 */
export function seeking(bound, at) {
  const { min, max } = bound.limits;
  return dragging((left) => bound.set(Math.min(max, Math.max(min, at(left)))));
}

/**
 * What takes the pointer from `left` to `right`, and lies over all that is drawn there.
 * @param {{ left: number, right: number, top: number, bottom: number }} box in pixels
 * @param {ReturnType<typeof dragging>} listeners
 */
export function grip({ left, right, top, bottom }, listeners) {
  return shape("rect", {
    class: "attn-grip attn-grip-across",
    x: left - REACH,
    width: right - left + 2 * REACH,
    y: top,
    height: bottom - top,
    ...listeners,
  });
}

/**
 * The handle: a knob with an arrow on each side to which it can be moved.
 * @param {string} [kind] a class that gives it the color of what it stands for
 * @param {number[]} [sides] where its arrows point: left is -1, right is 1
 */
export function knob(kind = "", sides = [-1, 1]) {
  const arrows = sides.map((side) => `M${10 * side} -4l${4 * side} 4l${-4 * side} 4`).join("");
  return shape(
    "g",
    { class: `attn-knob ${kind}`.trim() },
    shape("path", { d: arrows }),
    shape("circle", { r: 6.5 }),
  );
}
