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
import { assign, read, trait } from "../../widgets/js/bindings.js";
import { grip, knob, seeking } from "../../widgets/js/chart_handle.js";
import {
  button,
  caption,
  mount,
  readout,
  readouts,
  resetButton,
  sentence,
  settings,
  slider,
  symbol,
  toggle,
} from "../../widgets/js/controls.js";
import {
  PLOT,
  move,
  path,
  picture,
  put,
  rules,
  scale,
  shape,
  ticks,
} from "../../widgets/js/svg.js";
import { compose, percent, say } from "../../widgets/js/words.js";

const BARS = { height: 160, top: 8, bottom: 8 };
const CURVE = { height: 150, top: 8, bottom: 24 };

/**
 * @import { Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {{ d_k: number, scaled: boolean, query: number } & Sent<{ n_keys: number }>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["d_k", "scaled", "query"]);
  const { n_keys, limits } = model.get("_constants");
  const [n_queries, widest] = [limits.query.max + 1, limits.d_k.max];
  const d_k = slider(trait(model, "d_k"), {
    letter: "d",
    index: "k",
    meaning: TEXT.d_k,
    // Each doubling is as wide as the next. A page key doubles, an arrow key adds one.
    track: Math.log2,
    value: (place) => Math.round(2 ** place),
    nudge: (now, sign, page) => (page ? Math.round(now * 2 ** sign) : now + sign),
  });
  const scaled = toggle(trait(model, "scaled"), ...compose(TEXT.scaled, { d_k: symbol("d", "k") }));
  const another = button(TEXT.another, () =>
    assign(model, { query: (model.get("query") + 1) % n_queries }),
  );
  const largest = readout("largest", TEXT.largest);
  const ratio = readout("entropy_ratio", say(TEXT.ratio, { n_keys }));
  const passed = readout("jacobian_norm", TEXT.passed);
  const bars = picture(say(TEXT.bars, { n_keys }), { height: BARS.height });
  const curve = picture(say(TEXT.curve, { n_keys }), { height: CURVE.height });
  const words = sentence();

  const rows = normalRows(n_queries + n_keys, widest, 0);
  const [queries, keys] = [rows.slice(0, n_queries), rows.slice(n_queries)];
  const means = meanCurves(queries, keys, Math.log2(widest));
  const seen = { low: widest, high: 1 }; // widths that were tried: between them the lines are drawn
  let parts; // what moves in the pictures

  function weightsOf(now, isScaled) {
    const divisor = isScaled ? Math.sqrt(now.d_k) : 1;
    return softmax(dotScores(queries[now.query], keys, now.d_k).map((score) => score / divisor));
  }

  function layout(width) {
    parts = {
      bars: layOutBars(bars, width, n_keys),
      curve: layOutCurve(curve, width, means, trait(model, "d_k")),
    };
  }

  function draw() {
    const now = read(model, names);
    const [raw, divided] = [weightsOf(now, false), weightsOf(now, true)];
    const weights = now.scaled ? divided : raw;
    const top = Math.max(...weights);
    const inEffect = Math.exp(entropy(weights));
    [d_k, scaled].forEach((control) => control.show());
    largest.show(top);
    ratio.show(entropy(weights) / Math.log(n_keys));
    passed.show(norm(softmaxJacobian(weights)));
    drawBars(parts.bars, weights, inEffect);
    drawMarkers(parts.curve, now, {
      raw: entropy(raw) / Math.log(n_keys),
      scaled: entropy(divided) / Math.log(n_keys),
    });
    seen.low = Math.min(seen.low, now.d_k);
    seen.high = Math.max(seen.high, now.d_k);
    drawLines(parts.curve, seen);
    const places = {
      symbol: symbol("d", "k"),
      d_k: now.d_k,
      weight: percent(top),
      inEffect: inEffect.toFixed(1),
      all: n_keys,
    };
    words.show(...compose(now.scaled ? TEXT.divided : TEXT.undivided, places));
  }

  const content = [
    readouts([largest, ratio, passed]),
    caption(say(TEXT.barsCaption, { n_keys })),
    bars,
    caption(say(TEXT.curveCaption, { n_keys, n_queries })),
    curve,
    d_k.node,
    settings([scaled], another, resetButton(model, names)),
    words.node,
  ];
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
  const [ends, even] = [[x(0), x(n)], y(1 / n)];
  const rects = Array.from({ length: n }, (_, j) =>
    shape("rect", { class: "attn-bar attn-glide", x: x(j) + 0.5, width: x(1) - x(0) - 1 }),
  );
  const note = { class: "attn-note", x: ends[1], y: even - 6, "text-anchor": "end" };
  const read = shape("text", { class: "attn-arc-name" });
  const edge = shape(
    "g",
    { class: "attn-read attn-glide" },
    shape("line", { y1: y(1), y2: y(0) }),
    read,
  );
  svg.replaceChildren(
    ...rules(ends, y, [0, 0.5, 1], (share) => `${100 * share}%`),
    ...rects,
    shape("line", { class: "attn-even", x1: ends[0], x2: ends[1], y1: even, y2: even }),
    shape("text", note, say(TEXT.allAlike, { all: n })),
    edge,
  );
  return { rects, x, y, edge, read };
}

/** The bars, and a line behind as many of them as are read in effect. */
function drawBars({ rects, x, y, edge, read }, weights, inEffect) {
  const sorted = [...weights].sort((a, b) => b - a);
  sorted.forEach((weight, j) => {
    move(rects[j], { y: y(weight), height: y(0) - y(weight), "data-weight": weight });
  });
  const right = inEffect < weights.length / 2;
  put(edge, x(inEffect), 0);
  move(read, { x: right ? 6 : -6, y: y(1) + 10, "text-anchor": right ? "start" : "end" });
  read.textContent = say(TEXT.read, { inEffect: inEffect.toFixed(1) });
}

