// What every widget is made of: its controls, one live sentence, and small helpers to draw.
import { assign, read } from "./bindings.js";

/** What a picture leaves free beside its axes. Sliders do the same in widgets.css. */
export const PLOT = { left: 46, right: 16 };

/** An HTML element. Attributes that are functions become listeners. */
export function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function shape(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** Change attributes of an element that is there already. */
export function move(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    // Writing what is there already would still make the browser lay it out again.
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
}

/** A symbol such as d_k: a letter in italics, perhaps with a lower index. */
export function symbol(letter, index) {
  const parts = [element("i", {}, letter)];
  if (index) parts.push(element("sub", {}, index));
  return element("span", { class: "attn-symbol" }, ...parts);
}

// Each control is bound to one value, as bindings.js has them.

/**
 * A slider, with its symbol, its meaning and its value.
 * `track` takes a value to its place on the slider and `value` takes it back (a logarithm, say);
 * `nudge(value, sign, page)` is what the arrow and page keys do.
 */
export function slider(bound, options) {
  const { letter, index, meaning, min, max, track, value, nudge, text = String } = options;
  const shown = element("span", { class: "attn-value", "aria-hidden": "true" });
  const set = (next) => bound.set(Math.min(max, Math.max(min, next)));
  const input = element("input", {
    type: "range",
    min: track(min),
    max: track(max),
    step: "any",
    "data-name": bound.name,
    input: () => set(value(input.valueAsNumber)),
    change: () => (input.value = track(bound.get())), // let go, the handle snaps into its place
    keydown: (event) => {
      const [sign, page] = KEYS[event.key] ?? [0, false];
      if (sign === 0) return;
      event.preventDefault();
      set(nudge(bound.get(), sign, page));
    },
  });
  const show = () => {
    const now = bound.get();
    // Writing back while the reader drags would snap the handle away from the pointer.
    if (value(input.valueAsNumber) !== now) input.value = track(now);
    shown.textContent = text(now);
    input.setAttribute("aria-valuetext", text(now));
    const filled = (track(now) - track(min)) / (track(max) - track(min));
    input.style.setProperty("--filled", `${100 * filled}%`);
  };
  const words = element("span", { class: "attn-meaning" }, meaning);
  const parts = [symbol(letter, index), words, shown, input];
  return { node: element("label", { class: "attn-slider" }, ...parts), show };
}

const KEYS = {
  ArrowRight: [1, false],
  ArrowUp: [1, false],
  ArrowLeft: [-1, false],
  ArrowDown: [-1, false],
  PageUp: [1, true],
  PageDown: [-1, true],
};

/**
 * The scale of a slider in even steps: an arrow key goes a `step`, a page key a `page`, and the
 * handle snaps to each `grain` after `from`.
 */
export function evenly({ step = 1, page, grain = step, from = 0 }) {
  const snap = (x) => from + Math.round((x - from) * (1 / grain)) / (1 / grain);
  const nudge = (now, sign, paged) => snap(now + sign * (paged ? page : step));
  return { track: Number, value: snap, nudge };
}

/** The scale of a slider whose steps are doublings; a page key takes as many as `page`. */
export function inDoublings(page) {
  const nudge = (now, sign, paged) => Math.round(now * 2 ** (sign * (paged ? page : 1)));
  return { track: Math.log2, value: (place) => 2 ** Math.round(place), nudge };
}

/** A switch for what is true or false. */
export function toggle(bound, ...words) {
  const input = element("input", {
    type: "checkbox",
    role: "switch",
    "data-name": bound.name,
    change: () => bound.set(input.checked),
  });
  const node = element("label", { class: "attn-toggle" }, input, element("span", {}, ...words));
  return { node, show: () => (input.checked = bound.get()) };
}

let choices = 0; // radio buttons belong together by a name that no other widget on the page has

/** The radio buttons of one choice, a button for each value; what they are called stands beside. */
export function radioInputs(bound, values) {
  choices += 1;
  const inputs = values.map((value) =>
    element("input", {
      type: "radio",
      name: `attn-${bound.name}-${choices}`,
      value,
      "data-name": bound.name,
      change: () => bound.set(value),
    }),
  );
  const show = () => values.forEach((value, i) => (inputs[i].checked = value === bound.get()));
  return { inputs, show };
}

/** Radio buttons for one of some words: `words` says what each is called. */
export function radios(bound, legend, words) {
  const { inputs, show } = radioInputs(bound, Object.keys(words));
  const labels = inputs.map((input) =>
    element("label", {}, input, element("span", {}, words[input.value])),
  );
  const title = element("legend", {}, legend);
  const node = element("fieldset", { class: "attn-choice" }, title, ...labels);
  return { node, show };
}

export function button(words, press) {
  return element("button", { type: "button", class: "attn-button", click: press }, words);
}

/** Takes the traits back to what they are now. */
export function resetButton(model, names) {
  const start = read(model, names);
  return button(SHARED_TEXT.reset, () => assign(model, start));
}

/** Controls in a row, and buttons at its end. */
export function settings(controls, ...buttons) {
  const end = element("div", { class: "attn-buttons" }, ...buttons);
  return element("div", { class: "attn-settings" }, ...controls.map(({ node }) => node), end);
}

/** The sentence that says what is to be seen; screen readers speak it when it changes. */
export function sentence() {
  const node = element("p", { class: "attn-sentence", "aria-live": "polite" });
  return { node, show: (...parts) => node.replaceChildren(...parts) };
}

/** A number on the picture. Its full precision can be read from `value`. */
export function readout(name, ...words) {
  const number = element("data", { "data-name": name });
  const node = element("div", {}, element("span", {}, ...words), number);
  const show = (x) => {
    number.value = String(x);
    number.textContent = format(x);
  };
  return { node, show };
}

/** Numbers side by side. */
export function readouts(numbers, kind = "") {
  const nodes = numbers.map(({ node }) => node);
  return element("div", { class: `attn-readouts ${kind}`.trim() }, ...nodes);
}

/**
 * Puts the widget into `el`; calls `layout(width)` whenever it gets another width, and `draw()`
 * after that and whenever one of the traits changes. Returns what undoes it.
 */
export function mount(el, model, names, content, { layout, draw }) {
  const root = element("div", { class: "attn-widget" }, ...content);
  let width = 0;
  const redraw = () => width > 0 && draw();
  const resize = new ResizeObserver(([entry]) => {
    const next = Math.round(entry.contentRect.width);
    if (next === width || next === 0) return;
    width = next;
    layout(width);
    draw();
  });
  el.append(root);
  resize.observe(root);
  names.forEach((name) => model.on(`change:${name}`, redraw));
  return () => {
    resize.disconnect();
    names.forEach((name) => model.off(`change:${name}`, redraw));
    root.remove();
  };
}

/** From data to pixels, both given as [first, last]. */
export function scale([from, to], [start, end]) {
  return (x) => start + ((x - from) / (to - from)) * (end - start);
}

/** An SVG path through points. */
export function path(points) {
  return `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`;
}

/** What a picture shows, above it. */
export function caption(words) {
  return element("p", { class: "attn-caption" }, words);
}

/** Three digits; powers of ten where there would be too many zeros. */
export function format(x) {
  const sign = x < 0 ? "−" : "";
  const size = Math.abs(x);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
    const [mantissa, exponent] = size.toExponential(1).split("e");
    return `${sign}${mantissa} × 10${superscript(Number(exponent))}`;
  }
  if (size >= 1000) return sign + Math.round(size).toLocaleString("en-US");
  return sign + (Number.isInteger(size) ? String(size) : size.toPrecision(3));
}

export function superscript(n) {
  return [...String(n)].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c])).join("");
}

/** A share as a percentage that never rounds up to all, and never needs an exponent. */
export function percent(share) {
  if (share > 0.9999) return SHARED_TEXT.almostAll;
  if (share > 0 && share < 1e-5) return SHARED_TEXT.almostNone;
  return `${Number((100 * share).toPrecision(share > 0.99 ? 4 : 2))}%`;
}

const SHARED_TEXT = {
  reset: "Reset",
  almostAll: "more than 99.99%",
  almostNone: "under 0.001%",
};
