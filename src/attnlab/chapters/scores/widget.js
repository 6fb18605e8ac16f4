// A query and six keys in the plane, to be dragged: the score of every place where a key could be,
// and the weights of those that are there.
import { entropy, softmax } from "../../widgets/js/mathematics.js";
import { scoresOf } from "./mathematics.js";
import { assign, entry, read, trait } from "../../widgets/js/bindings.js";
import { dragging } from "../../widgets/js/dragging.js";
import {
  caption,
  coordinate,
  folded,
  mount,
  plainKey,
  radios,
  readout,
  readouts,
  resetButton,
  sentence,
  settings,
} from "../../widgets/js/controls.js";
import { axes, colorOf, element, move, path, put, scale, shape } from "../../widgets/js/svg.js";
import { brief, percent, say } from "../../widgets/js/words.js";

const EDGE = 2.25; // of the plane, a little more than a query's numbers can be
const CELLS = 120; // of the field, along each side
const DARKEST = 6; // a score of so much gets the deepest shade
const REACH = 15; // pixels: how far a finger may be from a key to take it

/**
 * @import { Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {{ function: string, query: number[], places: number[][], key: string } & Sent<{ fixed: Parameters<typeof scoresOf>[3] }>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["function", "query", "places", "key"]);
  const { fixed, limits } = model.get("_constants");
  const key_names = limits.key.values;
  const choice = radios(trait(model, "function"), TEXT.choice, TEXT.functions);
  const query = [TEXT.across, TEXT.up].map((meaning, i) =>
    coordinate(
      entry(model, "query", () => i, `query_${i + 1}`),
      { letter: "q", index: String(i + 1), meaning },
    ),
  );
  const called = Object.fromEntries(key_names.map((name) => [name, name]));
  const which = radios(trait(model, "key"), TEXT.which, called);
  const chosen = () => key_names.indexOf(model.get("key"));
  const key = [TEXT.keyAcross, TEXT.keyUp].map((meaning, i) => {
    const at = () => model.get("places")[chosen()];
    const bound = {
      name: `key_${i + 1}`,
      limits: limits.places,
      get: () => at()[i],
      set: (to) => shift(model, chosen(), at().with(i, to)),
    };
    return coordinate(bound, { letter: "k", index: String(i + 1), meaning });
  });
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
    const scores = scoresOf(now.function, now.query, now.places, fixed);
    const weights = softmax(scores);
    const top = scores.indexOf(Math.max(...scores));
    [choice, ...query, which, ...key].forEach((control) => control.show());
    winning.show(scores[top]);
    largest.show(weights[top]);
    inEffect.show(Math.exp(entropy(weights)));
    drawField(canvas, scoresOf(now.function, now.query, PLACES, fixed));
    drawPoints(parts, now, scores, weights, top);
    words.show(describe(now, key_names, scores, weights, top));
  }

  const single = folded(TEXT.single, which, ...key);

  const content = [
    choice.node,
    readouts([winning, largest, inEffect]),
    caption(TEXT.field),
    plane,
    ...query.map((control) => control.node),
    single.node,
    settings([], resetButton(model, names)),
    words.node,
  ];
  return mount(el, model, names, content, { layout, draw });
}

/** Takes key j to another place. */
function shift(model, j, place) {
  assign(model, { places: model.get("places").with(j, place) });
}

