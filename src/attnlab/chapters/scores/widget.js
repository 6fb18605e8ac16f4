// One query in the plane: the score of every place where a key could be, and six keys' weights.
import { entropy, scoresOf, softmax } from "../../widgets/js/mathematics.js";
import {
  caption,
  element,
  mount,
  move,
  path,
  percent,
  radios,
  readout,
  resetButton,
  scale,
  sentence,
  shape,
  slider,
} from "../../widgets/js/controls.js";

const FUNCTIONS = {
  dot: "dot",
  scaled: "scaled dot",
  bilinear: "bilinear",
  additive: "additive",
};
const EDGE = 2.25; // of the plane, a little more than a query's numbers can be
const CELLS = 120; // of the field, along each side
const DARKEST = 6; // a score of so much gets the deepest shade

function render({ model, el }) {
  const names = ["function", "query"];
  const { keys, key_names, fixed } = model.get("_constants");
  const choice = radios(model, "function", "Score function", FUNCTIONS);
  const sliders = [0, 1].map((i) => coordinate(model, i));
  const winning = readout("score", "highest score");
  const largest = readout("largest", "largest weight");
  const inEffect = readout("keys_in_effect", "keys in effect");
  const canvas = element("canvas", { width: CELLS, height: CELLS, "aria-hidden": "true" });
  const svg = shape("svg", {
    role: "group",
    "aria-label": "The plane of keys: six keys, A to F, and the query, which can be moved.",
  });
  const plane = element("div", { class: "attn-plane" }, canvas, svg);
  const words = sentence();
  let parts; // what moves in the picture

  function layout(width) {
    const side = Math.min(width, 420);
    plane.style.width = `${side}px`;
    parts = layOut(svg, side, model);
  }

  function draw() {
    const now = { function: model.get("function"), query: model.get("query") };
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

  const numbers = [winning.node, largest.node, inEffect.node];
  const buttons = element("div", { class: "attn-buttons" }, resetButton(model, names));
  const content = [
    choice.node,
    element("div", { class: "attn-readouts" }, ...numbers),
    caption("Shade: the score of a key at that place. From one line to the next it changes by 1."),
    plane,
    ...sliders.map((control) => control.node),
    element("div", { class: "attn-settings" }, buttons),
    words.node,
  ];
  return mount(el, model, names, content, { layout, draw });
}

function describe(now, keys, names, scores, weights, top) {
  const distances = keys.map((key) => Math.hypot(key[0] - now.query[0], key[1] - now.query[1]));
  const nearest = distances.indexOf(Math.min(...distances));
  const beaten =
    nearest === top
      ? "; it is the nearest, too"
      : `, though ${names[nearest]} is nearest, which gets ${percent(weights[nearest])}`;
  const flat = Math.max(...scores) - Math.min(...scores) < 1e-9;
  if (flat) return `By the ${FUNCTIONS[now.function]} score, all keys fit this query alike.`;
  return (
    `By the ${FUNCTIONS[now.function]} score, ${names[top]} gets ${percent(weights[top])} ` +
    `of the weight${beaten}.`
  );
}

/** A slider for one of the query's two numbers. */
function coordinate(model, i) {
  const one = {
    get: () => model.get("query")[i],
    set: (_, value) =>
      model.set(
        "query",
        model.get("query").map((x, j) => (j === i ? value : x)),
      ),
    save_changes: () => model.save_changes(),
  };
  return slider(one, `query_${i + 1}`, {
    letter: "q",
    index: String(i + 1),
    meaning: i === 0 ? "the query, from left to right" : "the query, from bottom to top",
    limits: model.get("_constants").limits.query,
    track: Number,
    value: hundredths,
    nudge: (now, sign, page) => hundredths(now + sign * (page ? 0.5 : 0.05)),
    text: (now) => now.toFixed(2).replace("-", "−"),
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
  const set = (query) => {
    model.set(
      "query",
      query.map((at) => hundredths(Math.min(max, Math.max(min, at)))),
    );
    model.save_changes();
  };
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
    "aria-label": "The query: arrow keys move it",
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
  const axes = shape("path", {
    class: "attn-axes",
    d:
      path([
        [0, y(0)],
        [side, y(0)],
      ]) +
      path([
        [x(0), 0],
        [x(0), side],
      ]),
  });
  const discs = keys.map(([a, b]) => shape("circle", { class: "attn-share", cx: x(a), cy: y(b) }));
  const dots = keys.map(([a, b]) =>
    shape("circle", { class: "attn-key", cx: x(a), cy: y(b), r: 4 }),
  );
  const labels = keys.map(([a, b]) =>
    shape("text", { class: "attn-number", x: x(a), y: y(b) + 22, "text-anchor": "middle" }),
  );
  const line = shape("line", { class: "attn-ray", x1: x(0), y1: y(0) });
  svg.setAttribute("height", side);
  svg.replaceChildren(surface, axes, ...discs, line, ...dots, ...labels, handle);
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

function brief(weight) {
  if (weight >= 0.995) return ">99%";
  return weight < 0.005 ? "<1%" : `${Math.round(100 * weight)}%`;
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

/** The canvas's CSS color as numbers from 0 to 255. */
function colorOf(canvas) {
  const [r, g, b] = getComputedStyle(canvas)
    .color.match(/[\d.]+/g)
    .map(Number);
  return [r, g, b];
}

export default { render };
