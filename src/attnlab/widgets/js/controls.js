// What every widget is made of: its controls, each bound to one value, and one live sentence.
import { assign, read } from "./bindings.js";
import { element } from "./svg.js";
import { decimals, format } from "./words.js";

/** @import { Binding, Child, Limited, Model, Part, Scale, SliderOptions } from "./types.d.ts" */

/**
 * A symbol such as d_k: a letter in italics, perhaps with a lower index.
 * @type {(letter: string, index?: string) => HTMLElement}
 */
export function symbol(letter, index) {
  const parts = [element("i", {}, letter)];
  if (index) parts.push(element("sub", {}, index));
  return element("span", { class: "attn-symbol" }, ...parts);
}

/**
 * A slider from one end of the limits to the other, with its symbol, its meaning and its value.
 * @type {(bound: Limited<number>, options: SliderOptions) => Part}
 */
export function slider(bound, options) {
  const { letter, index, meaning, track, value, nudge, text = String } = options;
  const { min, max } = bound.limits;
  const shown = element("span", { class: "attn-value", "aria-hidden": "true" });
  const set = (/** @type {number} */ next) => bound.set(Math.min(max, Math.max(min, next)));
  /** @type {HTMLInputElement} */
  const input = element("input", {
    type: "range",
    min: track(min),
    max: track(max),
    step: "any",
    "data-name": bound.name,
    input: () => set(value(input.valueAsNumber)),
    change: () => place(bound.get()), // let go, the handle snaps into its place
    keydown: (/** @type {KeyboardEvent} */ event) => {
      const [sign, page] = KEYS.get(plainKey(event)) ?? [0, false];
      if (sign === 0) return;
      event.preventDefault();
      set(nudge(bound.get(), sign, page));
    },
  });
  const place = (/** @type {number} */ now) => (input.value = String(track(now)));
  const show = () => {
    const now = bound.get();
    // Writing back while the reader drags would snap the handle away from the pointer.
    if (value(input.valueAsNumber) !== now) place(now);
    shown.textContent = text(now);
    input.setAttribute("aria-valuetext", text(now));
    const filled = (track(now) - track(min)) / (track(max) - track(min));
    input.style.setProperty("--filled", `${100 * filled}%`);
  };
  const words = element("span", { class: "attn-meaning" }, meaning);
  const parts = [symbol(letter, index), words, shown, input];
  return { node: element("label", { class: "attn-slider" }, ...parts), show };
}

/**
 * What moves a slider: which way, and whether by a page.
 * @type {Map<string, [sign: number, page: boolean]>}
 */
export const KEYS = new Map([
  ["ArrowRight", [1, false]],
  ["ArrowUp", [1, false]],
  ["ArrowLeft", [-1, false]],
  ["ArrowDown", [-1, false]],
  ["PageUp", [1, true]],
  ["PageDown", [-1, true]],
]);

/**
 * The key that was pressed; none with another that makes it the browser's, as Alt and ← go back.
 * @param {KeyboardEvent} event
 */
export function plainKey({ key, altKey, ctrlKey, metaKey }) {
  return altKey || ctrlKey || metaKey ? "" : key;
}

/**
 * The scale of a slider in even steps: an arrow key goes a `step`, a page key a `page`, and the
 * handle snaps to each `grain` after `from`.
 * @type {(steps: { step?: number, page: number, grain?: number, from?: number }) => Scale}
 */
export function evenly({ step = 1, page, grain = step, from = 0 }) {
  const snap = (/** @type {number} */ x) =>
    from + Math.round((x - from) * (1 / grain)) / (1 / grain);
  return {
    track: Number,
    value: snap,
    nudge: (now, sign, paged) => snap(now + sign * (paged ? page : step)),
  };
}

/**
 * A slider along an axis, in steps of a hundredth.
 * @type {(bound: Limited<number>, options: Pick<SliderOptions, "letter" | "index" | "meaning">) => Part}
 */
export function coordinate(bound, options) {
  const steps = evenly({ step: 0.05, page: 0.5, grain: 0.01 });
  return slider(bound, { ...options, ...steps, text: decimals });
}

/**
 * The scale of a slider whose steps are doublings; a page key takes as many as `page`.
 * @type {(page: number) => Scale}
 */
export function inDoublings(page) {
  return {
    track: Math.log2,
    value: (place) => 2 ** Math.round(place),
    nudge: (now, sign, paged) => Math.round(now * 2 ** (sign * (paged ? page : 1))),
  };
}

