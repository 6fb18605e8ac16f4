// One query in the plane: the score of every place where a key could be, and six keys' weights.
import { entropy, softmax } from "../../widgets/js/mathematics.js";
import { scoresOf } from "./mathematics.js";
import { assign, entry, read, trait } from "../../widgets/js/bindings.js";
import {
  caption,
  evenly,
  mount,
  radios,
  readout,
  readouts,
  resetButton,
  sentence,
  settings,
  slider,
} from "../../widgets/js/controls.js";
import { axes, colorOf, element, move, scale, shape } from "../../widgets/js/svg.js";
import { brief, percent, say, signed } from "../../widgets/js/words.js";

const EDGE = 2.25; // of the plane, a little more than a query's numbers can be
const CELLS = 120; // of the field, along each side
const DARKEST = 6; // a score of so much gets the deepest shade

/**
 * @import { Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {{ function: string, query: number[] } & Sent<{ keys: number[][], key_names: string[], fixed: Parameters<typeof scoresOf>[3] }>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["function", "query"]);
  const { keys, key_names, fixed } = model.get("_constants");
  const choice = radios(trait(model, "function"), TEXT.choice, TEXT.functions);
  const sliders = [TEXT.across, TEXT.up].map((meaning, i) =>
    slider(
      entry(model, "query", () => i, `query_${i + 1}`),
      {
        letter: "q",
        index: String(i + 1),
        meaning,
        ...evenly({ step: 0.05, page: 0.5, grain: 0.01 }),
        text: (now) => signed(now.toFixed(2)),
      },
    ),
  );
  const winning = readout("score", TEXT.winning);
  const largest = readout("largest", TEXT.largest);
  const inEffect = readout("keys_in_effect", TEXT.inEffect);
  const canvas = element("canvas", { width: CELLS, height: CELLS, "aria-hidden": "true" });
  const svg = shape("svg", { role: "group", "aria-label": TEXT.plane });
  const plane = element("div", { class: "attn-plane" }, canvas, svg);
  const words = sentence();
  let parts; // what moves in the picture

  function layout(width) {
    const side = Math.min(width, 420);
    plane.style.width = `${side}px`;
    parts = layOut(svg, side, model);
  }

  function draw() {
    const now = read(model, names);
    const scores = scoresOf(now.function, now.query, keys, fixed);
    const weights = softmax(scores);
    const top = scores.indexOf(Math.max(...scores));
    [choice, ...sliders].forEach((control) => control.show());
    winning.show(scores[top]);
    largest.show(weights[top]);
    inEffect.show(Math.exp(entropy(weights)));
    drawField(canvas, scoresOf(now.function, now.query, PLACES, fixed));
    drawPoints(parts, now.query, scores, weights, top);
    words.show(describe(now, keys, key_names, scores, weights, top));
  }

  const content = [
    choice.node,
    readouts([winning, largest, inEffect]),
    caption(TEXT.field),
    plane,
    ...sliders.map((control) => control.node),
    settings([], resetButton(model, names)),
    words.node,
  ];
  return mount(el, model, names, content, { layout, draw });
}

function describe(now, keys, names, scores, weights, top) {
  const flat = Math.max(...scores) - Math.min(...scores) < 1e-9;
  const distances = keys.map((key) => Math.hypot(key[0] - now.query[0], key[1] - now.query[1]));
  const nearest = distances.indexOf(Math.min(...distances));
  const apart = nearest === top ? TEXT.nearest : TEXT.notNearest;
  return say(flat ? TEXT.flat : apart, {
    function: TEXT.functions[now.function],
    top: names[top],
    most: percent(weights[top]),
    nearest: names[nearest],
    share: percent(weights[nearest]),
  });
}

function hundredths(x) {
  return Math.round(100 * x) / 100 || 0;
}

const ARROWS = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

function layOut(svg, side, model) {
  const { keys, key_names, limits } = model.get("_constants");
  const { min, max } = limits.query;
  const x = scale([-EDGE, EDGE], [0, side]);
  const y = scale([-EDGE, EDGE], [side, 0]);
  const set = (query) =>
    assign(model, {
      query: query.map((at) => hundredths(Math.min(max, Math.max(min, at)))),
    });
  const follow = (event) => {
    const box = svg.getBoundingClientRect();
    const share = [
      (event.clientX - box.left) / box.width,
      (box.bottom - event.clientY) / box.height,
    ];
    set(share.map((part) => EDGE * (2 * part - 1)));
  };
  const handle = shape("circle", {
    class: "attn-asker",
    r: 9,
    tabindex: 0,
    role: "application",
    "aria-label": TEXT.handle,
    keydown: (event) => {
      const step = ARROWS[event.key];
      if (!step) return;
      event.preventDefault();
      set(model.get("query").map((at, i) => at + 0.05 * step[i]));
    },
  });
  const surface = shape("rect", { class: "attn-surface", width: side, height: side });
  // The whole plane takes the pointer, so that a finger need not hit the handle.
  const down = (event) => {
    svg.setPointerCapture(event.pointerId);
    follow(event);
    handle.focus({ preventScroll: true });
    event.preventDefault();
  };
  svg.onpointerdown = down;
  svg.onpointermove = (event) => svg.hasPointerCapture(event.pointerId) && follow(event);
  const discs = keys.map(([a, b]) => shape("circle", { class: "attn-share", cx: x(a), cy: y(b) }));
  const dots = keys.map(([a, b]) =>
    shape("circle", { class: "attn-key", cx: x(a), cy: y(b), r: 4 }),
  );
  const labels = keys.map(([a, b]) =>
    shape("text", { class: "attn-number", x: x(a), y: y(b) + 22, "text-anchor": "middle" }),
  );
  const line = shape("line", { class: "attn-ray", x1: x(0), y1: y(0) });
  svg.setAttribute("height", side);
  svg.replaceChildren(surface, axes(x, y, EDGE), ...discs, line, ...dots, ...labels, handle);
  return { x, y, side, names: key_names, handle, line, discs, labels };
}

function drawPoints(parts, query, scores, weights, top) {
  const { x, y, side, names, handle, line, discs, labels } = parts;
  const [cx, cy] = [x(query[0]), y(query[1])];
  move(handle, { cx, cy });
  move(line, { x2: cx, y2: cy });
  weights.forEach((weight, j) => {
    // The area of a disc is its share of the weight; with all of it, B's just touches the edge.
    const r = (side / 10) * Math.sqrt(weight);
    move(discs[j], { r, "data-weight": weight, "data-score": scores[j] });
    move(labels[j], { "data-chosen": j === top });
    labels[j].textContent = `${names[j]} ${brief(weight)}`;
  });
}

const PLACES = Array.from({ length: CELLS * CELLS }, (_, cell) => [
  EDGE * ((2 * (cell % CELLS) + 1) / CELLS - 1),
  EDGE * (1 - (2 * Math.floor(cell / CELLS) + 1) / CELLS),
]);

/** The higher the score, the deeper the shade; a line where it passes a whole number. */
function drawField(canvas, scores) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(CELLS, CELLS);
  const [r, g, b] = colorOf(canvas);
  for (let cell = 0; cell < scores.length; cell += 1) {
    const left = scores[cell % CELLS ? cell - 1 : cell + 1];
    const beside = scores[cell >= CELLS ? cell - CELLS : cell + CELLS];
    const slope = Math.hypot(scores[cell] - left, scores[cell] - beside); // for one cell
    const depth = Math.min(1, Math.max(0, (scores[cell] + DARKEST) / (2 * DARKEST)));
    // Fading over a cell to each side, so that slanted lines have no steps.
    const away = Math.abs(scores[cell] - Math.round(scores[cell]));
    const line = away < slope ? 1 - away / slope : 0;
    image.data.set([r, g, b, 255 * (0.5 * depth ** 2 + 0.35 * line)], 4 * cell);
  }
  context.putImageData(image, 0, 0);
}

const TEXT = {
  choice: "Score function",
  functions: {
    dot: "dot",
    scaled: "scaled dot",
    bilinear: "bilinear",
    additive: "additive",
  },
  winning: "highest score",
  largest: "largest weight",
  inEffect: "keys in effect",
  field: "Shade: the score of a key at that place. From one line to the next it changes by 1.",
  plane: "The plane of keys: six keys, A to F, and the query, which can be moved.",
  handle: "The query: arrow keys move it",
  across: "the query, from left to right",
  up: "the query, from bottom to top",
  flat: "By the {function} score, all keys fit this query alike.",
  nearest: "By the {function} score, {top} gets {most} of the weight; it is the nearest, too.",
  notNearest:
    "By the {function} score, {top} gets {most} of the weight, though {nearest} is nearest, which gets {share}.",
};

export default { render };
