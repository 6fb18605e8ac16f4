// Two trained models write digits backwards: one from a single vector, one that looks back.
import { readAndWrite } from "./mathematics.js";
import { unpack } from "../../widgets/js/packing.js";
import { assign, trait } from "../../widgets/js/bindings.js";
import {
  button,
  caption,
  evenly,
  mount,
  readout,
  readouts,
  resetButton,
  sentence,
  settings,
  slider,
} from "../../widgets/js/controls.js";
import { heatMap } from "../../widgets/js/heat_map.js";
import { PLOT, element, move, picture, scale, shape } from "../../widgets/js/svg.js";
import { paragraph, plural, say } from "../../widgets/js/words.js";

const ROW = { height: 30, words: 20 };
const MAP = { top: 20, cell: 22 };

/**
 * @import { Packed, Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {{ digits: number[], length: number, _models: { without: Packed, attending: Packed } } & Sent<{ bos: number, eos: number, n_special: number, end: string }>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["digits", "length"]);
  const { bos, eos, n_special, end, limits } = model.get("_constants");
  const longest = limits.length.max;
  const start = model.get("_models");
  const without = unpack(start.without);
  const attending = unpack(start.attending);
  const length = slider(trait(model, "length"), {
    letter: "m",
    meaning: TEXT.length,
    ...evenly({ page: 4 }),
  });
  const own = digitField(model, longest);
  const counts = [
    readout("right_without", TEXT.rightWithout),
    readout("right_attending", TEXT.rightAttending),
    readout("on_truth", TEXT.onTruth),
  ];
  const rows = picture(TEXT.rows, { height: TEXT.row.length * (ROW.height + ROW.words) });
  const map = heatMap({ side: { class: "attn-digit", x: -10 }, head: { class: "attn-digit" } });
  // One height, or the slider would move.
  const height = MAP.top + (longest + 1) * MAP.cell + 2;
  const grid = picture(TEXT.map, { height }, map.node);
  const words = sentence();
  const name = (token) => {
    if (token === eos) return end;
    return token < n_special ? "?" : String(token - n_special);
  };
  let parts; // what moves in the pictures
  let x; // from a place in the sequence to pixels

  function layout(width) {
    x = scale([0, longest + 1], [PLOT.left, width - PLOT.right]);
    parts = layOutRows(rows, x, longest);
  }

  function draw() {
    const m = model.get("length");
    const read = model.get("digits").slice(0, m);
    const source = read.map((digit) => digit + n_special);
    const wanted = source.toReversed();
    const [plain, looking] = [without, attending].map((parameters) =>
      readAndWrite(parameters, source, { bos, eos, maxLen: m + 1 }),
    );
    const right = [plain, looking].map(({ tokens }) => countRight(tokens, wanted));
    const steps = looking.weights.slice(0, m); // not that of the end mark
    const tops = steps.map((weights) => weights.indexOf(Math.max(...weights)));
    const onTruth = tops.filter((j, i) => j === m - 1 - i).length;
    const toTheRight = tops.filter((j, i) => j === m - i).length;
    length.show();
    own.show();
    counts[0].show(right[0]);
    counts[1].show(right[1]);
    counts[2].show(onTruth);
    const named = [source, [...wanted, eos], plain.tokens, looking.tokens].map((row) =>
      row.map(name),
    );
    drawRows(parts, named);
    drawMap(map, read, named[3], looking.weights, x(1) - x(0));
    words.show(describe(m, right, onTruth, toTheRight));
  }

  const another = () => {
    const digits = Array.from({ length: longest }, () =>
      Math.floor((limits.digits.max + 1) * Math.random()),
    );
    assign(model, { digits });
  };
  const content = [
    readouts(counts),
    caption(say(TEXT.rowsCaption, { end })),
    rows,
    caption(TEXT.mapCaption),
    grid,
    length.node,
    settings([own], button(TEXT.another, another), resetButton(model, names)),
    words.node,
  ];
  return mount(el, model, names, content, { layout, draw });
}

function describe(m, right, onTruth, toTheRight) {
  const [without, attending] = right;
  const looks = TEXT.looks[onTruth] ?? TEXT.looks.more;
  return paragraph(
    say(TEXT.right[plural(m)][plural(without)], { m, without, attending }),
    say(looks[toTheRight] ?? looks.more, { onTruth, toTheRight }),
  );
}

/** How many tokens stand where they should. */
function countRight(tokens, wanted) {
  return wanted.filter((right, i) => tokens[i] === right).length;
}

/** A field to type digits into: they become the first ones, and their number the length. */
function digitField(model, longest) {
  const shown = () => model.get("digits").slice(0, model.get("length")).join("");
  const input = element("input", {
    type: "text",
    inputmode: "numeric",
    size: longest,
    "data-name": "digits",
    "aria-label": TEXT.own,
    input: () => {
      // Digits may come with spaces or commas between them, and more than can be read.
      const typed = (input.value.match(/[0-9]/g) ?? []).slice(0, longest).map(Number);
      if (typed.length === 0) return;
      const digits = [...typed, ...model.get("digits").slice(typed.length)];
      assign(model, { digits, length: typed.length });
    },
    blur: () => (input.value = shown()),
  });
  const show = () => {
    // Changing what is being typed would move the reader's cursor.
    if (input.ownerDocument.activeElement !== input) input.value = shown();
  };
  const node = element("label", { class: "attn-field" }, element("span", {}, TEXT.digits), input);
  return { node, show };
}

