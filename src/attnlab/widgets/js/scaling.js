// One query over 64 keys: what its width does to the weights, with and without 1/√d_k.
import { dotScores, entropy, entropyByWidth, norm, normals, softmax, softmaxJacobian } from "./math.js";
import { PLOT, button, element, mount, move, path, percent, readout, resetButton, scale, sentence, shape, slider, symbol, toggle } from "./controls.js";

const MAX_D_K = 512;
const N_KEYS = 64;
const BARS = { height: 190, top: 12, bottom: 24 };
const CURVE = { height: 150, top: 12, bottom: 24 };

function render({ model, el }) {
  const names = ["d_k", "scaled", "seed"];
  const d_k = slider(model, "d_k", {
    letter: "d",
    index: "k",
    meaning: "width of the query and of each key",
    min: 1,
    max: MAX_D_K,
    // Each doubling is as wide as the next. A page key doubles, an arrow key adds one.
    track: Math.log2,
    value: (place) => Math.round(2 ** place),
    nudge: (now, sign, page) => (page ? Math.round(now * 2 ** sign) : now + sign),
    text: String,
  });
  const scaled = toggle(model, "scaled", "divide the scores by √", symbol("d", "k"));
  const another = button("Another query", () => {
    model.set("seed", (model.get("seed") + 1) % 10000);
    model.save_changes();
  });
  const top = readout("largest", "largest weight");
  const spread = readout("entropy_ratio", "entropy / ln 64");
  const passes = readout("jacobian_norm", "norm of the softmax Jacobian");
  const readouts = element("div", { class: "attn-readouts" }, top.node, spread.node, passes.node);
  const bars = shape("svg", {
    role: "img",
    height: BARS.height,
    "aria-label": "Bars: the weights of the 64 keys, the heaviest first.",
  });
  const curve = shape("svg", {
    role: "img",
    height: CURVE.height,
    "aria-label": "Two curves: entropy over ln 64 against the width, with and without the division.",
  });
  const words = sentence();

  let data; // the query, its keys and the two curves: they change with the seed alone
  let parts; // what moves in the pictures: it changes with the width of the widget alone

  function layout(width) {
    parts = { ...layOutBars(bars, width), ...layOutCurve(curve, width) };
    data = undefined;
  }

  function draw() {
    const now = { d_k: model.get("d_k"), scaled: model.get("scaled"), seed: model.get("seed") };
    if (data?.seed !== now.seed) {
      data = drawNumbers(now.seed);
      for (const kind of ["raw", "scaled"]) {
        const points = data.curves[kind].map((ratio, i) => [parts.x(i + 1), parts.y(ratio)]);
        move(parts[kind].line, { d: path(points) });
      }
    }
    const divisor = now.scaled ? Math.sqrt(now.d_k) : 1;
    const weights = softmax(dotScores(data.query, data.keys, now.d_k).map((s) => s / divisor));
    const nats = entropy(weights);
    const largest = Math.max(...weights);
    [d_k, scaled].forEach((control) => control.show());
    top.show(largest);
    spread.show(nats / Math.log(N_KEYS));
    passes.show(norm(softmaxJacobian(weights)));
    drawBars(parts, weights);
    drawMarker(parts, data.curves, now);
    words.textContent =
      `At d_k = ${now.d_k} ${now.scaled ? "with" : "without"} the division, ` +
      `one key takes ${percent(largest)} of the weight: as much is read as from ` +
      `${Math.exp(nats).toFixed(1)} keys that share alike, out of ${N_KEYS}.`;
  }

  const buttons = element("div", { class: "attn-buttons" }, another, resetButton(model, names));
  const settings = element("div", { class: "attn-settings" }, scaled.node, buttons);
  const content = [readouts, bars, curve, d_k.node, settings, words];
  return mount(el, model, names, content, { layout, draw });
}

/** Rows of the same numbers: the query first, then the keys. */
function drawNumbers(seed) {
  const numbers = normals((1 + N_KEYS) * MAX_D_K, seed);
  const row = (i) => numbers.subarray(i * MAX_D_K, (i + 1) * MAX_D_K);
  const query = row(0);
  const keys = Array.from({ length: N_KEYS }, (_, j) => row(1 + j));
  return { seed, query, keys, curves: entropyByWidth(query, keys) };
}

