// One query over 64 keys: what its width does to the weights, with and without 1/√d_k.
import {
  dotScores,
  entropy,
  meanEntropies,
  norm,
  normalRows,
  softmax,
  softmaxJacobian,
} from "../../widgets/js/mathematics.js";
import {
  PLOT,
  button,
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
  symbol,
  toggle,
} from "../../widgets/js/controls.js";

const BARS = { height: 160, top: 8, bottom: 8 };
const CURVE = { height: 150, top: 8, bottom: 24 };

function render({ model, el }) {
  const names = ["d_k", "scaled", "query"];
  const { n_keys, limits } = model.get("_constants");
  const [n_queries, widest] = [limits.query.max + 1, limits.d_k.max];
  const d_k = slider(model, "d_k", {
    letter: "d",
    index: "k",
    meaning: "width of query and keys",
    // Each doubling is as wide as the next. A page key doubles, an arrow key adds one.
    track: Math.log2,
    value: (place) => Math.round(2 ** place),
    nudge: (now, sign, page) => (page ? Math.round(now * 2 ** sign) : now + sign),
    text: String,
  });
  const scaled = toggle(model, "scaled", "divide the scores by √", symbol("d", "k"));
  const another = button("Another query", () => {
    model.set("query", (model.get("query") + 1) % n_queries);
    model.save_changes();
  });
  const largest = readout("largest", "largest weight");
  const ratio = readout("entropy_ratio", "entropy / ln 64");
  const passed = readout("jacobian_norm", "norm of the softmax Jacobian");
  const numbers = [largest.node, ratio.node, passed.node];
  const readouts = element("div", { class: "attn-readouts" }, ...numbers);
  const bars = shape("svg", {
    role: "img",
    height: BARS.height,
    "aria-label": "Bars: the weights of the 64 keys, the heaviest first.",
  });
  const curve = shape("svg", {
    role: "img",
    height: CURVE.height,
    "aria-label": "Two curves: entropy over ln 64 against the width, divided and undivided.",
  });
  const barsCaption = caption("Weights of the 64 keys, the heaviest first");
  const curveCaption = caption("Entropy / ln 64: mean of 64 queries (lines), this query (dots)");
  const words = sentence();

  const rows = normalRows(n_queries + n_keys, widest, 0);
  const [queries, keys] = [rows.slice(0, n_queries), rows.slice(n_queries)];
  const means = meanCurves(queries, keys, Math.log2(widest));
  let parts; // what moves in the pictures

  function weightsOf(now, isScaled) {
    const divisor = isScaled ? Math.sqrt(now.d_k) : 1;
    return softmax(dotScores(queries[now.query], keys, now.d_k).map((score) => score / divisor));
  }

  function layout(width) {
    parts = { bars: layOutBars(bars, width, n_keys), curve: layOutCurve(curve, width, means) };
  }

  function draw() {
    const now = { d_k: model.get("d_k"), scaled: model.get("scaled"), query: model.get("query") };
    const [raw, divided] = [weightsOf(now, false), weightsOf(now, true)];
    const weights = now.scaled ? divided : raw;
    const top = Math.max(...weights);
    [d_k, scaled].forEach((control) => control.show());
    largest.show(top);
    ratio.show(entropy(weights) / Math.log(n_keys));
    passed.show(norm(softmaxJacobian(weights)));
    drawBars(parts.bars, weights);
    drawMarkers(parts.curve, now, {
      raw: entropy(raw) / Math.log(n_keys),
      scaled: entropy(divided) / Math.log(n_keys),
    });
    words.show(
      "At ",
      symbol("d", "k"),
      ` = ${now.d_k} ${now.scaled ? "with" : "without"} the division, one key takes ` +
        `${percent(top)} of the weight: in effect, ` +
        `${Math.exp(entropy(weights)).toFixed(1)} of the ${n_keys} keys are read.`,
    );
  }

  const buttons = element("div", { class: "attn-buttons" }, another, resetButton(model, names));
  const settings = element("div", { class: "attn-settings" }, scaled.node, buttons);
  const pictures = [barsCaption, bars, curveCaption, curve];
  const content = [readouts, ...pictures, d_k.node, settings, words.node];
  return mount(el, model, names, content, { layout, draw });
}

