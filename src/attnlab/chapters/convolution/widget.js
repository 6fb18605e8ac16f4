// A stack of convolutions from one output down to its inputs: who is read, and how much it counts.
import { dilationsOf, pathShares, positionsRead, receptiveField, spread } from "./mathematics.js";
import {
  PLOT,
  element,
  format,
  mount,
  move,
  readout,
  resetButton,
  scale,
  sentence,
  shape,
  slider,
  toggle,
} from "../../widgets/js/controls.js";

const NETWORK = [12, 196]; // from the outputs' row down to the inputs'
const PAPER = 216; // the two fields, as lines
const EFFECT = 236;
const BARS = [330, 252];
const HEIGHT = 352;

function render({ model, el }) {
  const names = ["kernel", "layers", "doubling", "output"];
  const { n, limits } = model.get("_constants");
  const whole = (letter, meaning, page, { start = 0, step = 1 } = {}) => ({
    letter,
    meaning,
    track: Number,
    value: (x) => start + step * Math.round((x - start) / step),
    nudge: (now, sign, far) => now + sign * (far ? page : step),
    text: String,
  });
  const odd = { start: 1, step: 2 };
  const output = slider(model, "output", whole("p", "position of the output", 8));
  const layers = slider(model, "layers", whole("L", "layers", 2));
  const kernel = slider(model, "kernel", whole("k", "kernel: inputs read by each", 2, odd));
  const doubling = toggle(model, "doubling", "dilation doubles with each layer");
  const field = readout("field", "field on paper");
  const width = readout("width", "field in effect");
  const weakest = readout("weakest", "weakest input, of the strongest");
  const words = sentence();
  const picture = shape("svg", {
    role: "img",
    height: HEIGHT,
    "aria-label":
      "Rows of positions from one output at the top down to the inputs, and a bar for each input.",
  });
  let parts; // what moves in the picture: it changes with the width of the widget alone

  function layout(pixels) {
    parts = layOut(picture, pixels, n, limits.layers.max);
  }

  function choose(event) {
    if (event.buttons !== 1) return;
    const { left } = picture.getBoundingClientRect();
    const [first, last] = [parts.x(0), parts.x(n - 1)];
    const position = Math.round(((event.clientX - left - first) / (last - first)) * (n - 1));
    model.set("output", Math.min(n - 1, Math.max(0, position)));
    model.save_changes();
  }
  picture.addEventListener("pointerdown", choose);
  picture.addEventListener("pointermove", choose);

  function draw() {
    const now = Object.fromEntries(names.map((name) => [name, model.get(name)]));
    const dilations = dilationsOf(now);
    const levels = pathShares(n, now.output, dilations, now.kernel);
    const shares = levels.at(-1);
    const seen = [...shares.keys()].filter((i) => shares[i] > 0);
    const least = Math.min(...seen.map((i) => shares[i])) / Math.max(...shares);
    const effect = spread(shares);
    const paper = receptiveField(dilations, now.kernel);
    [output, layers, kernel, doubling].forEach((control) => control.show());
    field.show(paper);
    width.show(effect.width);
    weakest.show(least);
    drawNetwork(parts, levels, dilations, now.kernel);
    drawFields(parts, shares, seen, effect);
    const range = `inputs ${seen[0]} to ${seen.at(-1)}`;
    const outside = paper > seen.length ? ` (of ${paper} on paper; the others are not there)` : "";
    const reach = seen.at(-1) - seen[0] + 1;
    const gaps = seen.length < reach ? ", with gaps" : "";
    const sigmas = effect.width.toFixed(1);
    // Four deviations of an even spread are wider than the spread itself.
    const inEffect = effect.width > reach ? `all (4σ is ${sigmas})` : `a width of ${sigmas}`;
    words.show(
      `Output ${now.output} can see ${seen.length} inputs${outside}: ${range}${gaps}. ` +
        `In effect it sees ${inEffect}: ` +
        (least > 0.999
          ? "all count alike."
          : `the weakest counts ${format(least)} of the strongest.`),
    );
  }

  const readouts = element("div", { class: "attn-readouts" }, field.node, width.node, weakest.node);
  const buttons = element("div", { class: "attn-buttons" }, resetButton(model, names));
  const settings = element("div", { class: "attn-settings" }, doubling.node, buttons);
  const hint = element("p", { class: "attn-caption" }, "Click or drag to choose an output.");
  const content = [
    readouts,
    hint,
    picture,
    output.node,
    layers.node,
    kernel.node,
    settings,
    words.node,
  ];
  return mount(el, model, names, content, { layout, draw });
}

