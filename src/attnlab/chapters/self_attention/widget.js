// Words that can be moved: the rows and columns of their weights glide along, or change.
import { normalRows } from "../../widgets/js/mathematics.js";
import { attendInOrder, orderErrors, placeCodes } from "./mathematics.js";
import { assign, trait } from "../../widgets/js/bindings.js";
import {
  button,
  caption,
  mount,
  plainKey,
  readout,
  readouts,
  resetButton,
  sentence,
  settings,
  toggle,
} from "../../widgets/js/controls.js";
import { heatMap } from "../../widgets/js/heat_map.js";
import { element, move, picture, put, shape } from "../../widgets/js/svg.js";
import { compose, say } from "../../widgets/js/words.js";

const SIDE = 46; // what the words take beside the rows
const OUTPUT = 56; // what the outputs take
const HEIGHT = 36; // of a row
const BAR = 9; // pixels of a bar of length 1

/**
 * @import { Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {{ order: number[], places: boolean } & Sent<{ words: string[], d: number, seed: number, base: number }>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["order", "places"]);
  const { words: tokens, d, seed, base } = model.get("_constants");
  const [x, matrices] = vectorsAndMatrices(tokens, d, seed);
  const unmoved = [...tokens.keys()];
  const codes = placeCodes(tokens.length, d, base);
  const places = toggle(trait(model, "places"), TEXT.places);
  const weightError = readout("weight_error", TEXT.weightError);
  const error = readout("error", TEXT.error);
  const words = sentence();
  const bar = wordBar(model, tokens);
  const map = weightMap(tokens, d);

  function draw() {
    const order = model.get("order");
    const coded = model.get("places");
    const now = attendInOrder(x, matrices, order, coded && codes);
    const first = attendInOrder(x, matrices, unmoved, coded && codes);
    const place = unmoved.map((word) => order.indexOf(word));
    // By words, wherever they stand.
    const weights = unmoved.map((a) => unmoved.map((b) => now.weights[place[a]][place[b]]));
    const contexts = unmoved.map((a) => now.contexts[place[a]]);
    const changed = weights.flatMap((row, a) =>
      row.map((weight, b) => Math.abs(weight - first.weights[a][b]) > 0.005),
    );
    const errors = orderErrors(now, first, order);
    weightError.show(errors.weights);
    error.show(errors.contexts);
    places.show();
    bar.show(order);
    map.show(place, weights, contexts, changed);
    const said = order.map((word) => tokens[word]).join(" ");
    words.show(describe(said, order, coded, changed.filter(Boolean).length));
  }

  const swap = button(TEXT.swap, () => {
    // Wherever they are now.
    assign(model, { order: model.get("order").map((word) => ({ 1: 5, 5: 1 })[word] ?? word) });
  });
  const content = [
    readouts([weightError, error]),
    caption(...compose(TEXT.caption, roles())),
    bar.node,
    map.node,
    settings([places], swap, resetButton(model, names)),
    words.node,
  ];
  return mount(el, model, names, content, { layout: map.layout, draw });
}

/** What rows, columns and bars stand for, in their colors. */
function roles() {
  return {
    queries: element("span", { class: "attn-of-query" }, TEXT.queries),
    keys: element("span", { class: "attn-of-key" }, TEXT.keys),
    outputs: element("span", { class: "attn-of-value" }, TEXT.outputs),
  };
}

/** A vector for each word, equal words alike, and three matrices; drawn as widget.py does. */
function vectorsAndMatrices(tokens, d, seed) {
  const rows = normalRows(tokens.length + 3 * d, d, seed);
  const matrices = [0, 1, 2].map((part) => {
    const start = tokens.length + part * d;
    return rows.slice(start, start + d).map((row) => row.map((w) => w / Math.sqrt(d)));
  });
  return [tokens.map((token) => rows[tokens.indexOf(token)]), matrices];
}

/** The sequence with the word at one place moved to another, and those between moved up. */
function moved(order, from, to) {
  const rest = order.filter((_, place) => place !== from);
  return [...rest.slice(0, to), order[from], ...rest.slice(to)];
}

/** A button for each place. The word on it goes where it is dragged, or where the arrows say. */
function wordBar(model, tokens) {
  const last = tokens.length - 1;
  /** @type {number | null} */
  let held = null; // the place of the word that the pointer has
  const hold = (place) => {
    held = place;
    buttons.forEach((button, i) => button.toggleAttribute("data-held", i === place));
  };
  const go = (from, to) => {
    if (to < 0 || to > last || to === from) return;
    assign(model, { order: moved(model.get("order"), from, to) });
    buttons[to].focus();
  };
  const keydown = (event, place) => {
    const to = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: last }[plainKey(event)];
    if (to === undefined) return;
    event.preventDefault();
    go(place, to);
  };
  const drag = (event) => {
    if (held === null) return;
    const { left, width } = row.getBoundingClientRect();
    const to = Math.floor(((event.clientX - left) / width) * tokens.length);
    const within = Math.min(last, Math.max(0, to));
    go(held, within);
    hold(within);
  };
  const buttons = tokens.map((_, place) =>
    element("button", {
      type: "button",
      class: "attn-word",
      "data-place": place,
      keydown: (event) => keydown(event, place),
      pointerdown: (event) => {
        hold(place);
        row.setPointerCapture(event.pointerId);
        buttons[place].focus();
        event.preventDefault(); // no text is selected on the way
      },
    }),
  );
  const drop = () => hold(null);
  const row = element(
    "div",
    { class: "attn-words", pointermove: drag, pointerup: drop, pointercancel: drop },
    ...buttons,
  );
  let stood = model.get("order");
  const show = (order) => {
    order.forEach((word, place) => {
      const name = tokens[word];
      if (buttons[place].textContent !== name) buttons[place].textContent = name;
      glide(buttons[place], stood.indexOf(word) - place);
      move(buttons[place], {
        "data-word": word,
        "aria-label": say(TEXT.word, { word: name, place: place + 1, all: tokens.length }),
      });
    });
    stood = order;
  };
  return { node: row, show };
}