/** The two curves at whole widths, four in each octave. */
function meanCurves(queries, keys, octaves) {
  const places = Array.from({ length: 4 * octaves + 1 }, (_, i) => Math.round(2 ** (i / 4)));
  const widths = [...new Set(places)];
  return { octaves, widths, ...meanEntropies(queries, keys, widths) };
}

function layOutBars(svg, width, n) {
  const x = scale([0, n], [PLOT.left, width - PLOT.right]);
  const y = scale([0, 1], [BARS.height - BARS.bottom, BARS.top]);
  const rule = (share, kind) =>
    shape("line", { class: kind, x1: x(0), x2: x(n), y1: y(share), y2: y(share) });
  const beside = (share) => ({ x: PLOT.left - 8, y: y(share) + 4, "text-anchor": "end" });
  const tick = (share) => shape("text", beside(share), `${100 * share}%`);
  const rects = Array.from({ length: n }, (_, j) =>
    shape("rect", { class: "attn-bar", x: x(j) + 0.5, width: x(1) - x(0) - 1 }),
  );
  const even = { class: "attn-note", x: x(n), y: y(1 / n) - 6, "text-anchor": "end" };
  svg.replaceChildren(
    ...[0, 0.5, 1].flatMap((share) => [rule(share, "attn-grid"), tick(share)]),
    ...rects,
    rule(1 / n, "attn-even"),
    shape("text", even, "1/64: all alike"),
  );
  return { rects, y };
}

function drawBars({ rects, y }, weights) {
  const sorted = [...weights].sort((a, b) => b - a);
  sorted.forEach((weight, j) => {
    move(rects[j], { y: y(weight), height: y(0) - y(weight), "data-weight": weight });
  });
}

function layOutCurve(svg, width, means) {
  const place = scale([0, means.octaves], [PLOT.left, width - PLOT.right]);
  const end = place(means.octaves);
  const x = (d_k) => place(Math.log2(d_k));
  const y = scale([0, 1], [CURVE.height - CURVE.bottom, CURVE.top]);
  const grid = [0, 0.5, 1].flatMap((ratio) => [
    shape("line", { class: "attn-grid", x1: x(1), x2: end, y1: y(ratio), y2: y(ratio) }),
    shape("text", { x: PLOT.left - 8, y: y(ratio) + 4, "text-anchor": "end" }, String(ratio)),
  ]);
  const ticks = Array.from({ length: means.octaves + 1 }, (_, i) =>
    shape("text", { x: place(i), y: CURVE.height - 6, "text-anchor": "middle" }, String(2 ** i)),
  );
  const kind = (ratios, lift, words) => {
    const points = ratios.map((ratio, i) => [x(means.widths[i]), y(ratio)]);
    const name = { x: end, y: y(ratios.at(-1)) + lift, "text-anchor": "end" };
    return {
      line: shape("path", { class: "attn-line", d: path(points) }),
      dot: shape("circle", { class: "attn-dot", r: 5 }),
      label: shape("text", { class: "attn-name", ...name }, words),
    };
  };
  const raw = kind(means.raw, -10, "undivided");
  const scaled = kind(means.scaled, 20, "divided");
  const needle = shape("line", { class: "attn-needle", y1: y(1), y2: y(0) });
  svg.replaceChildren(
    ...grid,
    ...ticks,
    needle,
    ...["line", "label", "dot"].flatMap((part) => [raw[part], scaled[part]]),
  );
  return { raw, scaled, needle, x, y };
}

function drawMarkers(curve, now, ratios) {
  const { x, y, needle } = curve;
  move(needle, { x1: x(now.d_k), x2: x(now.d_k) });
  for (const name of ["raw", "scaled"]) {
    const { line, dot, label } = curve[name];
    const chosen = String((name === "scaled") === now.scaled);
    move(dot, { cx: x(now.d_k), cy: y(ratios[name]) });
    [line, dot, label].forEach((node) => move(node, { "data-chosen": chosen }));
  }
}

export default { render };