function layOut(svg, width, n, maxLayers) {
  const x = scale([0, n - 1], [PLOT.left, width - PLOT.right]);
  const name = (y, words) =>
    shape("text", { x: PLOT.left - 8, y: y + 4, "text-anchor": "end" }, words);
  const edges = Array.from({ length: maxLayers }, () => shape("path", { class: "attn-edges" }));
  const rows = Array.from({ length: maxLayers + 1 }, () =>
    Array.from({ length: n }, (_, i) => shape("circle", { class: "attn-node", cx: x(i) })),
  );
  const bars = Array.from({ length: n }, (_, i) => {
    const thick = 0.7 * (x(1) - x(0));
    return shape("rect", { class: "attn-bar", x: x(i) - thick / 2, width: thick });
  });
  const paper = shape("path", { class: "attn-line", "data-chosen": "true" });
  const effect = shape("path", { class: "attn-arc" });
  const ticks = [0, 16, 32, 48, 64].map((i) =>
    shape("text", { x: x(i), y: HEIGHT - 6, "text-anchor": "middle" }, String(i)),
  );
  const base = shape("line", {
    class: "attn-grid",
    x1: x(0),
    x2: x(n - 1),
    y1: BARS[0],
    y2: BARS[0],
  });
  svg.replaceChildren(
    shape("rect", { class: "attn-pick", width, height: HEIGHT }),
    ...edges,
    ...rows.flat(),
    base,
    ...bars,
    paper,
    effect,
    name(NETWORK[0], "output"),
    name(NETWORK[1], "inputs"),
    name(PAPER, "paper"),
    name(EFFECT, "effect"),
    ...ticks,
  );
  const across = Array.from({ length: n }, (_, i) => x(i).toFixed(1));
  return { x, across, edges, rows, bars, paper, effect };
}

function drawNetwork({ across, edges, rows }, levels, dilations, kernel) {
  const y = scale([0, dilations.length], NETWORK);
  rows.forEach((row, level) => {
    const shares = levels[level];
    const most = shares ? Math.max(...shares) : 0;
    row.forEach((node, i) => {
      if (!shares) return move(node, { visibility: "hidden" });
      const seen = shares[i] > 0;
      move(node, {
        visibility: "visible",
        cy: y(level).toFixed(1),
        r: seen ? (1 + 2.2 * Math.sqrt(shares[i] / most)).toFixed(1) : 0.8,
        "data-seen": seen,
      });
    });
  });
  edges.forEach((path, level) => {
    if (level >= dilations.length) return move(path, { d: "" });
    const dilation = dilations.at(-1 - level);
    const [from, to] = [y(level).toFixed(1), y(level + 1).toFixed(1)];
    let d = "";
    levels[level].forEach((share, i) => {
      if (share === 0) return;
      for (const j of positionsRead(across.length, i, dilation, kernel)) {
        d += `M${across[i]} ${from}L${across[j]} ${to}`;
      }
    });
    move(path, { d });
  });
}

/** The inputs' bars, and above them how wide the field is on paper and in effect. */
function drawFields({ x, bars, paper, effect }, shares, seen, { mean, width }) {
  const y = scale([0, Math.max(...shares)], BARS);
  bars.forEach((bar, i) =>
    move(bar, { y: y(shares[i]), height: BARS[0] - y(shares[i]), "data-share": shares[i] }),
  );
  const bracket = (from, to, height) =>
    `M${x(from)} ${height - 5}v10M${x(from)} ${height}H${x(to)}M${x(to)} ${height - 5}v10`;
  move(paper, { d: bracket(seen[0], seen.at(-1), PAPER) });
  const [from, to] = [mean - width / 2, mean + width / 2];
  move(effect, { d: bracket(Math.max(0, from), Math.min(shares.length - 1, to), EFFECT) });
}

export default { render };
