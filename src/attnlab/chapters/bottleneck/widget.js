// Two trained models write digits backwards: one from a single vector, one that looks back.
import { columnsOf, mistakes, paired, readAndWrite } from "./mathematics.js";
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

const ROW = 25;
const MAP = { top: 20, cell: 18 };
const GAP = "–"; // where a digit is missing or too much

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
    readout("mistakes_without", TEXT.mistakesWithout),
    readout("mistakes_attending", TEXT.mistakesAttending),
    readout("on_truth", TEXT.onTruth),
  ];
  const rows = picture(TEXT.rows, { height: TEXT.row.length * ROW });
  const map = heatMap({
    side: { class: "attn-digit attn-of-query", x: -10 },
    head: { class: "attn-digit attn-of-key" },
  });
  // One height, or the slider would move.
  const height = MAP.top + (longest + 1) * MAP.cell + 2;
  const grid = picture(TEXT.map, { height }, ...mapNames(height), map.node);
  const words = sentence();
  const name = (token) => (token < n_special ? "?" : String(token - n_special));
  let parts; // what moves in the pictures
  let x; // from a place in the sequence to pixels

  function layout(width) {
    x = scale([0, longest + 1], [PLOT.left, width - PLOT.right]);
    parts = layOutRows(rows, longest);
  }

  function draw() {
    const m = model.get("length");
    const read = model.get("digits").slice(0, m);
    const source = read.map((digit) => digit + n_special);
    const wanted = source.toReversed();
    const [plain, looking] = [without, attending].map((parameters) =>
      readAndWrite(parameters, source, { bos, eos, maxLen: m + 1 }),
    );
    const written = [plain, looking].map(({ tokens }) => tokens.filter((token) => token !== eos));
    const pairings = written.map((tokens) => paired(wanted.map(name), tokens.map(name)));
    const wrong = pairings.map(mistakes);
    const steps = looking.weights.slice(0, m); // not that of the end mark
    const tops = steps.map((weights) => weights.indexOf(Math.max(...weights)));
    const onTruth = tops.filter((j, i) => j === m - 1 - i).length;
    const toTheRight = tops.filter((j, i) => j === m - i).length;
    length.show();
    own.show();
    counts[0].show(wrong[0]);
    counts[1].show(wrong[1]);
    counts[2].show(onTruth);
    const ends = [plain, looking].map(({ tokens }) => (tokens.includes(eos) ? end : null));
    drawRows(parts, x, longest, [...columnsOf(pairings), [end, ...ends]]);
    const tokens = looking.tokens.map((token) => (token === eos ? end : name(token)));
    drawMap(map, read, tokens, looking.weights, x(1) - x(0));
    words.show(describe(m, wrong, onTruth, toTheRight));
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

function describe(m, wrong, onTruth, toTheRight) {
  const [without, attending] = wrong;
  const looks = TEXT.looks[onTruth] ?? TEXT.looks.more;
  return paragraph(
    say(TEXT.mistakes[plural(m)], { m, without, attending }),
    say(looks[toTheRight] ?? looks.more, { onTruth, toTheRight }),
  );
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

function layOutRows(svg, longest) {
  // With as few mistakes as can be, no more than this are too much in both rows together.
  const slots = Array.from({ length: 2 * longest + 3 });
  const parts = TEXT.row.map((words, r) => {
    const y = r * ROW + 18;
    const name = shape("text", { class: "attn-writer", y, "data-row": r }, words);
    const digits = slots.map(() =>
      shape("text", { class: "attn-digit", y, "text-anchor": "middle" }),
    );
    const strokes = slots.map(() => shape("line", { class: "attn-strike", y1: y + 1, y2: y - 11 }));
    return { name, digits, strokes };
  });
  svg.replaceChildren(...parts.flatMap((part) => [part.name, ...part.digits, ...part.strokes]));
  return parts;
}

/** Rows under each other, by column: what is wanted, and what two models write. */
function drawRows(parts, x, longest, columns) {
  const wide = Math.min(1, (longest + 1) / columns.length); // of a place
  parts.forEach(({ digits, strokes }, r) => {
    digits.forEach((digit, i) => {
      const place = x((i + 0.5) * wide);
      const [wanted, shown = null] = [columns[i]?.[0], columns[i]?.[r]];
      const wrong = r > 0 && shown !== null && shown !== wanted;
      digit.textContent = shown === "" ? GAP : shown;
      move(digit, { x: place, "data-wrong": wrong });
      const visibility = wrong && shown !== "" ? "visible" : "hidden";
      move(strokes[i], { x1: place - 6, x2: place + 6, visibility });
    });
  });
}

/** What the map's rows and columns are. */
function mapNames(height) {
  const corner = { x: PLOT.left - 10, y: 14, "text-anchor": "end" };
  const middle = (MAP.top + height) / 2;
  const turned = { transform: `translate(12, ${middle}) rotate(-90)`, "text-anchor": "middle" };
  return [
    shape("text", { class: "attn-of-key", ...corner }, TEXT.mapColumns),
    shape("text", { class: "attn-of-query", ...turned }, TEXT.mapRows),
  ];
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
    size: 14,
  });
}

const TEXT = {
  length: "digits; 1 to 12 in training",
  digits: "digits",
  own: "your own digits",
  another: "Other digits",
  mistakesWithout: "mistakes without attention",
  mistakesAttending: "mistakes with attention",
  onTruth: "looks at the right digit",
  rowsCaption:
    "Without and with attention: struck out is wrong, – is missing or too much, {end} the end",
  rows: "Three rows of digits: what is wanted, and what is written without and with attention.",
  row: ["wanted", "without", "with"],
  mapCaption: "Where the writer with attention looks; dashed is the digit that it has to write",
  map: "A grid of weights: a row for each digit written, a column for each digit read.",
  mapColumns: "read",
  mapRows: "written",
  mistakes: {
    one: "Mistakes in {m} digit: {without} without attention, {attending} with it.",
    other: "Mistakes in {m} digits: {without} without attention, {attending} with it.",
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
