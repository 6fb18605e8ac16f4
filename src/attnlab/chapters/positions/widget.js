// A key and a query some places apart: their sinusoidal codes, and the hands of their rotary pairs.
import { codeSimilarities, frequencies, sinusoidalCode } from "./mathematics.js";
import { read, trait } from "../../widgets/js/bindings.js";
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
  rules,
  scale,
  shape,
  ticks,
} from "../../widgets/js/svg.js";
import { format, say, signed } from "../../widgets/js/words.js";

const MAP = { height: 150, bottom: 20 };
const CURVE = { height: 130, top: 8, bottom: 20 };
const DIALS = { count: 6, above: 20, below: 24 };
const MARKS = ["key", "query"];

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
    parts = {
      marks: layOutMarks(marks, x, n),
      curve: layOutCurve(curve, x, n),
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

function layOutMarks(svg, x, n) {
  const floor = MAP.height - MAP.bottom;
  const half = (x(1) - x(0)) / 2 + 1;
  const frames = MARKS.map((kind) =>
    shape("rect", { class: `attn-mark-${kind}`, y: 0, width: 2 * half, height: floor }),
  );
  svg.replaceChildren(...frames, ...ticks(x, MAP.height - 4, marked(n)));
  return { x, half, frames };
}

function drawMarks({ x, half, frames }, places) {
  frames.forEach((frame, i) => move(frame, { x: x(places[i]) - half }));
}

function layOutCurve(svg, x, n) {
  const y = scale([-1, 1], [CURVE.height - CURVE.bottom, CURVE.top]);
  const grid = rules([x(0), x(n - 1)], y, [-1, 0, 1], signed);
  const line = shape("path", { class: "attn-line", "data-chosen": true });
  const dots = MARKS.map((kind) => shape("circle", { class: `attn-place-${kind}`, r: 5 }));
  svg.replaceChildren(...grid, ...ticks(x, CURVE.height - 4, marked(n)), line, ...dots);
  return { x, y, line, dots };
}

function drawCurve({ x, y, line, dots }, similarities, places) {
  move(line, { d: path(similarities.map((value, t) => [x(t), y(value)])) });
  dots.forEach((dot, i) => move(dot, { cx: x(places[i]), cy: y(similarities[places[i]]) }));
}

/** They have no axis, so they take the whole width: on a phone their labels need it. */
function layOutDials(svg, width) {
  const cell = width / DIALS.count;
  const r = Math.min(34, cell / 2 - 3);
  const cy = DIALS.above + r;
  const faces = Array.from({ length: DIALS.count }, (_, i) => {
    const cx = (i + 0.5) * cell;
    const label = (y) => shape("text", { x: cx, y, "text-anchor": "middle" });
    const hands = MARKS.map((kind) =>
      shape("line", { class: `attn-hand-${kind}`, x1: cx, y1: cy }),
    );
    const [title, angle] = [label(cy - r - 6), label(cy + r + 16)];
    const node = shape(
      "g",
      {},
      shape("circle", { class: "attn-frame", cx, cy, r }),
      ...hands,
      title,
      angle,
    );
    return { node, cx, cy, hands, title, angle };
  });
  move(svg, { height: cy + r + DIALS.below });
  svg.replaceChildren(...faces.map(({ node }) => node));
  return { faces, r };
}

/** As many pairs as there are dials, from the first to the last. */
function drawDials({ faces, r }, turns, places, angles) {
  const shown = Math.min(faces.length, turns.length);
  faces.forEach(({ node, cx, cy, hands, title, angle }, i) => {
    move(node, { visibility: i < shown ? "visible" : "hidden" });
    if (i >= shown) return;
    const pair = shown === 1 ? 0 : Math.round((i * (turns.length - 1)) / (shown - 1));
    hands.forEach((hand, which) => {
      const turned = places[which] * turns[pair];
      const [dx, dy] = [Math.cos(turned), Math.sin(turned)];
      move(hand, {
        x2: cx + r * dx,
        y2: cy - r * dy,
        "data-pair": pair,
        "data-hand": `${dx} ${dy}`,
      });
    });
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
  curveCaption: "Cosine of the key's code and the code of each position",
  curve: "A curve: the cosine of the key's code and the code of every position.",
  dialsCaption: "Rotary pairs: the hands of key and query; below, how far the query's is ahead",
  dials: "Dials: for some pairs, the hands of the key and of the query.",
  pair: "pair {pair}",
  stand:
    "The key stands at {key}, the query at {query}. Wherever two positions stand, at a distance of {distance} their codes have the cosine {cosine}, and the query's first hand is {angle}° ahead.",
};

export default { render };
