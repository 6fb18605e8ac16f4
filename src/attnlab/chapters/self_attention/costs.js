// What layers cost for a length, a width and a number of heads: by formula and by the clock.
import { layerCosts } from "./layer_costs.js";
import { read, trait } from "../../widgets/js/bindings.js";
import {
  caption,
  inDoublings,
  mount,
  readout,
  readouts,
  resetButton,
  sentence,
  settings,
  slider,
} from "../../widgets/js/controls.js";
import { move, numbersFrom, picture, put, scale, shape } from "../../widgets/js/svg.js";
import { format, paragraph, power, say } from "../../widgets/js/words.js";

const BAR = { row: 20, left: 96, right: 78, axis: 18 };
const COUNTED = ["attention", "projections", "together", "RNN", "CNN"];
const CHARTS = [
  // The axis in powers of ten: both ends, and the step between its names.
  { unit: "multiplications", ends: [4, 11], step: 2, rows: COUNTED, name: power },
  { unit: "numbers", ends: [3, 9], step: 2, rows: COUNTED, name: power },
  {
    unit: "ms",
    ends: [-2, 3],
    step: 2,
    rows: ["attention", "RNN", "CNN"],
    name: (e) => String(10 ** e),
  },
];

/**
 * @import { Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {[layer: string, n: number, d: number, milliseconds: number]} Measured
 * @typedef {{ n: number, d: number, h: number, _measured: Measured[] } & Sent<{ layers: string[], kernel: number }>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["n", "d", "h"]);
  const { layers, kernel } = model.get("_constants");
  const measured = model.get("_measured");
  const sliders = names.map((letter) =>
    slider(trait(model, letter), { letter, meaning: TEXT.sizes[letter], ...inDoublings(2) }),
  );
  const shown = [
    readout("multiplications", TEXT.multiplies),
    readout("numbers", TEXT.keeps),
    readout("milliseconds", TEXT.took),
  ];
  const charts = CHARTS.map((chart) => {
    const height = chart.rows.length * BAR.row + BAR.axis;
    return { ...chart, svg: picture(TEXT.charts[chart.unit].bars, { height }) };
  });
  const words = sentence();
  let parts; // what moves in the pictures

  function layout(width) {
    parts = charts.map((chart) => layOutBars(chart, width));
  }

  function draw() {
    const { n, d, h } = read(model, names);
    const costs = layerCosts(n, d, h, kernel);
    const times = Object.fromEntries(
      layers.map((layer) => [layer, nearest(measured, layer, n, d)]),
    );
    sliders.forEach((one) => one.show());
    shown[0].show(costs.together.multiplications);
    shown[1].show(costs.together.numbers);
    shown[2].show(times.attention[3]);
    charts.forEach(({ unit }, i) =>
      drawBars(parts[i], (layer) => (unit === "ms" ? times[layer][3] : costs[layer][unit])),
    );
    const beside = (layer) => costs[layer].multiplications / costs.RNN.multiplications;
    const ratio = beside("attention");
    const clock = times.attention[3] / times.RNN[3];
    const alike = Math.abs(ratio - 1) < 0.005;
    words.show(
      paragraph(
        say(alike ? TEXT.alike : TEXT.compared, { ratio: format(ratio) }),
        say(TEXT.together, { ratio: format(beside("together")) }),
        say(TEXT.clock, { n: times.RNN[1], d: times.RNN[2], ratio: format(clock) }),
      ),
    );
  }

  const content = [
    readouts(shown),
    ...charts.flatMap(({ unit, svg }) => [caption(TEXT.charts[unit].words), svg]),
    ...sliders.map((one) => one.node),
    settings([], resetButton(model, names)),
    words.node,
  ];
  return mount(el, model, names, content, { layout, draw });
}

/** The measurement of a layer whose n and d are nearest, by their ratios. */
function nearest(measured, layer, n, d) {
  const far = ([, m, e]) => Math.max(m / n, n / m) * Math.max(e / d, d / e);
  return measured
    .filter(([name]) => name === layer)
    .reduce((best, cell) => (far(cell) < far(best) ? cell : best));
}

/** The axis, and for each row a bar with its number. */
function layOutBars({ svg, ends, step, rows, name }, width) {
  const x = scale(ends, [BAR.left, width - BAR.right]); // a logarithmic scale
  const floor = rows.length * BAR.row;
  const marks = numbersFrom(ends[0], ends[1], step).flatMap((exponent) => {
    const at = x(exponent);
    const tick = { x: at, y: floor + 13, "text-anchor": "middle", "data-exponent": exponent };
    return [
      shape("line", { class: "attn-grid", x1: at, x2: at, y1: 0, y2: floor }),
      shape("text", tick, name(exponent)),
    ];
  });
  const bars = rows.map((layer, place) => {
    const y = place * BAR.row + 3;
    const box = { x: BAR.left, y, height: BAR.row - 6 };
    const bar = shape("rect", { class: `attn-cost-${layer} attn-glide`, ...box });
    const number = shape("text", { class: "attn-note attn-glide", y: y + 11 });
    const beside = { x: BAR.left - 8, y: y + 11, "text-anchor": "end" };
    return { layer, bar, number, name: shape("text", beside, TEXT.rows[layer]) };
  });
  svg.replaceChildren(...marks, ...bars.flatMap(({ bar, name, number }) => [bar, name, number]));
  return { x, bars };
}

function drawBars({ x, bars }, valueOf) {
  bars.forEach(({ layer, bar, number }) => {
    const value = valueOf(layer);
    const end = x(Math.log10(value));
    move(bar, { width: end - BAR.left, "data-cost": value });
    put(number, end + 6);
    number.textContent = format(value);
  });
}

const TEXT = {
  sizes: { n: "vectors in the sequence", d: "width of a vector", h: "heads" },
  multiplies: "attention multiplies",
  keeps: "it keeps, numbers",
  took: "QKᵀ and AV took, ms",
  rows: {
    attention: "QKᵀ and AV",
    projections: "projections",
    together: "attention",
    RNN: "RNN",
    CNN: "CNN",
  },
  charts: {
    multiplications: {
      words: "Multiplications: attention is the sum of the two bars above it",
      bars: "Multiplications, a bar each for QKᵀ and AV, for the projections, for the two together, for the RNN and the CNN, on a logarithmic axis.",
    },
    numbers: {
      words: "Numbers to keep for training: the weights, and every output",
      bars: "Numbers to keep for training, a bar each for QKᵀ and AV, for the projections, for the two together, for the RNN and the CNN, on a logarithmic axis.",
    },
    ms: {
      words: "Milliseconds measured at the nearest size, one head, without projections",
      bars: "Milliseconds measured at the nearest size, a bar each for QKᵀ and AV, for the RNN and the CNN, on a logarithmic axis.",
    },
  },
  alike: "By count, QKᵀ and AV multiply as much as the recurrent layer (n / d).",
  compared: "By count, QKᵀ and AV multiply {ratio} times what the recurrent layer does (n / d).",
  together:
    "With its projections, attention multiplies {ratio} times as much as the recurrent layer.",
  clock: "By the clock, at n = {n} and d = {d}, QKᵀ and AV take {ratio} times as long.",
};

export default { render };
