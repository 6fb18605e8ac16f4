// Eight tokens on their way through a stack of layers, whose parts can be taken out.
import { normalRows } from "../../widgets/js/mathematics.js";
import { cosines, diversity, randomLayers, rootMeanSquare, tokensByLayer } from "./mathematics.js";
import {
  PLOT,
  caption,
  element,
  format,
  mount,
  move,
  path,
  radios,
  readout,
  resetButton,
  scale,
  sentence,
  shape,
  slider,
  superscript,
  toggle,
} from "../../widgets/js/controls.js";

const PAIR = { gap: 20, largest: 240 }; // of two square pictures, in pixels
const EDGE = 3; // of the plane, in root mean squares
const SAME = 1e-14; // a diversity that is nothing but the rounding of 64-bit numbers
const CURVE = { height: 150, top: 8, bottom: 24, decades: -8 };
const NORMS = { none: "none", post: "post: after each sublayer", pre: "pre: before it" };

function render({ model, el }) {
  const names = ["depth", "residual", "norm", "feed_forward"];
  const { n_tokens, d_model, d_ff, eps, limits } = model.get("_constants");
  const deepest = limits.depth.max;
  const depth = slider(model, "depth", {
    letter: "l",
    meaning: "depth: layers passed",
    track: Number,
    value: Math.round,
    nudge: (now, sign, page) => now + sign * (page ? 4 : 1),
    text: String,
  });
  const residual = toggle(model, "residual", "residual connections");
  const feedForward = toggle(model, "feed_forward", "feed-forward networks");
  const norm = radios(model, "norm", "LayerNorm", NORMS);
  const differ = readout("diversity", "diversity");
  const alike = readout("cosine", "lowest cosine");
  const size = readout("size", "token size");
  const pair = shape("svg", {
    role: "img",
    "aria-label": "Left, eight tokens as points in a plane. Right, the cosine of each two of them.",
  });
  const curve = shape("svg", {
    role: "img",
    height: CURVE.height,
    "aria-label": "A curve: diversity of the tokens against the depth, on a logarithmic scale.",
  });
  const words = sentence();
  const tokens = normalRows(n_tokens, d_model, 0);
  const layers = randomLayers(deepest, d_model, d_ff);
  let run; // the tokens at every depth: they change with the switches alone
  let parts; // what moves in the pictures

  function layout(width) {
    parts = { ...layOutPair(pair, width, n_tokens), ...layOutCurve(curve, width, deepest) };
    run = undefined;
  }

  function draw() {
    const now = Object.fromEntries(names.map((name) => [name, model.get(name)]));
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

  const readouts = element("div", { class: "attn-readouts" }, differ.node, alike.node, size.node);
  const buttons = element("div", { class: "attn-buttons" }, resetButton(model, names));
  const settings = element(
    "div",
    { class: "attn-settings" },
    residual.node,
    feedForward.node,
    buttons,
  );
  const content = [
    readouts,
    caption(
      "Left: the tokens, by the first two of their 16 numbers over their size. " +
        "Right: the cosine of each pair; the strongest color is 1, and no color 0 or less.",
    ),
    pair,
    caption("Diversity after each layer"),
    curve,
    depth.node,
    norm.node,
    settings,
    words.node,
  ];
  return mount(el, model, names, content, { layout, draw });
}

/** The power of ten, cut off shortly before only rounding errors are left. */
function decade(diversity) {
  return Math.max(CURVE.decades, Math.log10(diversity));
}

function describe({ depth, residual, norm, feed_forward }, left, lowest) {
  const layers = depth === 1 ? "1 layer" : `${depth} layers`;
  const kept = residual ? "with" : "without";
  const where = norm === "none" ? "no LayerNorm" : `LayerNorm ${norm}`;
  const parts = `${kept} residuals, ${where}, ${feed_forward ? "with" : "no"} feed-forward`;
  let fate = `the tokens still differ: diversity ${format(left)}, lowest cosine ${format(lowest)}`;
  if (left < 0.1) fate = `little is left to tell tokens apart: diversity ${format(left)}`;
  if (left < SAME) fate = "all eight tokens are one and the same, but for rounding";
  return `After ${layers} (${parts}), ${fate.replaceAll("-", "−")}.`;
}

/** Two squares side by side: the plane of the tokens, and the matrix of their cosines. */
function layOutPair(svg, width, n) {
  const side = Math.min(PAIR.largest, (width - PAIR.gap) / 2);
  const [start, middle] = [(width - 2 * side - PAIR.gap) / 2, (width + PAIR.gap) / 2];
  const across = scale([-EDGE, EDGE], [start, start + side]);
  const up = scale([-EDGE, EDGE], [side, 0]);
  const indices = Array.from({ length: n }, (_, t) => t);
  const frame = shape("rect", { class: "attn-frame", x: start, y: 0, width: side, height: side });
  const axes = shape("path", {
    class: "attn-axes",
    d:
      path([
        [across(-EDGE), up(0)],
        [across(EDGE), up(0)],
      ]) +
      path([
        [across(0), up(-EDGE)],
        [across(0), up(EDGE)],
      ]),
  });
  const points = indices.map(() => shape("circle", { class: "attn-point", r: 6 }));
  const cell = side / n;
  const cells = indices.map((s) =>
    indices.map((t) =>
      shape("rect", {
        class: "attn-cosine",
        x: middle + t * cell,
        y: s * cell,
        width: cell - 1,
        height: cell - 1,
      }),
    ),
  );
  svg.setAttribute("height", side);
  svg.replaceChildren(frame, axes, ...points, ...cells.flat());
  return { across, up, points, cells };
}

function drawPair({ across, up, points, cells }, state, pairs) {
  const size = rootMeanSquare(state);
  const within = (x) => Math.min(EDGE, Math.max(-EDGE, x / size));
  state.forEach((row, t) => {
    move(points[t], { cx: across(within(row[0])), cy: up(within(row[1])) });
  });
  pairs.forEach((row, s) =>
    row.forEach((cosine, t) =>
      move(cells[s][t], { "fill-opacity": Math.max(0, cosine).toFixed(3), "data-cosine": cosine }),
    ),
  );
}

function layOutCurve(svg, width, deepest) {
  const x = scale([0, deepest], [PLOT.left, width - PLOT.right]);
  const y = scale([CURVE.decades, 0], [CURVE.height - CURVE.bottom, CURVE.top]);
  const rules = [0, -2, -4, -6, -8].flatMap((power) => [
    shape("line", { class: "attn-grid", x1: x(0), x2: x(deepest), y1: y(power), y2: y(power) }),
    shape(
      "text",
      { x: PLOT.left - 8, y: y(power) + 4, "text-anchor": "end" },
      power === 0 ? "1" : `10${superscript(power)}`,
    ),
  ]);
  const ticks = [0, 4, 8, 12, 16, 20, 24].map((l) =>
    shape("text", { x: x(l), y: CURVE.height - 6, "text-anchor": "middle" }, String(l)),
  );
  const line = shape("path", { class: "attn-line", "data-chosen": "true" });
  const needle = shape("line", { class: "attn-needle", y1: y(0), y2: y(CURVE.decades) });
  const dot = shape("circle", { class: "attn-dot", "data-chosen": "true", r: 6 });
  svg.replaceChildren(...rules, ...ticks, needle, line, dot);
  return { x, y, line, needle, dot };
}

export default { render };
