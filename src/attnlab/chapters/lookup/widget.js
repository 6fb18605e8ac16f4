// A soft look-up among points that can be dragged: keys on the x axis, values on the y axis.
import {
  entropy,
  gaussianLookUp,
  gaussianWeights,
  lookUpErrors,
} from "../../widgets/js/mathematics.js";
import {
  PLOT,
  caption,
  element,
  mount,
  move,
  path,
  percent,
  readout,
  resetButton,
  scale,
  sentence,
  shape,
  slider,
} from "../../widgets/js/controls.js";

const PLANE = { height: 270, top: 8, bottom: 22 };
const SHARES = { height: 96, top: 8, bottom: 6 };
const STEPS = 160; // of the curve

const hundredths = (x) => Math.round(100 * x) / 100;
const decimals = (x) => x.toFixed(2).replace("-", "−");

function render({ model, el }) {
  const names = ["x", "y", "query", "width", "point"];
  const { limits } = model.get("_constants");
  const query = line(model, "query", { letter: "q", meaning: "query: where to look" });
  const width = slider(model, "width", {
    letter: "σ",
    meaning: "width of the look-up",
    track: Math.log10,
    value: (place) => hundredths(10 ** place),
    nudge: (now, sign, page) => hundredths(page ? now * 2 ** sign : now + 0.01 * sign),
    text: decimals,
  });
  const point = slider(model, "point", {
    letter: "j",
    meaning: "the point to move",
    track: Number,
    value: Math.round,
    nudge: (now, sign, page) => now + sign * (page ? 4 : 1),
    text: String,
  });
  const key = line(ofPoint(model, "x"), "key", {
    letter: "k",
    index: "j",
    meaning: "its key",
    limits: limits.x,
  });
  const value = line(ofPoint(model, "y"), "value", {
    letter: "v",
    index: "j",
    meaning: "its value",
    limits: limits.y,
  });
  const sliders = [query, width, point, key, value];

  const context = readout("context", "context at the query");
  const leftOut = readout("error_left_out", "error, each left out");
  const keptIn = readout("error_kept_in", "error, none left out");
  const readouts = element(
    "div",
    { class: "attn-readouts" },
    context.node,
    leftOut.node,
    keptIn.node,
  );
  const plane = shape("svg", {
    role: "img",
    height: PLANE.height,
    "aria-label": "Points in the plane, the curve of all look-ups, and the query as a line.",
  });
  const shares = shape("svg", {
    role: "img",
    height: SHARES.height,
    "aria-label": "Bars: the weight of each point, at its key.",
  });
  const words = sentence();
  let parts; // what moves in the pictures

  function layout(total) {
    const x = scale([limits.x.min, limits.x.max], [PLOT.left, total - PLOT.right]);
    const ends = [x(limits.x.min), x(limits.x.max)];
    const bars = layOutShares(shares, ends, model.get("x").length);
    parts = { x, ...layOutPlane(plane, x, ends, model), ...bars };
  }

  function draw() {
    const now = Object.fromEntries(names.map((name) => [name, model.get(name)]));
    const weights = gaussianWeights(now.query, now.x, now.width);
    const found = gaussianLookUp(now.query, now.x, now.y, now.width);
    const errors = lookUpErrors(now.x, now.y, now.width);
    sliders.forEach((control) => control.show());
    context.show(found);
    leftOut.show(errors.leftOut);
    keptIn.show(errors.keptIn);
    drawPlane(parts, now, found);
    drawShares(parts, now, weights);
    words.show(describe(now, weights, found));
  }

  const single = element(
    "details",
    { class: "attn-more" },
    element("summary", {}, "Move a point without dragging it"),
    point.node,
    key.node,
    value.node,
  );
  const buttons = element("div", { class: "attn-buttons" }, resetButton(model, names));
  const content = [
    readouts,
    caption("Points to drag, each a key k (across) with a value v (up); the line is the query"),
    plane,
    caption("The weight of each point, at its key"),
    shares,
    query.node,
    width.node,
    single,
    element("div", { class: "attn-settings" }, buttons),
    words.node,
  ];
  return mount(el, model, names, content, { layout, draw });
}

/** A slider in steps of a hundredth. */
function line(model, name, symbols) {
  const nudge = (now, sign, page) => hundredths(now + sign * (page ? 0.5 : 0.05));
  const track = { track: Number, value: hundredths, nudge, text: decimals };
  return slider(model, name, { ...symbols, ...track });
}

/** One coordinate of the chosen point, as a trait of its own. */
function ofPoint(model, name) {
  return {
    get: () => model.get(name)[model.get("point")],
    set: (_, value) => model.set(name, changed(model.get(name), model.get("point"), value)),
    save_changes: () => model.save_changes(),
  };
}

const changed = (row, j, value) => row.map((old, i) => (i === j ? value : old));