function layOutBars(svg, width) {
  const x = scale([0, N_KEYS], [PLOT.left, width - PLOT.right]);
  const height = scale([0, 1], [0, BARS.height - BARS.top - BARS.bottom]);
  const floor = BARS.height - BARS.bottom;
  const level = (share, name, kind) => [
    shape("line", { class: kind, x1: x(0), x2: x(N_KEYS), y1: floor - height(share), y2: floor - height(share) }),
    shape("text", { class: "attn-tick", x: PLOT.left - 8, y: floor - height(share) + 4, "text-anchor": "end" }, name),
  ];
  const rects = Array.from({ length: N_KEYS }, (_, j) =>
    shape("rect", { class: "attn-bar", x: x(j) + 0.5, width: x(1) - x(0) - 1, rx: 1 }),
  );
  svg.replaceChildren(
    ...[[0, "0"], [0.5, "50%"], [1, "100%"]].flatMap(([share, name]) => level(share, name, "attn-grid")),
    ...rects,
    level(1 / N_KEYS, "", "attn-even")[0],
    shape("text", { class: "attn-note", x: x(N_KEYS), y: floor - height(1 / N_KEYS) - 6, "text-anchor": "end" }, "1/64: all alike"),
    shape("text", { class: "attn-tick", x: x(0), y: BARS.height - 6 }, "the 64 keys, the heaviest first"),
  );
  return { rects, floor, height };
}

function drawBars({ rects, floor, height }, weights) {
  const sorted = [...weights].sort((a, b) => b - a);
  sorted.forEach((weight, j) => {
    move(rects[j], { y: floor - height(weight), height: height(weight), "data-weight": weight });
  });
}

function layOutCurve(svg, width) {
  const log = scale([0, Math.log2(MAX_D_K)], [PLOT.left, width - PLOT.right]);
  const x = (d_k) => log(Math.log2(d_k));
  const y = scale([0, 1], [CURVE.height - CURVE.bottom, CURVE.top]);
  const grid = [0, 0.5, 1].flatMap((ratio) => [
    shape("line", { class: "attn-grid", x1: x(1), x2: x(MAX_D_K), y1: y(ratio), y2: y(ratio) }),
    shape("text", { class: "attn-tick", x: PLOT.left - 8, y: y(ratio) + 4, "text-anchor": "end" }, String(ratio)),
  ]);
  const ticks = Array.from({ length: 10 }, (_, i) =>
    shape("text", { class: "attn-tick", x: x(2 ** i), y: CURVE.height - 6, "text-anchor": "middle" }, String(2 ** i)),
  );
  const needle = shape("line", { class: "attn-needle", y1: y(1), y2: y(0) });
  const kind = (words) => ({
    line: shape("path", { class: "attn-line" }),
    dot: shape("circle", { class: "attn-dot", r: 5 }),
    name: shape("text", { class: "attn-name" }, words),
  });
  const kinds = { raw: kind("undivided"), scaled: kind("divided by √d_k") };
  svg.replaceChildren(
    ...grid,
    ...ticks,
    shape("text", { class: "attn-tick", x: x(1) + 4, y: y(0) - 6 }, "entropy / ln 64"),
    needle,
    ...["line", "dot", "name"].flatMap((part) => [kinds.raw[part], kinds.scaled[part]]),
  );
  return { ...kinds, needle, x, y };
}

function drawMarker(parts, curves, { d_k, scaled }) {
  const { x, y, needle } = parts;
  move(needle, { x1: x(d_k), x2: x(d_k) });
  for (const kind of ["raw", "scaled"]) {
    const { line, dot, name } = parts[kind];
    const chosen = String((kind === "scaled") === scaled);
    move(dot, { cx: x(d_k), cy: y(curves[kind][d_k - 1]) });
    // Each curve carries its name where there is room: on the way down, or below the level one.
    const [at, lift] = kind === "raw" ? [24, -12] : [180, 18];
    move(name, { x: x(at) + (kind === "raw" ? 10 : 0), y: y(curves[kind][at - 1]) + lift });
    [line, dot, name].forEach((node) => move(node, { "data-chosen": chosen }));
  }
}

export default { render };