/**
 * A switch for what is true or false.
 * @type {(bound: Binding<boolean>, ...words: Child[]) => Part}
 */
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

/**
 * The radio buttons of one choice, a button for each value; what they are called stands beside.
 * @template {string | number} Value
 * @param {Binding<Value>} bound
 * @param {Value[]} values
 */
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

/**
 * Radio buttons for one of some words: `words` says what each is called.
 * @type {(bound: Binding<string>, legend: string, words: Record<string, string>) => Part}
 */
export function radios(bound, legend, words) {
  const { inputs, show } = radioInputs(bound, Object.keys(words));
  const labels = inputs.map((input) =>
    element("label", {}, input, element("span", {}, words[input.value])),
  );
  const title = element("legend", {}, legend);
  const node = element("fieldset", { class: "attn-choice" }, title, ...labels);
  return { node, show };
}

/**
 * A list to choose one of some words from, in groups that may have names.
 * @type {(bound: Binding<string>, label: string, groups: string[][], names?: string[]) => Part}
 */
export function chooser(bound, label, groups, names = []) {
  const options = groups.map((words, i) => {
    const list = words.map((word) => element("option", {}, word));
    return i in names ? [element("optgroup", { label: names[i] }, ...list)] : list;
  });
  const change = () => bound.set(input.value);
  const input = element("select", { "data-name": bound.name, change }, ...options.flat());
  const node = element("label", { class: "attn-field" }, element("span", {}, label), input);
  return { node, show: () => (input.value = bound.get()) };
}

/**
 * Controls that few need, folded behind some words.
 * @type {(words: string, ...controls: Part[]) => { node: HTMLElement }}
 */
export function folded(words, ...controls) {
  const nodes = controls.map(({ node }) => node);
  return {
    node: element("details", { class: "attn-more" }, element("summary", {}, words), ...nodes),
  };
}

/** @type {(words: string, press: () => void) => HTMLButtonElement} */
export function button(words, press) {
  return element("button", { type: "button", class: "attn-button", click: press }, words);
}

/**
 * Takes the traits back to what they are now.
 * @type {<T>(model: Model<T>, names: readonly (keyof T)[]) => HTMLButtonElement}
 */
export function resetButton(model, names) {
  const start = read(model, names);
  return button(TEXT.reset, () => assign(model, start));
}

/**
 * Controls in a row, and buttons at its end.
 * @type {(controls: Part[], ...buttons: HTMLButtonElement[]) => HTMLElement}
 */
export function settings(controls, ...buttons) {
  const end = element("div", { class: "attn-buttons" }, ...buttons);
  return element("div", { class: "attn-settings" }, ...controls.map(({ node }) => node), end);
}

/**
 * The sentence that says what is to be seen; screen readers speak it when it changes.
 * @returns {Part<Child[]>}
 */
export function sentence() {
  const node = element("p", { class: "attn-sentence", "aria-live": "polite" });
  return { node, show: (...parts) => node.replaceChildren(...parts) };
}

/**
 * A number on the picture. Its full precision can be read from `value`.
 * @type {(name: string, ...words: Child[]) => Part<[x: number]>}
 */
export function readout(name, ...words) {
  const number = element("data", { "data-name": name });
  const node = element("div", {}, element("span", {}, ...words), number);
  const show = (/** @type {number} */ x) => {
    number.value = String(x);
    number.textContent = format(x);
  };
  return { node, show };
}

/**
 * Such numbers side by side.
 * @type {(numbers: { node: HTMLElement }[], kind?: string) => HTMLElement}
 */
export function readouts(numbers, kind = "") {
  const nodes = numbers.map(({ node }) => node);
  return element("div", { class: `attn-readouts ${kind}`.trim() }, ...nodes);
}

/** What a picture shows, above it. @param {...Child} words */
export function caption(...words) {
  return element("p", { class: "attn-caption" }, ...words);
}

/**
 * Puts the widget into `el`; calls `layout(width)` whenever it gets another width, and `draw()`
 * after that and whenever one of the traits changes. Returns what undoes it.
 * @template {object} Traits
 * @param {HTMLElement} el
 * @param {Model<Traits>} model
 * @param {readonly (keyof Traits & string)[]} names
 * @param {Node[]} content
 * @param {{ layout: (width: number) => void, draw: () => void }} picture
 */
export function mount(el, model, names, content, { layout, draw }) {
  const root = element("div", { class: "attn-widget" }, ...content);
  let width = 0;
  const redraw = () => {
    if (width > 0) draw();
  };
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

const TEXT = { reset: "Reset" };