function describe({ query, width, x, y }, weights, found) {
  const inEffect = Math.exp(entropy(weights)).toFixed(1);
  const top = weights.indexOf(Math.max(...weights));
  return (
    `At q = ${decimals(query)} with σ = ${decimals(width)}, ${inEffect} of ${weights.length} ` +
    `points are read in effect. The point at ${decimals(x[top])}, of value ${decimals(y[top])}, ` +
    `has the most weight, ${percent(weights[top])}; the context is ${decimals(found)}.`
  );
}

function layOutPlane(svg, x, ends, model) {
  const { limits } = model.get("_constants");
  const [low, high] = [limits.y.min, limits.y.max];
  const y = scale([low, high], [PLANE.height - PLANE.bottom, PLANE.top]);
  const grid = [-2, -1, 0, 1, 2].flatMap((v) => rule(ends, y, v, String(v).replace("-", "−")));
  const ticks = [0, 1, 2, 3, 4, 5, 6].map((k) =>
    shape("text", { x: x(k), y: PLANE.height - 4, "text-anchor": "middle" }, String(k)),
  );
  const at = (event) => {
    const box = svg.getBoundingClientRect();
    const back = (place, { min, max }, to) => {
      const value = hundredths(scale([to(min), to(max)], [min, max])(place));
      return Math.min(max, Math.max(min, value));
    };
    return {
      k: back(event.clientX - box.left, limits.x, x),
      v: back(event.clientY - box.top, limits.y, y),
    };
  };
  const save = (values) => {
    Object.entries(values).forEach(([name, next]) => model.set(name, next));
    model.save_changes();
  };
  const seek = (event) => save({ query: at(event).k });
  const field = shape("rect", {
    class: "attn-sweep",
    x: ends[0],
    y: y(high),
    width: ends[1] - ends[0],
    height: y(low) - y(high),
    ...dragging(seek, seek),
  });
  const handles = model.get("x").map((_, j) => {
    const carry = (event) => {
      const { k, v } = at(event);
      save({ x: changed(model.get("x"), j, k), y: changed(model.get("y"), j, v) });
    };
    const grip = dragging(() => save({ point: j }), carry); // a click chooses, and moves nothing
    return shape("circle", { class: "attn-handle", r: 15, ...grip }); // a finger's worth
  });
  const dots = handles.map(() => shape("circle", { class: "attn-point", r: 5.5 }));
  const curve = shape("path", { class: "attn-line", "data-chosen": "true" });
  const needle = shape("line", { class: "attn-query", y1: y(high), y2: y(low) });
  const found = shape("circle", { class: "attn-dot", r: 6, "data-chosen": "true" });
  svg.replaceChildren(field, ...grid, ...ticks, needle, curve, found, ...dots, ...handles);
  const queries = Array.from({ length: STEPS + 1 }, (_, i) => (limits.x.max * i) / STEPS);
  return { y, dots, handles, queries, curve, needle, found };
}

/** Listeners that call `start` when the pointer goes down, and `drag` until it comes up again. */
function dragging(start, drag) {
  return {
    pointerdown: (event) => {
      event.preventDefault(); // no text is selected on the way
      event.target.setPointerCapture(event.pointerId);
      start(event);
    },
    pointermove: (event) => event.target.hasPointerCapture(event.pointerId) && drag(event),
  };
}

function rule([x1, x2], y, value, words) {
  const beside = { x: PLOT.left - 8, y: y(value) + 4, "text-anchor": "end" };
  return [
    shape("line", { class: "attn-grid", x1, x2, y1: y(value), y2: y(value) }),
    shape("text", beside, words),
  ];
}

function drawPlane({ x, y, dots, handles, queries, curve, needle, found }, now, context) {
  now.x.forEach((key, j) => {
    const place = { cx: x(key), cy: y(now.y[j]) };
    move(dots[j], { ...place, "data-chosen": j === now.point });
    move(handles[j], place);
  });
  const looked = queries.map((q) => [x(q), y(gaussianLookUp(q, now.x, now.y, now.width))]);
  move(curve, { d: path(looked) });
  move(needle, { x1: x(now.query), x2: x(now.query) });
  move(found, { cx: x(now.query), cy: y(context) });
}

function layOutShares(svg, ends, count) {
  const share = scale([0, 1], [SHARES.height - SHARES.bottom, SHARES.top]);
  const grid = [0, 0.5, 1].flatMap((part) => rule(ends, share, part, `${100 * part}%`));
  const bars = Array.from({ length: count }, () => shape("rect", { class: "attn-bar", width: 7 }));
  const mark = shape("line", { class: "attn-query", y1: share(1), y2: share(0) });
  svg.replaceChildren(...grid, mark, ...bars);
  return { share, bars, mark };
}

function drawShares({ x, share, bars, mark }, now, weights) {
  bars.forEach((bar, j) => {
    const [top, ground] = [share(weights[j]), share(0)];
    move(bar, { x: x(now.x[j]) - 3.5, y: top, height: ground - top, "data-weight": weights[j] });
  });
  move(mark, { x1: x(now.query), x2: x(now.query) });
}

export default { render };
