// Two trained models write digits backwards: one from a single vector, one that looks back.
import { readAndWrite } from "./mathematics.js";
import { unpack } from "../../widgets/js/packing.js";
import {
  PLOT,
  button,
  caption,
  element,
  mount,
  move,
  readout,
  resetButton,
  scale,
  sentence,
  shape,
  slider,
} from "../../widgets/js/controls.js";

const ROW = { height: 30, words: 20 };
const ROWS = ["read", "to be written", "written without attention", "written with attention"];
const MAP = { top: 20, cell: 22 };

function render({ model, el }) {
  const names = ["digits", "length"];
  const { bos, eos, n_special, limits } = model.get("_constants");
  const longest = limits.length.max;
  const start = model.get("_models");
  const without = unpack(start.without);
  const attending = unpack(start.attending);
  const length = slider(model, "length", {
    letter: "m",
    meaning: "digits; 1 to 12 in training",
    track: Number,
    value: Math.round,
    nudge: (now, sign, page) => now + sign * (page ? 4 : 1),
    text: String,
  });
  const own = digitField(model, longest);
  const counts = [
    readout("right_without", "right without attention"),
    readout("right_attending", "right with attention"),
    readout("on_truth", "looks at the right digit"),
  ];
  const rows = shape("svg", {
    role: "img",
    height: ROWS.length * (ROW.height + ROW.words),
    "aria-label": "Four rows of digits: read, wanted, written without and with attention.",
  });
  const map = shape("svg", {
    role: "img",
    height: MAP.top + (longest + 1) * MAP.cell + 2, // one height, or the slider would move
    "aria-label": "A grid of weights: a row for each digit written, a column for each digit read.",
  });
  const words = sentence();
  const name = (token) => {
    if (token === eos) return "■";
    return token < n_special ? "?" : String(token - n_special);
  };
  let parts; // what moves in the pictures
  let x; // from a place in the sequence to pixels

  function layout(width) {
    x = scale([0, longest + 1], [PLOT.left, width - PLOT.right]);
    parts = { rows: layOutRows(rows, x, longest), map: layOutMap(map, x, longest) };
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
    drawRows(parts.rows, named);
    drawMap(parts.map, read, named[3], looking.weights);
    words.show(
      `Of ${m === 1 ? "1 digit" : `${m} digits`}, ${right[0]} ${be(right[0])} right without ` +
        `attention and ${right[1]} with it. The largest weight of a step is ${times(onTruth)} on ` +
        `the digit that is to be written, and ${times(toTheRight)} one place to the right of it.`,
    );
  }

  const another = () => {
    const digits = Array.from({ length: longest }, () =>
      Math.floor((limits.digits.max + 1) * Math.random()),
    );
    model.set("digits", digits);
    model.save_changes();
  };
  const buttons = element(
    "div",
    { class: "attn-buttons" },
    button("Other digits", another),
    resetButton(model, names),
  );
  const content = [
    element("div", { class: "attn-readouts" }, ...counts.map((count) => count.node)),
    caption("Digits that are struck out are wrong; ■ marks the end"),
    rows,
    caption("Where the model with attention looks: dashed is the digit that it has to write"),
    map,
    length.node,
    element("div", { class: "attn-settings" }, own.node, buttons),
    words.node,
  ];
  return mount(el, model, names, content, { layout, draw });
}

const be = (count) => (count === 1 ? "is" : "are");
const times = (count) => ["never", "once", "twice"][count] ?? `${count} times`;

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
    "aria-label": "your own digits",
    input: () => {
      // Digits may come with spaces or commas between them, and more than can be read.
      const typed = (input.value.match(/[0-9]/g) ?? []).slice(0, longest).map(Number);
      if (typed.length === 0) return;
      model.set("digits", [...typed, ...model.get("digits").slice(typed.length)]);
      model.set("length", typed.length);
      model.save_changes();
    },
    blur: () => (input.value = shown()),
  });
  const show = () => {
    // Changing what is being typed would move the reader's cursor.
    if (input.ownerDocument.activeElement !== input) input.value = shown();
  };
  const node = element("label", { class: "attn-field" }, element("span", {}, "digits"), input);
  return { node, show };
}

function layOutRows(svg, x, longest) {
  const parts = ROWS.map((words, r) => {
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

function layOutMap(svg, x, longest) {
  const width = x(1) - x(0);
  const place = (i, j) => ({ x: x(j), y: MAP.top + i * MAP.cell, width, height: MAP.cell });
  const each = Array.from({ length: longest + 1 }, (_, i) => i);
  const cells = each.map((i) =>
    each.slice(0, -1).map((j) => shape("rect", { class: "attn-bar", ...place(i, j) })),
  );
  const frames = each.slice(0, -1).map(() => shape("rect", { class: "attn-truth" }));
  const columns = each
    .slice(0, -1)
    .map((j) =>
      shape("text", { class: "attn-digit", x: x(j + 0.5), y: 14, "text-anchor": "middle" }),
    );
  const beside = { class: "attn-digit", x: PLOT.left - 10, "text-anchor": "end" };
  const written = each.map((i) => shape("text", { ...beside, y: MAP.top + i * MAP.cell + 16 }));
  svg.replaceChildren(...cells.flat(), ...frames, ...columns, ...written);
  return { cells, frames, columns, written, place };
}

function drawMap({ cells, frames, columns, written, place }, read, tokens, weights) {
  const m = read.length;
  columns.forEach((text, j) => (text.textContent = j < m ? String(read[j]) : ""));
  written.forEach((text, i) => (text.textContent = tokens[i] ?? ""));
  frames.forEach((frame, i) => {
    const there = i < Math.min(m, tokens.length);
    move(frame, { visibility: there ? "visible" : "hidden", ...place(i, Math.max(0, m - 1 - i)) });
  });
  cells.forEach((row, i) =>
    row.forEach((cell, j) => {
      const weight = j < m ? weights[i]?.[j] : undefined;
      if (weight === undefined) cell.removeAttribute("data-weight");
      else move(cell, { "data-weight": weight });
      move(cell, { opacity: (weight ?? 0).toFixed(3) });
    }),
  );
}

export default { render };