function layOutRows(svg, x, longest) {
  const parts = TEXT.row.map((words, r) => {
    const top = r * (ROW.height + ROW.words);
    const middle = { y: top + ROW.words + 20, "text-anchor": "middle" };
    const places = Array.from({ length: longest + 1 }, (_, i) => x(i + 0.5));
    const digits = places.map((at) => shape("text", { class: "attn-digit", x: at, ...middle }));
    const strokes = places.map((at) => {
      const ends = { x1: at - 7, x2: at + 7, y1: top + ROW.words + 21, y2: top + ROW.words + 9 };
      return shape("line", { class: "attn-strike", ...ends });
    });
    return { words: shape("text", { x: x(0), y: top + 14 }, words), digits, strokes };
  });
  svg.replaceChildren(...parts.flatMap((part) => [part.words, ...part.digits, ...part.strokes]));
  return parts;
}

/** Rows in words: what is read and wanted, and two that are written. */
function drawRows(parts, rows) {
  rows.forEach((row, r) => {
    parts[r].digits.forEach((digit, i) => {
      const wrong = r > 1 && row[i] !== undefined && row[i] !== rows[1][i];
      digit.textContent = row[i] ?? "";
      move(digit, { "data-wrong": wrong });
      move(parts[r].strokes[i], { visibility: wrong ? "visible" : "hidden" });
    });
  });
}

function drawMap(map, read, tokens, weights, wide) {
  const m = read.length;
  map.show({
    weights,
    box: { left: PLOT.left, top: MAP.top, width: m * wide, height: tokens.length * MAP.cell },
    rows: tokens,
    columns: read.map(String),
    framed: read.slice(0, tokens.length).map((_, i) => [i, m - 1 - i, 1, 1]),
    above: 6,
    size: 15,
  });
}

const TEXT = {
  length: "digits; 1 to 12 in training",
  digits: "digits",
  own: "your own digits",
  another: "Other digits",
  rightWithout: "right without attention",
  rightAttending: "right with attention",
  onTruth: "looks at the right digit",
  rowsCaption: "Digits that are struck out are wrong; {end} marks the end",
  rows: "Four rows of digits: read, wanted, written without and with attention.",
  row: ["read", "to be written", "written without attention", "written with attention"],
  mapCaption: "Where the model with attention looks: dashed is the digit that it has to write",
  map: "A grid of weights: a row for each digit written, a column for each digit read.",
  // By the number of digits, then by the number of those that are right without attention.
  right: {
    one: {
      one: "Of {m} digit, {without} is right without attention and {attending} with it.",
      other: "Of {m} digit, {without} are right without attention and {attending} with it.",
    },
    other: {
      one: "Of {m} digits, {without} is right without attention and {attending} with it.",
      other: "Of {m} digits, {without} are right without attention and {attending} with it.",
    },
  },
  // By how often it is on the right digit, then by how often on the one to the right of it.
  looks: {
    0: {
      0: "The largest weight of a step is never on the digit that is to be written, and never one place to the right of it.",
      1: "The largest weight of a step is never on the digit that is to be written, and once one place to the right of it.",
      2: "The largest weight of a step is never on the digit that is to be written, and twice one place to the right of it.",
      more: "The largest weight of a step is never on the digit that is to be written, and {toTheRight} times one place to the right of it.",
    },
    1: {
      0: "The largest weight of a step is once on the digit that is to be written, and never one place to the right of it.",
      1: "The largest weight of a step is once on the digit that is to be written, and once one place to the right of it.",
      2: "The largest weight of a step is once on the digit that is to be written, and twice one place to the right of it.",
      more: "The largest weight of a step is once on the digit that is to be written, and {toTheRight} times one place to the right of it.",
    },
    2: {
      0: "The largest weight of a step is twice on the digit that is to be written, and never one place to the right of it.",
      1: "The largest weight of a step is twice on the digit that is to be written, and once one place to the right of it.",
      2: "The largest weight of a step is twice on the digit that is to be written, and twice one place to the right of it.",
      more: "The largest weight of a step is twice on the digit that is to be written, and {toTheRight} times one place to the right of it.",
    },
    more: {
      0: "The largest weight of a step is {onTruth} times on the digit that is to be written, and never one place to the right of it.",
      1: "The largest weight of a step is {onTruth} times on the digit that is to be written, and once one place to the right of it.",
      2: "The largest weight of a step is {onTruth} times on the digit that is to be written, and twice one place to the right of it.",
      more: "The largest weight of a step is {onTruth} times on the digit that is to be written, and {toTheRight} times one place to the right of it.",
    },
  },
};

export default { render };
