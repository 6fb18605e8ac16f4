// Eight tokens on their way through a stack of layers, whose parts can be taken out.
import { normalRows } from "../../widgets/js/mathematics.js";
import { cosines, diversity, randomLayers, rootMeanSquare, tokensByLayer } from "./mathematics.js";
import { read, trait } from "../../widgets/js/bindings.js";
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
  toggle,
} from "../../widgets/js/controls.js";
import { grip, seeking } from "../../widgets/js/chart_handle.js";
import { heatMap, tinted } from "../../widgets/js/heat_map.js";
import {
  PLOT,
  axes,
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
import { format, plural, power, say } from "../../widgets/js/words.js";

const PAIR = { gap: 20, largest: 240, names: 16 }; // of two square pictures, in pixels
const EDGE = 3; // of the plane, in root mean squares
const SAME = 1e-14; // a diversity that is nothing but the rounding of 64-bit numbers
const CURVE = { height: 150, top: 8, bottom: 24, decades: -8 };

/**
 * @import { Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {{ depth: number, residual: boolean, norm: string, feed_forward: boolean } & Sent<{ n_tokens: number, d_model: number, d_ff: number, eps: number }>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["depth", "residual", "norm", "feed_forward"]);
  const { n_tokens, d_model, d_ff, eps, limits } = model.get("_constants");
  const deepest = limits.depth.max;
  const depth = slider(trait(model, "depth"), {
    letter: "l",
    meaning: TEXT.depth,
    ...evenly({ page: 4 }),
  });
  const residual = toggle(trait(model, "residual"), TEXT.residual);
  const feedForward = toggle(trait(model, "feed_forward"), TEXT.feedForward);
  const norm = radios(trait(model, "norm"), TEXT.norm, TEXT.norms);
  const differ = readout("diversity", TEXT.diversity);
  const alike = readout("cosine", TEXT.cosine);
  const size = readout("size", TEXT.size);
  const moving = { class: "attn-glides" };
  const pair = picture(TEXT.pair, moving);
  const curve = picture(TEXT.curve, { height: CURVE.height, ...moving });
  const words = sentence();
  const tokens = normalRows(n_tokens, d_model, 0);
  const layers = randomLayers(deepest, d_model, d_ff);
  let run; // the tokens at every depth: they change with the switches alone
  let parts; // what moves in the pictures

  function layout(width) {
    parts = {
      ...layOutPair(pair, width, n_tokens),
      ...layOutCurve(curve, width, trait(model, "depth")),
    };
    run = undefined;
  }

  function draw() {
    const now = read(model, names);
    const key = `${now.residual} ${now.norm} ${now.feed_forward}`;
    if (run?.key !== key) {
      const states = tokensByLayer(tokens, layers, { ...now, eps });
      run = { key, states, diversities: states.map(diversity) };
      const points = run.diversities.map((at, l) => [parts.x(l), parts.y(decade(at))]);
      move(parts.line, { d: path(points) });
    }
    const state = run.states[now.depth];
    const left = run.diversities[now.depth];
    const pairs = cosines(state);
    const lowest = Math.min(...pairs.flat());
    [depth, residual, feedForward, norm].forEach((control) => control.show());
    differ.show(left);
    alike.show(lowest);
    size.show(rootMeanSquare(state));
    drawPair(parts, state, pairs);
    const [cx, cy] = [parts.x(now.depth), parts.y(decade(left))];
    move(parts.dot, { cx, cy });
    move(parts.needle, { x1: cx, x2: cx });
    words.show(describe(now, left, lowest));
  }

  const content = [
    readouts([differ, alike, size]),
    caption(say(TEXT.pairCaption, { d_model })),
    pair,
    caption(TEXT.curveCaption),
    curve,
    depth.node,
    norm.node,
    settings([residual, feedForward], resetButton(model, names)),
    words.node,
  ];
  return mount(el, model, names, content, { layout, draw });
}

/** The power of ten, cut off shortly before only rounding errors are left. */
function decade(diversity) {
  return Math.max(CURVE.decades, Math.log10(diversity));
}

function describe({ depth, residual, norm, feed_forward }, left, lowest) {
  let fate = TEXT.differ;
  if (left < 0.1) fate = TEXT.little;
  if (left < SAME) fate = TEXT.same;
  return say(fate[plural(depth)], {
    depth,
    parts: [TEXT.residuals[residual], TEXT.normed[norm], TEXT.feedForwards[feed_forward]].join(
      TEXT.between,
    ),
    diversity: format(left),
    cosine: format(lowest),
  });
}

/** Two squares side by side: the plane of the tokens, and the matrix of their cosines. */
function layOutPair(svg, width, n) {
  const { names, gap } = PAIR;
  const side = Math.min(PAIR.largest, (width - gap - names) / 2);
  const start = (width - 2 * side - gap - names) / 2;
  const middle = start + side + gap + names;
  const across = scale([-EDGE, EDGE], [start, start + side]);
  const up = scale([-EDGE, EDGE], [names + side, names]);
  const frame = shape("rect", {
    class: "attn-frame",
    x: start,
    y: names,
    width: side,
    height: side,
  });
  const points = Array.from({ length: n }, (_, t) => [
    shape("circle", { class: "attn-point", r: 6 }),
    shape("text", { class: "attn-of-token attn-note", x: 8, y: -4 }, String(t + 1)),
  ]);
  const look = { class: "attn-of-token" };
  const cell = () => tinted("attn-cosine", "data-cosine");
  const map = heatMap({ cell, gap: 1, side: { x: -5, ...look }, head: look });
  svg.setAttribute("height", names + side);
  const [dots, numbers] = [0, 1].map((k) => points.map((point) => point[k]));
  svg.replaceChildren(frame, axes(across, up, EDGE), ...dots, ...numbers, map.node);
  const box = { left: middle, top: names, width: side, height: side };
  return { across, up, points, map, box };
}

function drawPair({ across, up, points, map, box }, state, pairs) {
  const size = rootMeanSquare(state);
  const within = (x) => Math.min(EDGE, Math.max(-EDGE, x / size));
  state.forEach((row, t) => {
    const [x, y] = [across(within(row[0])), up(within(row[1]))];
    points[t].forEach((part) => put(part, x, y));
  });
  const names = state.map((_, t) => String(t + 1));
  map.show({ weights: pairs, box, rows: names, columns: names, above: 4 });
}

function layOutCurve(svg, width, depth) {
  const deepest = depth.limits.max;
  const x = scale([0, deepest], [PLOT.left, width - PLOT.right]);
  const y = scale([CURVE.decades, 0], [CURVE.height - CURVE.bottom, CURVE.top]);
  const line = shape("path", { class: "attn-line", "data-chosen": "true" });
  const needle = shape("line", { class: "attn-needle", y1: y(0), y2: y(CURVE.decades) });
  const dot = shape("circle", { class: "attn-dot", "data-chosen": "true", r: 6 });
  const back = scale([x(0), x(deepest)], [0, deepest]);
  const box = { left: x(0), right: x(deepest), top: y(0), bottom: y(CURVE.decades) };
  const seek = seeking(depth, (left) => Math.round(back(left)));
  svg.replaceChildren(
    ...rules([x(0), x(deepest)], y, numbersFrom(CURVE.decades, 0, 2), power),
    ...ticks(x, CURVE.height - 6, numbersFrom(0, deepest, 4)),
    needle,
    line,
    dot,
    grip(box, seek),
  );
  return { x, y, line, needle, dot };
}

const TEXT = {
  depth: "depth: layers passed",
  residual: "residual connections",
  feedForward: "feed-forward networks",
  norm: "LayerNorm",
  norms: { none: "none", post: "post: after each sublayer", pre: "pre: before it" },
  diversity: "diversity",
  cosine: "lowest cosine",
  size: "token size",
  pairCaption:
    "Left: the tokens, by the first two of their {d_model} numbers over their size. Right: the cosine of each two; the strongest color is 1, and no color 0 or less.",
  pair: "Left, eight tokens as points in a plane. Right, the cosine of each two of them.",
  curveCaption: "Diversity after each layer; drag across it to change the depth",
  curve: "A curve: diversity of the tokens against the depth, on a logarithmic scale.",
  // The list of what the stack is made of.
  residuals: { true: "with residuals", false: "without residuals" },
  normed: { none: "no LayerNorm", post: "LayerNorm post", pre: "LayerNorm pre" },
  feedForwards: { true: "with feed-forward", false: "no feed-forward" },
  between: ", ",
  differ: {
    one: "After {depth} layer ({parts}), the tokens still differ: diversity {diversity}, lowest cosine {cosine}.",
    other:
      "After {depth} layers ({parts}), the tokens still differ: diversity {diversity}, lowest cosine {cosine}.",
  },
  little: {
    one: "After {depth} layer ({parts}), little is left to tell tokens apart: diversity {diversity}.",
    other:
      "After {depth} layers ({parts}), little is left to tell tokens apart: diversity {diversity}.",
  },
  same: {
    one: "After {depth} layer ({parts}), all eight tokens are one and the same, but for rounding.",
    other:
      "After {depth} layers ({parts}), all eight tokens are one and the same, but for rounding.",
  },
};

export default { render };
