// What the pictures of several widgets have in common.
import { PLOT, path, shape } from "./controls.js";

/**
 * A picture, and what it shows in words.
 * @param {string} words
 * @param {Record<string, string | number>} [attributes]
 * @param {...SVGElement} parts
 */
export function picture(words, attributes = {}, ...parts) {
  return shape("svg", { role: "img", "aria-label": words, ...attributes }, ...parts);
}

/**
 * Lines across a picture, each with the name of its value at the left.
 * @param {[number, number]} ends
 * @param {(value: number) => number} y
 * @param {number[]} values
 * @param {(value: number) => string} name
 */
export function rules([x1, x2], y, values, name) {
  return values.flatMap((value) => [
    shape("line", { class: "attn-grid", x1, x2, y1: y(value), y2: y(value) }),
    shape("text", { x: PLOT.left - 8, y: y(value) + 4, "text-anchor": "end" }, name(value)),
  ]);
}

/**
 * The names of values along the bottom of a picture.
 * @param {(value: number) => number} x
 * @param {number} y
 * @param {number[]} values
 */
export function ticks(x, y, values) {
  return values.map((value) =>
    shape("text", { x: x(value), y, "text-anchor": "middle" }, String(value)),
  );
}

/**
 * The two axes of a plane, from -edge to edge.
 * @param {(value: number) => number} x
 * @param {(value: number) => number} y
 * @param {number} edge
 */
export function axes(x, y, edge) {
  const across = path([-edge, edge].map((end) => [x(end), y(0)]));
  const up = path([-edge, edge].map((end) => [x(0), y(end)]));
  return shape("path", { class: "attn-axes", d: across + up });
}

/**
 * The color that CSS gives a canvas, in numbers from 0 to 255.
 * @param {HTMLCanvasElement} canvas
 */
export function colorOf(canvas) {
  const [r, g, b] = (getComputedStyle(canvas).color.match(/[\d.]+/g) ?? []).map(Number);
  return [r, g, b];
}