/** Lets a button come from where its word was, so many places further. */
function glide(button, places) {
  if (places === 0) return;
  const duration = 1000 * parseFloat(getComputedStyle(button).getPropertyValue("--glide"));
  button.animate([{ transform: `translateX(${100 * places}%)` }, { transform: "none" }], {
    duration,
    easing: "ease-out",
  });
}

/** The weights of words for each other, and a group for each word; all keep their words and move. */
function weightMap(tokens, d) {
  const n = tokens.length;
  let size = 0; // of a cell
  const map = heatMap({ cell: () => digitCell(() => size / 2), gap: 2 });
  const rows = tokens.map((token) => {
    const name = shape(
      "text",
      { class: "attn-of-query", x: SIDE - 6, y: HEIGHT / 2, dy: "0.35em", "text-anchor": "end" },
      token,
    );
    const axis = shape("line", { class: "attn-even", y1: HEIGHT / 2, y2: HEIGHT / 2 });
    const bars = Array.from({ length: d }, () => shape("rect", { class: "attn-output" }));
    return { axis, bars, node: shape("g", { class: "attn-glide" }, name, axis, ...bars) };
  });
  const looks = { class: "attn-map", height: n * HEIGHT };
  const node = picture(TEXT.map, looks, ...rows.map((row) => row.node), map.node);
  const layout = (width) => (size = (width - SIDE - OUTPUT) / n);
  const show = (place, weights, contexts, changed) => {
    const box = { left: SIDE, top: 0, width: n * size, height: n * HEIGHT };
    map.show({ weights, box, place: (word) => place[word] });
    [...map.cells.children].forEach((cell, k) => move(cell, { "data-changed": changed[k] }));
    const start = SIDE + n * size + 8; // of the outputs
    const step = (OUTPUT - 8) / d;
    rows.forEach(({ node, axis, bars }, word) => {
      put(node, 0, place[word] * HEIGHT);
      move(axis, { x1: start, x2: start + d * step });
      contexts[word].forEach((entry, k) => {
        const length = Math.min(HEIGHT / 2 - 1, BAR * Math.abs(entry));
        move(bars[k], {
          x: start + k * step + 1,
          y: HEIGHT / 2 - (entry > 0 ? length : 0),
          width: step - 2,
          height: length,
          "data-context": entry,
        });
      });
    });
  };
  return { node, layout, show };
}

/** A cell that glides, with its weight in percent. */
function digitCell(middle) {
  const square = shape("rect", { x: 1, y: 1, rx: 3 });
  const digits = shape("text", { y: HEIGHT / 2, dy: "0.35em", "text-anchor": "middle" });
  const node = shape("g", { class: "attn-glide attn-pair" }, square, digits);
  const show = (weight, place, size) => {
    move(node, { style: place, "data-weight": weight });
    move(square, { style: size, "fill-opacity": (0.65 * weight).toFixed(3) });
    move(digits, { x: middle() });
    const text = String(Math.round(100 * weight));
    if (digits.textContent !== text) digits.textContent = text;
  };
  return { node, show };
}

function describe(text, order, coded, changed) {
  if (order.every((word, place) => word === place)) return say(TEXT.first, { text });
  if (!coded) return say(TEXT.moved, { text });
  return say(changed === 0 ? TEXT.codedAlike : TEXT.coded, {
    text,
    changed,
    all: order.length ** 2,
  });
}

const TEXT = {
  places: "add a code for each place",
  weightError: "a weight of two words changed by up to",
  error: "an output of a word changed by up to",
  swap: "Swap dog and man",
  caption:
    "Drag a word, or move it by the left and right arrow keys. Rows are {queries}, columns are {keys}; weights in percent, {outputs} as bars.",
  queries: "queries",
  keys: "keys",
  outputs: "outputs",
  word: "{word}, place {place} of {all}; arrow keys move it",
  map: "The weights of six words for each other, and their outputs",
  first: "“{text}”, the first order. Move a word, and see what goes with it.",
  moved:
    "“{text}”: every weight went with its two words, every output with its word; only places changed.",
  coded:
    "“{text}”: with a code for each place, {changed} of {all} weights of two words are others than in the first order (outlined).",
  codedAlike:
    "“{text}”: with a code for each place, none of {all} weights of two words are others than in the first order (outlined).",
};

export default { render };
