// A drawing of 8 × 8 pixels: which digit the patches see in it, and how many threes are counted.
import { countOf, digitOf } from "./mathematics.js";
import { assign, read, trait } from "../../widgets/js/bindings.js";
import {
  button,
  caption,
  evenly,
  mount,
  plainKey,
  readout,
  readouts,
  resetButton,
  sentence,
  settings,
  slider,
  toggle,
} from "../../widgets/js/controls.js";
import { dragging } from "../../widgets/js/dragging.js";
import { tinted } from "../../widgets/js/heat_map.js";
import { element, move, picture, put, shape } from "../../widgets/js/svg.js";
import { paragraph, percent, plural, say } from "../../widgets/js/words.js";

const SIDE = 8;
const CELL = 20; // pixels of the page for one of the drawing
const GRID = SIDE * CELL;
const BARS = { top: 22, step: 14, height: 11 };
/** Where an arrow key takes the cursor: down, right. @type {Record<string, [number, number]>} */
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * @import { Model, Packed, Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {{ models: Record<"plain" | "shuffled" | "softmax" | "gates", Packed>, order: number[], examples: number[][] }} Stored
 * @typedef {{ pixels: number[], shuffled: boolean, copies: number, _stored: Stored } & Sent} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["pixels", "shuffled", "copies"]);
  const { models, order, examples } = model.get("_stored");
  const shuffled = toggle(trait(model, "shuffled"), TEXT.shuffled);
  const copies = slider(trait(model, "copies"), {
    letter: "k",
    meaning: TEXT.copies,
    ...evenly({ page: 2 }),
  });
  const sure = share("sure", TEXT.sure);
  const bySoftmax = share("by_softmax", TEXT.bySoftmax);
  const byGates = share("by_gates", TEXT.byGates);
  const words = sentence();
  const pad = drawingPad(model);
  const seen = Array.from({ length: SIDE * SIDE }, () => tinted("attn-ink", "data-ink"));
  const got = shape("g", {}, ...seen.map((cell) => cell.node));
  const bars = Array.from({ length: 10 }, (_, digit) => {
    const y = BARS.top + digit * BARS.step;
    const bar = shape("rect", { class: "attn-bar", y, height: BARS.height, "data-digit": digit });
    const name = shape("text", { y: y + BARS.height - 1, "text-anchor": "end" }, String(digit));
    return { bar, name };
  });
  const titles = [TEXT.drawing, TEXT.got, TEXT.says].map((title) => shape("text", {}, title));
  const all = picture(
    TEXT.picture,
    { height: GRID + BARS.top + 2, role: "group" },
    ...titles,
    pad.node,
    got,
    ...bars.flatMap(({ bar, name }) => [name, bar]),
  );
  let room = 0; // for a bar
  let size = CELL;

  function layout(/** @type {number} */ width) {
    size = Math.min(CELL, (width - 40) / 2.9 / SIDE);
    const second = SIDE * size + 14;
    const third = 2 * second + 12;
    pad.layout(size);
    [0, second, third - 8].forEach((left, i) => put(titles[i], left, 12));
    put(pad.node, 0, BARS.top);
    put(got, second, BARS.top);
    bars.forEach(({ bar, name }) => {
      move(bar, { x: third });
      move(name, { x: third - 4 });
    });
    room = Math.min(150, width - third - 2);
    seen.forEach((cell, i) => cell.show(0, ...placed(i, size)));
  }

  function draw() {
    const now = read(model, names);
    const empty = now.pixels.every((pixel) => pixel === 0);
    const given = now.shuffled ? order.map((from) => now.pixels[from]) : now.pixels;
    const p = digitOf(models[now.shuffled ? "shuffled" : "plain"], given);
    const soft = countOf(models.softmax, now.pixels, now.copies, false);
    const gated = countOf(models.gates, now.pixels, now.copies, true);
    shuffled.show();
    copies.show();
    pad.show(now.pixels);
    seen.forEach((cell, i) => cell.show(given[i], ...placed(i, size)));
    bars.forEach(({ bar }, digit) => {
      move(bar, { width: empty ? 0 : room * p[digit], "data-p": empty ? "" : p[digit] });
    });
    const digit = largest(p);
    sure.show(empty ? NaN : p[digit]);
    bySoftmax.show(empty ? NaN : soft[now.copies - 1]);
    byGates.show(empty ? NaN : gated[now.copies - 1]);
    const places = {
      digit,
      p: percent(p[digit]),
      copies: now.copies,
      soft: largest(soft) + 1,
      gates: largest(gated) + 1,
    };
    words.show(
      empty
        ? TEXT.empty
        : paragraph(
            say(now.shuffled ? TEXT.readShuffled : TEXT.read, places),
            say(TEXT.counted[plural(now.copies)], places),
          ),
    );
  }

  const stamps = examples.map((pixels, digit) => {
    const key = button(String(digit), () => assign(model, { pixels: [...pixels] }));
    move(key, { "aria-label": say(TEXT.stamp, { digit }) });
    return key;
  });
  const clear = button(TEXT.clear, () => assign(model, { pixels: Array(SIDE * SIDE).fill(0) }));
  const content = [
    readouts([sure, bySoftmax, byGates], "attn-three"),
    caption(TEXT.caption),
    all,
    settings([shuffled], clear, resetButton(model, names)),
    copies.node,
    words.node,
    element("div", { class: "attn-stamps" }, ...stamps),
  ];
  return mount(el, model, names, content, { layout, draw });
}

