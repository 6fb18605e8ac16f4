// A key and a query some places apart: their sinusoidal codes, and the hands of their rotary pairs.
import { codeSimilarities, frequencies, sinusoidalCode } from "./mathematics.js";
import { read, trait } from "../../widgets/js/bindings.js";
import { grip, knob, seeking } from "../../widgets/js/chart_handle.js";
import {
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
import {
  PLOT,
  colorOf,
  element,
  move,
  numbersFrom,
  path,
  picture,
  put,
  rules,
  scale,
  shape,
  ticks,
} from "../../widgets/js/svg.js";
import { format, say, signed } from "../../widgets/js/words.js";

const MAP = { height: 168, top: 18, bottom: 20 };
const CURVE = { height: 130, top: 8, bottom: 20 };
const NAME = 62; // pixels, the longest name of a place
const DIALS = { count: 6, above: 20, below: 24 };
const MARKS = [
  { kind: "key", color: "attn-of-key", side: -1 },
  { kind: "query", color: "attn-of-query", side: 1 },
];

/**
 * @import { Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {{ d_model: number, position: number, distance: number } & Sent<{ n: number, base: number }>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["d_model", "position", "distance"]);
  const { n, base } = model.get("_constants");
  const sliders = [
    slider(trait(model, "position"), {
      letter: "j",
      meaning: TEXT.position,
      ...evenly({ page: 10 }),
    }),
    slider(trait(model, "distance"), {
      letter: "k",
      meaning: TEXT.distance,
      ...evenly({ page: 5 }),
    }),
    slider(trait(model, "d_model"), {
      letter: "d",
      index: "model",
      meaning: TEXT.d_model,
      ...evenly({ step: 2, page: 8 }),
    }),
  ];
  const similar = readout("similarity", TEXT.similarity);
  const fast = readout("fastest", TEXT.fastest);
  const slow = readout("slowest", TEXT.slowest);
  const canvas = element("canvas", { width: n, "aria-hidden": "true" });
  const marks = picture(TEXT.code, { height: MAP.height });
  const curve = picture(TEXT.curve, { height: CURVE.height });
  const dials = picture(TEXT.dials);
  const words = sentence();
  let parts; // what moves in the pictures
  let code; // rows of the d_model drawn last

  function layout(width) {
    const x = scale([0, n - 1], [PLOT.left, width - PLOT.right]);
    const back = scale([x(0), x(n - 1)], [0, n - 1]);
    const at = (left) => Math.round(back(left));
    // The query is taken where it is; everywhere else it is the key.
    const seeks = [
      seeking(trait(model, "position"), at),
      seeking(trait(model, "distance"), (left) => at(left) - model.get("position")),
    ];
    parts = {
      marks: layOutMarks(marks, x, n, seeks),
      curve: layOutCurve(curve, x, n, seeks),
      dials: layOutDials(dials, width),
    };
  }

  function draw() {
    const now = read(model, names);
    const places = [now.position, now.position + now.distance];
    if (code?.[0].length !== now.d_model) code = sinusoidalCode(n, now.d_model, base);
    const similarities = codeSimilarities(code, places[0]);
    const turns = frequencies(now.d_model, base);
    const angles = turns.map((turn) => degrees(turn * now.distance));
    sliders.forEach((control) => control.show());
    similar.show(similarities[places[1]]);
    fast.show(angles[0]);
    slow.show(angles[angles.length - 1]);
    drawCode(canvas, code);
    drawMarks(parts.marks, places);
    drawCurve(parts.curve, similarities, places);
    drawDials(parts.dials, turns, places, angles);
    words.show(
      say(TEXT.stand, {
        key: places[0],
        query: places[1],
        distance: now.distance,
        cosine: format(similarities[places[1]]),
        angle: angles[0].toFixed(1),
      }),
    );
  }

  const content = [
    readouts([similar, fast, slow], "attn-three"),
    caption(TEXT.codeCaption),
    element("div", { class: "attn-code" }, canvas, marks),
    caption(TEXT.curveCaption),
    curve,
    caption(TEXT.dialsCaption),
    dials,
    ...sliders.map((control) => control.node),
    settings([], resetButton(model, names)),
    words.node,
  ];
  return mount(el, model, names, content, { layout, draw });
}

/** An angle in degrees, from 0 up to a full turn. */
function degrees(angle) {
  return ((angle * 180) / Math.PI) % 360;
}

/** Ink for 1, nothing for −1. */
function drawCode(canvas, code) {
  const [n, d] = [code.length, code[0].length];
  canvas.height = d;
  const context = canvas.getContext("2d");
  const image = context.createImageData(n, d);
  const ink = colorOf(canvas);
  code.forEach((row, t) =>
    row.forEach((value, c) => image.data.set([...ink, 127.5 * (value + 1)], 4 * (c * n + t))),
  );
  context.putImageData(image, 0, 0);
}

/** The positions that are named below a picture, the last among them. */
function marked(n) {
  return [...numbersFrom(0, n - 2, 32), n - 1];
}

/** What takes the pointer in a picture: for the key all of it, for the query a strip that moves. */
function grips(x, n, [top, bottom], [key, query]) {
  const all = grip({ left: x(0), right: x(n - 1), top, bottom }, key);
  const strip = grip({ left: 0, right: 0, top, bottom }, query);
  return [all, strip];
}

function layOutMarks(svg, x, n, seeks) {
  const floor = MAP.height - MAP.bottom;
  const half = (x(1) - x(0)) / 2 + 1;
  const box = { x: -half, y: MAP.top, width: 2 * half, height: floor - MAP.top };
  const frames = MARKS.map(({ kind }) =>
    shape("rect", { class: `attn-mark-${kind} attn-glide`, ...box }),
  );
  const names = MARKS.map(({ color, side }) =>
    shape("text", { class: `${color} attn-glide`, "text-anchor": side < 0 ? "end" : "start" }),
  );
  const [all, strip] = grips(x, n, [0, floor], seeks);
  svg.replaceChildren(...frames, ...ticks(x, MAP.height - 4, marked(n)), ...names, all, strip);
  return { x, last: x(n - 1) + PLOT.right - NAME, frames, names, strip };
}

function drawMarks({ x, last, frames, names, strip }, places) {
  frames.forEach((frame, i) => put(frame, x(places[i])));
  names.forEach((name, i) => {
    put(name, i === 0 ? x(places[0]) - 3 : Math.min(x(places[1]) + 3, last), MAP.top - 5);
    name.textContent = say(TEXT.places[MARKS[i].kind], { place: places[i] });
  });
  put(strip, x(places[1]));
}

function layOutCurve(svg, x, n, seeks) {
  const y = scale([-1, 1], [CURVE.height - CURVE.bottom, CURVE.top]);
  const grid = rules([x(0), x(n - 1)], y, [-1, 0, 1], signed);
  const line = shape("path", { class: "attn-line", "data-chosen": true });
  const knobs = MARKS.map(({ color, side }) => knob(color, [side]));
  const [all, strip] = grips(x, n, [0, CURVE.height], seeks);
  const names = ticks(x, CURVE.height - 4, marked(n));
  svg.replaceChildren(...grid, ...names, line, ...knobs, all, strip);
  return { x, y, line, knobs, strip };
}

function drawCurve({ x, y, line, knobs, strip }, similarities, places) {
  move(line, { d: path(similarities.map((value, t) => [x(t), y(value)])) });
  knobs.forEach((one, i) => put(one, x(places[i]), y(similarities[places[i]])));
  put(strip, x(places[1]));
}

/** They have no axis, so they take the whole width: on a phone their labels need it. */
function layOutDials(svg, width) {
  const cell = width / DIALS.count;
  const r = Math.min(34, cell / 2 - 3);
  const cy = DIALS.above + r;
  const faces = Array.from({ length: DIALS.count }, (_, i) => {
    const cx = (i + 0.5) * cell;
    const label = (y) => shape("text", { x: cx, y, "text-anchor": "middle" });
    const between = shape("path", { class: "attn-between" });
    const hands = MARKS.map(({ kind }) =>
      shape("line", { class: `attn-hand-${kind}`, x1: cx, y1: cy }),
    );
    const [title, angle] = [label(cy - r - 6), label(cy + r + 16)];
    const node = shape(
      "g",
      {},
      shape("circle", { class: "attn-frame", cx, cy, r }),
      between,
      ...hands,
      title,
      angle,
    );
    return { node, cx, cy, between, hands, title, angle };
  });
  move(svg, { height: cy + r + DIALS.below });
  svg.replaceChildren(...faces.map(({ node }) => node));
  return { faces, r };
}

/** As many pairs as there are dials, from the first to the last. */
function drawDials({ faces, r }, turns, places, angles) {
  const shown = Math.min(faces.length, turns.length);
  faces.forEach(({ node, cx, cy, between, hands, title, angle }, i) => {
    move(node, { visibility: i < shown ? "visible" : "hidden" });
    if (i >= shown) return;
    const pair = shown === 1 ? 0 : Math.round((i * (turns.length - 1)) / (shown - 1));
    const ends = hands.map((hand, which) => {
      const turned = places[which] * turns[pair];
      const [dx, dy] = [Math.cos(turned), Math.sin(turned)];
      const [x2, y2] = [cx + r * dx, cy - r * dy];
      move(hand, { x2, y2, "data-pair": pair, "data-hand": `${dx} ${dy}` });
      return `${x2.toFixed(1)} ${y2.toFixed(1)}`;
    });
    const far = Number(angles[pair] > 180);
    move(between, { d: `M${cx} ${cy}L${ends[0]}A${r} ${r} 0 ${far} 0 ${ends[1]}Z` });
    title.textContent = say(TEXT.pair, { pair });
    angle.textContent = `${angles[pair].toFixed(1)}°`;
  });
}

const TEXT = {
  position: "position of the key",
  distance: "places from key to query",
  d_model: "width of a code",
  similarity: "cosine of the two codes",
  fastest: "first pair, degrees ahead",
  slowest: "last pair, degrees ahead",
  codeCaption:
    "The codes, a column for each position, the first pair at the top: −1 as the page, 1 as the text",
  code: "The codes: a column for each position, from −1, as the page, to 1, as the text.",
  curveCaption:
    "Cosine of the key’s code and the code of each position. Drag the key or the query; a click takes the key there.",
  places: { key: "key {place}", query: "query {place}" },
  curve: "A curve: the cosine of the key’s code and the code of every position.",
  dialsCaption: "Rotary pairs: the hands of key and query; below, how far the query’s is ahead",
  dials: "Dials: for some pairs, the hands of the key and of the query.",
  pair: "pair {pair}",
  stand:
    "The key stands at {key}, the query at {query}. Wherever two positions stand, at a distance of {distance} their codes have the cosine {cosine}, and the query’s first hand is {angle}° ahead.",
};

export default { render };
