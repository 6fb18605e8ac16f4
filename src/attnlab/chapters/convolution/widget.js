// A stack of convolutions from one output down to its inputs: who is read, and how much it counts.
import { dilationsOf, pathShares, positionsRead, receptiveField, spread } from "./mathematics.js";
import { read, trait } from "../../widgets/js/bindings.js";
import { grip, knob, seeking } from "../../widgets/js/chart_handle.js";
import {
  caption,
  evenly,
  mount,
  readout,
  readouts,
  resetButton,
  sentence,
  settings,
  slider,
  toggle,
} from "../../widgets/js/controls.js";
import {
  PLOT,
  move,
  numbersFrom,
  picture,
  put,
  scale,
  shape,
  ticks,
} from "../../widgets/js/svg.js";
import { format, paragraph, say } from "../../widgets/js/words.js";

const NETWORK = [12, 196]; // from the outputs' row down to the inputs'
const PAPER = 216; // the two fields, as lines
const EFFECT = 236;
const BARS = [330, 252];
const HEIGHT = 352;

/**
 * @import { Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {{ kernel: number, layers: number, doubling: boolean, output: number } & Sent<{ n: number }>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["kernel", "layers", "doubling", "output"]);
  const { n, limits } = model.get("_constants");
  const output = slider(trait(model, "output"), {
    letter: "p",
    meaning: TEXT.output,
    ...evenly({ page: 8 }),
  });
  const layers = slider(trait(model, "layers"), {
    letter: "L",
    meaning: TEXT.layers,
    ...evenly({ page: 2 }),
  });
  const kernel = slider(trait(model, "kernel"), {
    letter: "w",
    meaning: TEXT.kernel,
    ...evenly({ step: 2, page: 2, from: 1 }),
  });
  const doubling = toggle(trait(model, "doubling"), TEXT.doubling);
  const field = readout("field", TEXT.field);
  const width = readout("width", TEXT.width);
  const weakest = readout("weakest", TEXT.weakest);
  const words = sentence();
  const network = picture(TEXT.network, { height: HEIGHT });
  let parts; // what moves in the picture: it changes with the width of the widget alone

  function layout(pixels) {
    parts = layOut(network, pixels, n, limits.layers.max, trait(model, "output"));
  }

  function draw() {
    const now = read(model, names);
    const dilations = dilationsOf(now);
    const levels = pathShares(n, now.output, dilations, now.kernel);
    const shares = levels[dilations.length];
    const seen = [...shares.keys()].filter((i) => shares[i] > 0);
    const least = Math.min(...seen.map((i) => shares[i])) / Math.max(...shares);
    const effect = spread(shares);
    const paper = receptiveField(dilations, now.kernel);
    [output, layers, kernel, doubling].forEach((control) => control.show());
    field.show(paper);
    width.show(effect.width);
    weakest.show(least);
    put(parts.handle, parts.x(now.output), NETWORK[0]);
    drawNetwork(parts, levels, dilations, now.kernel);
    drawFields(parts, shares, seen, effect);
    words.show(describe(now, paper, seen, effect.width, least));
  }

  const content = [
    readouts([field, width, weakest]),
    caption(TEXT.choose),
    network,
    output.node,
    layers.node,
    kernel.node,
    settings([doubling], resetButton(model, names)),
    words.node,
  ];
  return mount(el, model, names, content, { layout, draw });
}

function describe(now, paper, seen, width, least) {
  const [first, last] = [seen[0], seen[seen.length - 1]];
  const reach = last - first + 1;
  const inside = paper > seen.length ? TEXT.cutOff : TEXT.inside;
  // Four deviations of an even spread are wider than the spread itself.
  const inEffect = width > reach ? TEXT.seesAll : TEXT.seesPart;
  return paragraph(
    say(seen.length < reach ? inside.gaps : inside.whole, {
      output: now.output,
      count: seen.length,
      paper,
      first,
      last,
    }),
    say(least > 0.999 ? inEffect.alike : inEffect.apart, {
      width: width.toFixed(1),
      share: format(least),
    }),
  );
}

function layOut(svg, width, n, maxLayers, chosen) {
  const x = scale([0, n - 1], [PLOT.left, width - PLOT.right]);
  const name = (y, words, kind = "") =>
    shape("text", { class: kind, x: PLOT.left - 12, y: y + 4, "text-anchor": "end" }, words);
  const edges = Array.from({ length: maxLayers }, () => shape("path", { class: "attn-edges" }));
  const rows = Array.from({ length: maxLayers + 1 }, () =>
    Array.from({ length: n }, (_, i) => shape("circle", { class: "attn-node", cx: x(i) })),
  );
  const bars = Array.from({ length: n }, (_, i) => {
    const thick = 0.7 * (x(1) - x(0));
    return shape("rect", { class: "attn-bar attn-glide", x: x(i) - thick / 2, width: thick });
  });
  const paper = shape("path", { class: "attn-line attn-glide", "data-chosen": "true" });
  const handle = knob("attn-of-query");
  const back = scale([x(0), x(n - 1)], [0, n - 1]);
  const seek = seeking(chosen, (left) => Math.round(back(left)));
  const effect = shape("path", { class: "attn-arc attn-glide" });
  const base = shape("line", {
    class: "attn-grid",
    x1: x(0),
    x2: x(n - 1),
    y1: BARS[0],
    y2: BARS[0],
  });
  svg.replaceChildren(
    ...edges,
    ...rows.flat(),
    base,
    ...bars,
    paper,
    effect,
    handle,
    name(NETWORK[0], TEXT.top, "attn-of-query"),
    name(NETWORK[1], TEXT.bottom, "attn-of-key"),
    name(PAPER, TEXT.paper),
    name(EFFECT, TEXT.effect),
    ...ticks(x, HEIGHT - 6, numbersFrom(0, n - 1, 16)),
    grip({ left: x(0), right: x(n - 1), top: 0, bottom: HEIGHT }, seek),
  );
  const across = Array.from({ length: n }, (_, i) => x(i).toFixed(1));
  return { x, across, edges, rows, bars, paper, effect, handle };
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
        "data-asked": seen && level === dilations.length,
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

const TEXT = {
  output: "position of the output",
  layers: "layers",
  kernel: "kernel: inputs read by each",
  doubling: "dilation doubles with each layer",
  field: "field on paper",
  width: "field in effect",
  weakest: "weakest input, of the strongest",
  choose: "Click or drag to choose an output.",
  network:
    "Rows of positions from one output at the top down to the inputs, and a bar for each input.",
  // Names at the left of the picture.
  top: "output",
  bottom: "inputs",
  paper: "paper",
  effect: "effect",
  inside: {
    whole: "Output {output} can see {count} inputs: inputs {first} to {last}.",
    gaps: "Output {output} can see {count} inputs: inputs {first} to {last}, with gaps.",
  },
  cutOff: {
    whole:
      "Output {output} can see {count} inputs (of {paper} on paper; the others are not there): inputs {first} to {last}.",
    gaps: "Output {output} can see {count} inputs (of {paper} on paper; the others are not there): inputs {first} to {last}, with gaps.",
  },
  seesAll: {
    alike: "In effect it sees all (4σ is {width}): all count alike.",
    apart: "In effect it sees all (4σ is {width}): the weakest counts {share} of the strongest.",
  },
  seesPart: {
    alike: "In effect it sees a width of {width}: all count alike.",
    apart: "In effect it sees a width of {width}: the weakest counts {share} of the strongest.",
  },
};

export default { render };