/** Where a pixel stands, and how large it is. @type {(i: number, size: number) => [string, string]} */
const placed = (i, size) => [
  `transform: translate(${(i % SIDE) * size}px, ${Math.floor(i / SIDE) * size}px)`,
  `width: ${size - 1}px; height: ${size - 1}px`,
];

/** The place of the largest number. @param {Float64Array} p */
const largest = (p) => p.indexOf(Math.max(...p));

/** A share that there may be none of. @param {string} name @param {string} words */
function share(name, words) {
  const part = readout(name, words);
  const number = /** @type {HTMLElement} */ (part.node.lastElementChild);
  const show = (/** @type {number} */ x) => {
    part.show(x);
    number.textContent = Number.isNaN(x) ? TEXT.nothing : x.toFixed(2);
  };
  return { node: part.node, show };
}

/**
 * Pixels to draw on: a drag paints, or wipes where it began on ink; arrow keys move a cursor, and
 * Space paints or wipes.
 * @param {Model<Traits>} model
 */
function drawingPad(model) {
  let size = CELL;
  let ink = 1; // what the drag that is on leaves behind
  let cursor = [3, 3]; // row, column
  const cells = Array.from({ length: SIDE * SIDE }, () => tinted("attn-ink", "data-ink"));
  const frame = shape("rect", { class: "attn-paper", x: 0, y: 0 });
  const here = shape("rect", { class: "attn-cursor" });
  const at = (/** @type {number} */ x, /** @type {number} */ y) => {
    const { left, top } = frame.getBoundingClientRect();
    const svg = /** @type {SVGElement} */ (frame.ownerSVGElement).getBoundingClientRect();
    return [y - (top - svg.top), x - (left - svg.left)].map((place) => Math.floor(place / size));
  };
  const paint = (/** @type {number} */ row, /** @type {number} */ column) => {
    if (Math.min(row, column) < 0 || Math.max(row, column) >= SIDE) return;
    assign(model, { pixels: model.get("pixels").with(row * SIDE + column, ink) });
  };
  const inkAt = (/** @type {number} */ row, /** @type {number} */ column) =>
    model.get("pixels")[row * SIDE + column] > 0.5 ? 0 : 1;
  const node = shape(
    "g",
    {
      class: "attn-pad",
      tabindex: 0,
      role: "application",
      "data-name": "pixels",
      "aria-label": TEXT.pad,
      keydown: (/** @type {KeyboardEvent} */ event) => {
        const key = plainKey(event) ?? "";
        if (key in ARROWS) {
          cursor = cursor.map((place, i) =>
            Math.max(0, Math.min(SIDE - 1, place + ARROWS[key][i])),
          );
          placeCursor();
        } else if (key === " ") {
          ink = inkAt(cursor[0], cursor[1]);
          paint(cursor[0], cursor[1]);
        } else return;
        event.preventDefault();
      },
      ...dragging(
        (x, y) => {
          const [row, column] = at(x, y);
          paint(row, column);
        },
        (x, y) => {
          const [row, column] = at(x, y);
          ink = inkAt(row, column);
          cursor = [row, column];
          placeCursor();
          paint(row, column);
        },
      ),
    },
    frame,
    ...cells.map((cell) => cell.node),
    here,
  );
  const placeCursor = () => move(here, { x: cursor[1] * size, y: cursor[0] * size });

  function layout(/** @type {number} */ now) {
    size = now;
    move(frame, { width: SIDE * size, height: SIDE * size });
    move(here, { width: size, height: size });
    placeCursor();
  }
  const show = (/** @type {number[]} */ pixels) =>
    cells.forEach((cell, i) => cell.show(pixels[i], ...placed(i, size)));
  return { node, layout, show };
}

const TEXT = {
  shuffled: "shuffle the pixels",
  copies: "copies of the drawing, to be counted",
  sure: "the digit named",
  bySoftmax: "k threes, softmax",
  byGates: "k threes, gates",
  nothing: "–",
  caption: "Draw: drag over the pixels, or use arrow keys and the space bar",
  picture:
    "Left, the drawing. In the middle, the pixels as the network gets them. Right, a bar for each digit: its probability.",
  pad: "The drawing: arrow keys move, the space bar paints or wipes",
  drawing: "your drawing",
  got: "what it gets",
  says: "what it says",
  stamp: "Stamp a {digit}",
  clear: "Clear",
  empty: "Nothing is drawn, so there is nothing to read and nothing to count.",
  read: "The patches read a {digit}, at {p}.",
  readShuffled: "Trained on shuffled pixels, the patches read a {digit}, at {p}.",
  counted: {
    one: "Looking for one to four threes in one copy, softmax weights count {soft} and gates {gates}.",
    other:
      "Looking for one to four threes in {copies} copies, softmax weights count {soft} and gates {gates}.",
  },
};

export default { render };