function layOutCurve(svg, width, means, d_k) {
  const place = scale([0, means.octaves], [PLOT.left, width - PLOT.right]);
  const end = place(means.octaves);
  const x = (at) => place(Math.log2(at));
  const y = scale([0, 1], [CURVE.height - CURVE.bottom, CURVE.top]);
  const widths = Array.from({ length: means.octaves + 1 }, (_, i) => 2 ** i);
  const kind = (ratios, lift, words) => ({
    points: ratios.map((ratio, i) => [x(means.widths[i]), y(ratio)]),
    line: shape("path", { class: "attn-line attn-entropy" }),
    dot: shape("circle", { class: "attn-dot attn-glide", r: 4.5 }),
    label: shape("text", { class: "attn-name" }, words),
    lift,
  });
  const raw = kind(means.raw, -10, TEXT.raw);
  const scaled = kind(means.scaled, 20, TEXT.byRoot);
  const needle = shape("line", { class: "attn-needle attn-glide", y1: y(1), y2: y(0) });
  const handle = knob();
  const octave = scale([x(1), end], [0, means.octaves]);
  const box = { left: x(1), right: end, top: y(1), bottom: y(0) };
  svg.replaceChildren(
    ...rules([x(1), end], y, [0, 0.5, 1], String),
    ...ticks(x, CURVE.height - 6, widths),
    needle,
    ...["line", "label", "dot"].flatMap((part) => [raw[part], scaled[part]]),
    handle,
    grip(
      box,
      seeking(d_k, (left) => Math.round(2 ** octave(left))),
    ),
  );
  return { raw, scaled, needle, handle, x, y, middle: (x(1) + end) / 2 };
}

/** The mean curves, as far as they have been seen. */
function drawLines({ raw, scaled, x }, seen) {
  for (const { line, points } of [raw, scaled]) {
    const shown = points.filter(([at]) => x(seen.low) <= at && at <= x(seen.high));
    line.setAttribute("d", shown.length > 1 ? path(shown) : "");
  }
}

function drawMarkers(curve, now, ratios) {
  const { x, y, needle, handle, middle } = curve;
  const side = x(now.d_k) < middle ? 1 : -1; // of the dots, where their names stand
  put(needle, x(now.d_k));
  put(handle, x(now.d_k), y(ratios[now.scaled ? "scaled" : "raw"]));
  for (const name of ["raw", "scaled"]) {
    const { line, dot, label, lift } = curve[name];
    const chosen = String((name === "scaled") === now.scaled);
    move(dot, { cx: x(now.d_k), cy: y(ratios[name]) });
    move(label, {
      x: x(now.d_k) + 12 * side,
      y: y(ratios[name]) + lift,
      "text-anchor": side > 0 ? "start" : "end",
    });
    [line, dot, label].forEach((node) => move(node, { "data-chosen": chosen }));
  }
}

const TEXT = {
  d_k: "width of query and keys",
  scaled: "divide the scores by √{d_k}",
  another: "Another query",
  largest: "largest weight",
  ratio: "entropy / ln {n_keys}",
  passed: "norm of the softmax Jacobian",
  barsCaption: "Weights of the {n_keys} keys, the heaviest first",
  bars: "Bars: the weights of the {n_keys} keys, the heaviest first.",
  allAlike: "1/{all}: all alike",
  read: "in effect, {inEffect} are read",
  curveCaption:
    "Entropy / ln {n_keys}: mean of {n_queries} queries (lines, between the widths you have tried), this query (dots). Drag the handle, or click, to change the width.",
  curve: "Two curves: entropy over ln {n_keys} against the width, divided and undivided.",
  raw: "undivided",
  byRoot: "divided",
  divided:
    "At {symbol} = {d_k} with the division, one key takes {weight} of the weight: in effect, {inEffect} of the {all} keys are read.",
  undivided:
    "At {symbol} = {d_k} without the division, one key takes {weight} of the weight: in effect, {inEffect} of the {all} keys are read.",
};

export default { render };
