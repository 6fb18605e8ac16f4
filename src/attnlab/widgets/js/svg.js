// To draw with: elements, and what the pictures of several widgets have in common.

/** @import { Attributes, Child, Value } from "./types.d.ts" */

/** What a picture leaves free beside its axes. Sliders do the same in widgets.css. */
export const PLOT = { left: 46, right: 16 };

/**
 * An HTML element. Attributes that are functions become listeners.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 */
export function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/**
 * An SVG element.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 */
export function shape(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/** @type {<N extends Element>(node: N, attributes: Attributes, children: Child[]) => N} */
function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function")
      node.addEventListener(name, /** @type {EventListener} */ (value));
    else node.setAttribute(name, String(value));
  }
  node.append(...children);
  return node;
}

/**
 * Change attributes of an element that is there already.
 * @type {(node: Element, attributes: Record<string, Value>) => void}
 */
export function move(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    // Writing what is there already would still make the browser lay it out again.
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
  }
}

/**
 * Puts something where it belongs; what is an `attn-glide` glides there.
 * @param {Element} node
 * @param {number} x
 */
export function put(node, x, y = 0) {
  move(node, { style: `transform: translate(${x}px, ${y}px)` });
}

/**
 * From data to pixels, both given as [first, last].
 * @type {(data: readonly number[], pixels: readonly number[]) => (x: number) => number}
 */
export function scale([from, to], [start, end]) {
  return (/** @type {number} */ x) => start + ((x - from) / (to - from)) * (end - start);
}

/** An SVG path. @param {(readonly number[])[]} points each as [x, y] */
export function path(points) {
  return `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`;
}

/**
 * A picture, and what it shows in words.
 * @type {(words: string, attributes?: Attributes, ...parts: SVGElement[]) => SVGSVGElement}
 */
export function picture(words, attributes = {}, ...parts) {
  return shape("svg", { role: "img", "aria-label": words, ...attributes }, ...parts);
}

/**
 * Lines across a picture, each with the name of its value at the left.
 * @param {readonly number[]} ends
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
 * Numbers a step apart, from the first to the last that is not beyond the end.
 * @type {(from: number, to: number, step: number) => number[]}
 */
export function numbersFrom(from, to, step) {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + step * i);
}

/**
 * The names of values along the bottom of a picture.
 * @type {(x: (value: number) => number, y: number, values: number[]) => SVGElement[]}
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

/** The color that CSS gives a canvas, in numbers. @param {HTMLCanvasElement} canvas */
export function colorOf(canvas) {
  const color = getComputedStyle(canvas).color.match(/[\d.]+/g) ?? [];
  return color.slice(0, 3).map(Number);
}
