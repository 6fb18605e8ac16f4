// Words that can be moved: the rows and columns of their weights glide along, or change.
import { normalRows } from "../../widgets/js/mathematics.js";
import { attendInOrder, orderErrors, placeCodes } from "./mathematics.js";
import {
  button,
  caption,
  element,
  mount,
  move,
  readout,
  resetButton,
  sentence,
  shape,
  toggle,
} from "../../widgets/js/controls.js";

const SIDE = 46; // what the words take beside the rows
const OUTPUT = 56; // what the outputs take
const HEIGHT = 36; // of a row
const BAR = 9; // pixels of a bar of length 1

function render({ model, el }) {
  const names = ["order", "places"];
  const { words: tokens, d, seed, base } = model.get("_constants");
  const [x, matrices] = vectorsAndMatrices(tokens, d, seed);
  const unmoved = [...tokens.keys()];
  const codes = placeCodes(tokens.length, d, base);
  const places = toggle(model, "places", "add a code for each place");
  const weightError = readout("weight_error", "a weight of two words changed by up to");
  const error = readout("error", "an output of a word changed by up to");
  const words = sentence();
  const bar = wordBar(model, tokens);
  const picture = weightMap(tokens, d);

  function draw() {
    const order = model.get("order");
    const coded = model.get("places");
    const now = attendInOrder(x, matrices, order, coded && codes);
    const first = attendInOrder(x, matrices, unmoved, coded && codes);
    const changed = order.map((a, i) =>
      order.map((b, j) => Math.abs(now.weights[i][j] - first.weights[a][b]) > 0.005),
    );
    const errors = orderErrors(now, first, order);
    weightError.show(errors.weights);
    error.show(errors.contexts);
    places.show();
    bar.show(order);
    picture.show(order, now, changed);
    const said = order.map((word) => tokens[word]);
    words.show(describe(said, order, coded, changed.flat().filter(Boolean).length));
  }

  const swap = button("Swap dog and man", () => {
    // Wherever they are now.
    arrange(
      model,
      model.get("order").map((word) => ({ 1: 5, 5: 1 })[word] ?? word),
    );
  });
  const buttons = element("div", { class: "attn-buttons" }, swap, resetButton(model, names));
  const content = [
    element("div", { class: "attn-readouts" }, weightError.node, error.node),
    caption(
      "Drag a word, or move it by the left and right arrow keys. Rows ask, columns are asked; weights in percent, outputs as bars.",
    ),
    bar.node,
    picture.node,
    element("div", { class: "attn-settings" }, places.node, buttons),
    words.node,
  ];
  return mount(el, model, names, content, { layout: picture.layout, draw });
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

function arrange(model, order) {
  model.set("order", order);
  model.save_changes();
}

/** The sequence with the word at one place moved to another, and those between moved up. */
function moved(order, from, to) {
  const rest = order.filter((_, place) => place !== from);
  return [...rest.slice(0, to), order[from], ...rest.slice(to)];
}

/** A button for each place. The word on it goes where it is dragged, or where the arrows say. */
function wordBar(model, tokens) {
  const last = tokens.length - 1;
  let held = null; // the place of the word that the pointer has
  const go = (from, to) => {
    if (to < 0 || to > last || to === from) return;
    arrange(model, moved(model.get("order"), from, to));
    buttons[to].focus();
  };
  const keydown = (event, place) => {
    const to = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: last }[event.key];
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
    held = within;
  };
  const buttons = tokens.map((_, place) =>
    element("button", {
      type: "button",
      class: "attn-word",
      "data-place": place,
      keydown: (event) => keydown(event, place),
      pointerdown: (event) => {
        held = place;
        row.setPointerCapture(event.pointerId);
        buttons[place].focus();
        event.preventDefault(); // no text is selected on the way
      },
    }),
  );
  const drop = () => (held = null);
  const row = element(
    "div",
    { class: "attn-words", pointermove: drag, pointerup: drop, pointercancel: drop },
    ...buttons,
  );
  const show = (order) =>
    order.forEach((word, place) => {
      const name = tokens[word];
      if (buttons[place].textContent !== name) buttons[place].textContent = name;
      move(buttons[place], {
        "data-word": word,
        "aria-label": `${name}, place ${place + 1} of ${tokens.length}; arrow keys move it`,
      });
    });
  return { node: row, show };
}

/** One group for each pair of words, one for each word; they keep their words and change places. */
function weightMap(tokens, d) {
  const n = tokens.length;
  const cells = tokens.map(() => tokens.map(() => cell()));
  const rows = tokens.map((token) => {
    const name = shape(
      "text",
      { x: SIDE - 6, y: HEIGHT / 2, dy: "0.35em", "text-anchor": "end" },
      token,
    );
    const axis = shape("line", { class: "attn-even", y1: HEIGHT / 2, y2: HEIGHT / 2 });
    const bars = Array.from({ length: d }, () => shape("rect", { class: "attn-output" }));
    return { axis, bars, node: shape("g", { class: "attn-glide" }, name, axis, ...bars) };
  });
  const node = shape(
    "svg",
    {
      class: "attn-map",
      height: n * HEIGHT,
      role: "img",
      "aria-label": "The weights of six words for each other, and their outputs",
    },
    ...rows.map((row) => row.node),
    ...cells.flat().map((one) => one.node),
  );
  let size = 0;
  const layout = (width) => (size = (width - SIDE - OUTPUT) / n);
  const show = (order, { weights, contexts }, changed) => {
    const start = SIDE + n * size + 8; // of the outputs
    const step = (OUTPUT - 8) / d;
    order.forEach((a, i) => {
      move(rows[a].node, { style: `transform: translate(0px, ${i * HEIGHT}px)` });
      move(rows[a].axis, { x1: start, x2: start + d * step });
      contexts[i].forEach((entry, k) => {
        const length = Math.min(HEIGHT / 2 - 1, BAR * Math.abs(entry));
        move(rows[a].bars[k], {
          x: start + k * step + 1,
          y: HEIGHT / 2 - (entry > 0 ? length : 0),
          width: step - 2,
          height: length,
          "data-context": entry,
        });
      });
      order.forEach((b, j) =>
        cells[a][b].show(SIDE + j * size, i * HEIGHT, size, weights[i][j], changed[i][j]),
      );
    });
  };
  return { node, layout, show };
}

function cell() {
  const square = shape("rect", { x: 1, y: 1, height: HEIGHT - 2, rx: 3 });
  const digits = shape("text", { y: HEIGHT / 2, dy: "0.35em", "text-anchor": "middle" });
  const node = shape("g", { class: "attn-glide attn-pair" }, square, digits);
  const show = (x, y, size, weight, changed) => {
    move(node, {
      style: `transform: translate(${x}px, ${y}px); --share: ${65 * weight}%`,
      "data-weight": weight,
      "data-changed": changed,
    });
    move(square, { width: size - 2 });
    move(digits, { x: size / 2 });
    const text = String(Math.round(100 * weight));
    if (digits.textContent !== text) digits.textContent = text;
  };
  return { node, show };
}

function describe(said, order, coded, changed) {
  const text = `“${said.join(" ")}”`;
  if (order.every((word, place) => word === place)) {
    return `${text}, the first order. Move a word, and see what goes with it.`;
  }
  if (!coded)
    return `${text}: every weight went with its two words, every output with its word; only places changed.`;
  const count = changed === 0 ? "none" : changed;
  return `${text}: with a code for each place, ${count} of ${order.length ** 2} weights of two words are others than in the first order (outlined).`;
}

export default { render };