function describe(now, names, scores, weights, top) {
  const flat = Math.max(...scores) - Math.min(...scores) < 1e-9;
  const distances = now.places.map((key) =>
    Math.hypot(key[0] - now.query[0], key[1] - now.query[1]),
  );
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
  const { limits } = model.get("_constants");
  const key_names = limits.key.values;
  const { min, max } = limits.query;
  const x = scale([-EDGE, EDGE], [0, side]);
  const y = scale([-EDGE, EDGE], [side, 0]);
  const within = (place) => place.map((at) => hundredths(Math.min(max, Math.max(min, at))));
  const set = (query) => assign(model, { query: within(query) });
  const handle = shape("circle", {
    class: "attn-asker attn-glide",
    r: 9,
    tabindex: 0,
    role: "application",
    "aria-label": TEXT.handle,
    keydown: (event) => {
      const step = ARROWS[plainKey(event)];
      if (!step) return;
      event.preventDefault();
      set(model.get("query").map((at, i) => at + 0.05 * step[i]));
    },
  });
  let held = -1; // the number of the key that is dragged, or that of none: the query is
  const carry = (left, top) => {
    const place = within([left, side - top].map((pixels) => EDGE * ((2 * pixels) / side - 1)));
    if (held < 0) assign(model, { query: place });
    else shift(model, held, place);
  };
  const take = (left, top) => {
    const apart = ([a, b]) => Math.hypot(x(a) - left, y(b) - top);
    const away = model.get("places").map(apart);
    const nearest = Math.min(...away);
    // The query lies on top: where it stands on a key, it is the one that is taken.
    const taken = nearest < REACH && nearest < apart(model.get("query"));
    held = taken ? away.indexOf(nearest) : -1;
    if (taken) return assign(model, { key: key_names[held] }); // a click moves no key
    handle.focus({ preventScroll: true });
    carry(left, top);
  };
  // The whole plane takes the pointer, so that a finger need not hit the handle.
  const surface = shape("rect", {
    class: "attn-grip",
    width: side,
    height: side,
    ...dragging(carry, take),
  });
  const discs = key_names.map(() => shape("circle", { class: "attn-share attn-glide" }));
  const dots = discs.map(() => shape("circle", { class: "attn-key", r: 5.5 }));
  const labels = discs.map(() =>
    shape("text", { class: "attn-number", y: 22, "text-anchor": "middle" }),
  );
  const keys = dots.map((dot, j) => shape("g", { class: "attn-glide" }, dot, labels[j]));
  const ray = shape("path", { class: "attn-ray attn-glide" });
  svg.setAttribute("height", side);
  svg.replaceChildren(axes(x, y, EDGE), ...discs, ray, ...keys, handle, surface);
  return { x, y, side, names: key_names, handle, ray, discs, dots, labels, keys };
}

function drawPoints(parts, now, scores, weights, top) {
  const { x, y, side, names, handle, ray, discs, dots, labels, keys } = parts;
  const [cx, cy] = [x(now.query[0]), y(now.query[1])];
  move(handle, { cx, cy });
  move(ray, {
    d: path([
      [x(0), y(0)],
      [cx, cy],
    ]),
  });
  weights.forEach((weight, j) => {
    const place = { cx: x(now.places[j][0]), cy: y(now.places[j][1]) };
    // The area of a disc is its share of the weight; with all of it, B's just touches the edge.
    const r = (side / 10) * Math.sqrt(weight);
    move(discs[j], { ...place, r, "data-weight": weight, "data-score": scores[j] });
    put(keys[j], place.cx, place.cy);
    move(dots[j], { "data-chosen": names[j] === now.key });
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
  field:
    "Drag the query (blue) or a key (orange). Shade: the score of a key at that place; from one line to the next it changes by 1.",
  plane: "The plane of keys: the query and six keys, A to F, all of which can be moved.",
  handle: "The query: arrow keys move it",
  across: "the query, from left to right",
  up: "the query, from bottom to top",
  single: "Move a key without dragging it",
  which: "Choose a key",
  keyAcross: "the chosen key, from left to right",
  keyUp: "the chosen key, from bottom to top",
  flat: "By the {function} score, all keys fit this query alike.",
  nearest: "By the {function} score, {top} gets {most} of the weight; it is the nearest, too.",
  notNearest:
    "By the {function} score, {top} gets {most} of the weight, though {nearest} is nearest, which gets {share}.",
};

export default { render };
