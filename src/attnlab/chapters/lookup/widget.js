// A soft look-up among points that can be dragged: keys on the x axis, values on the y axis.
import { entropy } from "../../widgets/js/mathematics.js";
import { gaussianLookUp, gaussianWeights, lookUpErrors } from "./mathematics.js";
import { PRODUCTS, drawProducts, layOutProducts } from "./products.js";
import { assign, entry, read, trait } from "../../widgets/js/bindings.js";
import { dragging } from "../../widgets/js/dragging.js";
import {
  caption,
  coordinate,
  evenly,
  folded,
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
import { decimals, percent, say, signed } from "../../widgets/js/words.js";

const PLANE = { height: 284, top: 22, bottom: 22 };
const SHARES = { height: 76, top: 6, bottom: 6 };
const STEPS = 160; // of the curve

const hundredths = (x) => Math.round(100 * x) / 100;

/**
 * @import { Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {{ x: number[], y: number[], query: number, width: number, point: number } & Sent} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["x", "y", "query", "width", "point"]);
  const chosen = () => model.get("point");
  const { limits } = model.get("_constants");
  const query = coordinate(trait(model, "query"), { letter: "q", meaning: TEXT.query });
  const width = slider(trait(model, "width"), {
    letter: "σ",
    meaning: TEXT.width,
    track: Math.log10,
    value: (place) => hundredths(10 ** place),
    nudge: (now, sign, page) => hundredths(page ? now * 2 ** sign : now + 0.01 * sign),
    text: decimals,
  });
  const point = slider(trait(model, "point"), {
    letter: "j",
    meaning: TEXT.point,
    ...evenly({ page: 4 }),
  });
  const ofPoint = (row, name, symbols) => coordinate(entry(model, row, chosen, name), symbols);
  const key = ofPoint("x", "key", { letter: "k", index: "j", meaning: TEXT.key });
  const value = ofPoint("y", "value", { letter: "v", index: "j", meaning: TEXT.value });
  const sliders = [query, width, point, key, value];

  const context = readout("context", TEXT.context);
  const leftOut = readout("error_left_out", TEXT.leftOut);
  const keptIn = readout("error_kept_in", TEXT.keptIn);
  const plane = picture(TEXT.plane, { height: PLANE.height });
  const shares = picture(TEXT.shares, { height: SHARES.height });
  const products = picture(TEXT.products, { height: PRODUCTS.height });
  const words = sentence();
  let parts; // what moves in the pictures

  function layout(total) {
    const x = scale([limits.x.min, limits.x.max], [PLOT.left, total - PLOT.right]);
    const ends = [x(limits.x.min), x(limits.x.max)];
    const count = model.get("x").length;
    parts = {
      plane: { x, ...layOutPlane(plane, x, ends, model) },
      shares: { x, ...layOutShares(shares, ends, count) },
      products: layOutProducts(products, ends, count, limits.y),
    };
  }

  function draw() {
    const now = read(model, names);
    const weights = gaussianWeights(now.query, now.x, now.width);
    const found = gaussianLookUp(now.query, now.x, now.y, now.width);
    const errors = lookUpErrors(now.x, now.y, now.width);
    sliders.forEach((control) => control.show());
    context.show(found);
    leftOut.show(errors.leftOut);
    keptIn.show(errors.keptIn);
    drawPlane(parts.plane, now, weights, found);
    drawShares(parts.shares, now, weights);
    drawProducts(parts.products, now, weights, found);
    words.show(describe(now, weights, found));
  }

  const single = folded(TEXT.single, point, key, value);
  const content = [
    readouts([context, leftOut, keptIn]),
    caption(TEXT.planeCaption),
    plane,
    caption(TEXT.sharesCaption),
    shares,
    caption(TEXT.productsCaption),
    products,
    query.node,
    width.node,
    single.node,
    settings([], resetButton(model, names)),
    words.node,
  ];
  return mount(el, model, names, content, { layout, draw });
}

function describe({ query, width, x, y }, weights, found) {
  const top = weights.indexOf(Math.max(...weights));
  return say(TEXT.found, {
    query: decimals(query),
    width: decimals(width),
    inEffect: Math.exp(entropy(weights)).toFixed(1),
    all: weights.length,
    key: decimals(x[top]),
    value: decimals(y[top]),
    weight: percent(weights[top]),
    context: decimals(found),
  });
}

function layOutPlane(svg, x, ends, model) {
  const { limits } = model.get("_constants");
  const [low, high] = [limits.y.min, limits.y.max];
  const y = scale([low, high], [PLANE.height - PLANE.bottom, PLANE.top]);
  const grid = rules(ends, y, numbersFrom(low, high, 1), signed);
  const names = ticks(x, PLANE.height - 4, numbersFrom(limits.x.min, limits.x.max, 1));
  const back = (place, { min, max }, to) => {
    const value = hundredths(scale([to(min), to(max)], [min, max])(place));
    return Math.min(max, Math.max(min, value));
  };
  const keyAt = (left) => back(left, limits.x, x);
  const seek = (left) => assign(model, { query: keyAt(left) });
  const field = shape("rect", {
    class: "attn-sweep",
    x: ends[0],
    y: y(high),
    width: ends[1] - ends[0],
    height: y(low) - y(high),
    ...dragging(seek),
  });
  const handles = model.get("x").map((_, j) => {
    const carry = (left, top) => {
      const [k, v] = [keyAt(left), back(top, limits.y, y)];
      assign(model, { x: model.get("x").with(j, k), y: model.get("y").with(j, v) });
    };
    const grip = dragging(carry, () => assign(model, { point: j })); // a click moves nothing
    return shape("circle", { class: "attn-grip", r: 15, ...grip }); // a finger's worth
  });
  const dots = handles.map(() => shape("circle", { class: "attn-point attn-glide", r: 6 }));
  const rug = handles.map(() => {
    const ends = { y1: y(low) - 9, y2: y(low) };
    return shape("line", { class: "attn-rug attn-glide", ...ends });
  });
  const curve = shape("path", { class: "attn-line attn-glide", "data-chosen": "true" });
  const line = shape("line", { class: "attn-query", y1: y(high), y2: y(low) });
  const knob = shape("circle", { class: "attn-hold", cy: y(high), r: 7 });
  const middle = { y: 11, "text-anchor": "middle" };
  const name = shape("text", { class: "attn-of-query", ...middle }, TEXT.onQuery);
  const needle = shape("g", { class: "attn-glide" }, line, knob, name);
  const found = shape("circle", {
    class: "attn-dot attn-glide",
    r: 6,
    "data-chosen": "true",
  });
  const axes = [
    shape("text", { class: "attn-of-value", y: 11 }, TEXT.onValue),
    shape(
      "text",
      { class: "attn-of-key", x: ends[1] - 4, y: y(low) - 12, "text-anchor": "end" },
      TEXT.onKey,
    ),
  ];
  svg.replaceChildren(
    ...[field, ...grid, ...names, ...axes, ...rug, needle, curve, found, ...dots, ...handles],
  );
  const queries = Array.from({ length: STEPS + 1 }, (_, i) => (limits.x.max * i) / STEPS);
  return { y, dots, rug, handles, queries, curve, needle, found };
}

function drawPlane(
  { x, y, dots, rug, handles, queries, curve, needle, found },
  now,
  weights,
  context,
) {
  const most = Math.max(...weights);
  now.x.forEach((key, j) => {
    const place = { cx: x(key), cy: y(now.y[j]) };
    const share = `--share: ${(weights[j] / most).toFixed(3)}`;
    move(dots[j], { ...place, style: share, "data-chosen": j === now.point });
    move(handles[j], place);
    put(rug[j], x(key));
  });
  const looked = queries.map((q) => [x(q), y(gaussianLookUp(q, now.x, now.y, now.width))]);
  move(curve, { d: path(looked) });
  put(needle, x(now.query));
  move(found, { cx: x(now.query), cy: y(context) });
}

function layOutShares(svg, ends, count) {
  const share = scale([0, 1], [SHARES.height - SHARES.bottom, SHARES.top]);
  const grid = rules(ends, share, [0, 0.5, 1], (part) => `${100 * part}%`);
  const bars = Array.from({ length: count }, () =>
    shape("rect", { class: "attn-bar attn-glide", width: 7 }),
  );
  const mark = shape("line", { class: "attn-query attn-glide", y1: share(1), y2: share(0) });
  svg.replaceChildren(...grid, mark, ...bars);
  return { share, bars, mark };
}

function drawShares({ x, share, bars, mark }, now, weights) {
  bars.forEach((bar, j) => {
    const [top, ground] = [share(weights[j]), share(0)];
    move(bar, { x: x(now.x[j]) - 3.5, y: top, height: ground - top, "data-weight": weights[j] });
  });
  put(mark, x(now.query));
}

const TEXT = {
  query: "query: where to look",
  width: "width of the look-up",
  single: "Move a point without dragging it",
  point: "the point to move",
  key: "its key",
  value: "its value",
  context: "context at the query",
  leftOut: "error, each left out",
  keptIn: "error, none left out",
  planeCaption: "Points and a query to drag; the fuller a point, the more of it is read",
  plane: "Points in the plane, the curve of all look-ups, and the query as a line.",
  onQuery: "query",
  onKey: "key",
  onValue: "value",
  sharesCaption: "The weight of each point, at its key",
  shares: "Bars: the weight of each point, at its key.",
  productsCaption:
    "Weight × value: each box is as wide as a weight and as high as a value. The line evens them out",
  products: "Boxes: the weight of each point times its value, and a line at their sum.",
  found:
    "At q = {query} with σ = {width}, {inEffect} of {all} points are read in effect. The point at {key}, of value {value}, has the most weight, {weight}; the context is {context}.",
};

export default { render };
