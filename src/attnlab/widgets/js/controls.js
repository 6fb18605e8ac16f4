// What every widget is made of: its controls, one live sentence, and small helpers to draw.

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

/**
 * A slider for a trait, with its symbol, its meaning and its value. It goes from one end of the
 * trait's limits to the other, as Python has declared them.
 * `track` takes a value to its place on the slider and `value` takes it back (a logarithm, say);
 * `nudge(value, sign, page)` is what the arrow and page keys do.
 */
export function slider(model, name, options) {
  const { letter, index, meaning, track, value, nudge, text } = options;
  const { min, max } = options.limits ?? model.get("_constants").limits[name];
  const shown = element("span", { class: "attn-value", "aria-hidden": "true" });
  const set = (next) => assign(model, { [name]: Math.min(max, Math.max(min, next)) });
  const input = element("input", {
    type: "range",
    min: track(min),
    max: track(max),
    step: "any",
    "data-name": name,
    input: () => set(value(input.valueAsNumber)),
    change: () => (input.value = track(model.get(name))), // let go, the handle snaps into its place
    keydown: (event) => {
      const [sign, page] = KEYS[event.key] ?? [0, false];
      if (sign === 0) return;
      event.preventDefault();
      set(nudge(model.get(name), sign, page));
    },
  });
  const show = () => {
    const now = model.get(name);
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

/** A switch for a trait that is true or false. */
export function toggle(model, name, ...words) {
  const input = element("input", {
    type: "checkbox",
    role: "switch",
    "data-name": name,
    change: () => assign(model, { [name]: input.checked }),
  });
  const node = element("label", { class: "attn-toggle" }, input, element("span", {}, ...words));
  return { node, show: () => (input.checked = model.get(name)) };
}

let choices = 0; // radio buttons belong together by a name that no other widget on the page has

/** Radio buttons for a trait that is one of some words: `words` says what each is called. */
export function radios(model, name, legend, words) {
  choices += 1;
  const inputs = Object.keys(words).map((value) =>
    element("input", {
      type: "radio",
      name: `attn-${name}-${choices}`,
      value,
      "data-name": name,
      change: () => assign(model, { [name]: value }),
    }),
  );
  const labels = inputs.map((input) =>
    element("label", {}, input, element("span", {}, words[input.value])),
  );
  const title = element("legend", {}, legend);
  const node = element("fieldset", { class: "attn-choice" }, title, ...labels);
  const show = () => inputs.forEach((input) => (input.checked = input.value === model.get(name)));
  return { node, show };
}

export function button(words, press) {
  return element("button", { type: "button", class: "attn-button", click: press }, words);
}

/** Takes the traits back to what they are now. */
export function resetButton(model, names) {
  const start = Object.fromEntries(names.map((name) => [name, model.get(name)]));
  return button("Reset", () => assign(model, start));
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

function assign(model, values) {
  for (const [name, value] of Object.entries(values)) model.set(name, value);
  model.save_changes();
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
  if (share > 0.9999) return "more than 99.99%";
  if (share > 0 && share < 1e-5) return "under 0.001%";
  return `${Number((100 * share).toPrecision(share > 0.99 ? 4 : 2))}%`;
}
