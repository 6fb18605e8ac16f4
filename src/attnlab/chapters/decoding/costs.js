// What three layers cost for a length, a width and a number of heads: by formula and by the clock.
import { layerCosts } from "./layer_costs.js";
import {
  caption,
  element,
  format,
  mount,
  readout,
  resetButton,
  scale,
  sentence,
  shape,
  slider,
} from "../../widgets/js/controls.js";

const BAR = { row: 22, left: 76, right: 100 };

function render({ model, el }) {
  const names = ["n", "d", "h"];
  const { layers, kernel } = model.get("_constants");
  const measured = model.get("_measured");
  const sliders = [
    doubling(model, "n", "vectors in the sequence"),
    doubling(model, "d", "width of a vector"),
    doubling(model, "h", "heads"),
  ];
  const shown = [
    readout("multiplications", "attention multiplies"),
    readout("numbers", "it keeps, numbers"),
    readout("milliseconds", "it took, ms"),
  ];
  const groups = [
    { words: "Multiplications", unit: "multiplications", range: [1e4, 2e10] },
    {
      words: "Numbers to keep for training: weights and outputs",
      unit: "numbers",
      range: [1e3, 3e8],
    },
    {
      words: "Milliseconds measured at the nearest size, with one head",
      unit: "ms",
      range: [0.01, 2000],
    },
  ].map((group) => ({
    ...group,
    svg: shape("svg", {
      role: "img",
      height: layers.length * BAR.row,
      "aria-label": `${group.words}, three bars.`,
    }),
  }));
  const words = sentence();
  let width = 0;

  function draw() {
    const [n, d, h] = names.map((name) => model.get(name));
    const costs = layerCosts(n, d, h, kernel);
    const times = Object.fromEntries(
      layers.map((layer) => [layer, nearest(measured, layer, n, d)]),
    );
    sliders.forEach((one) => one.show());
    shown[0].show(costs.attention.multiplications);
    shown[1].show(costs.attention.numbers);
    shown[2].show(times.attention[3]);
    const value = {
      multiplications: (layer) => costs[layer].multiplications,
      numbers: (layer) => costs[layer].numbers,
      ms: (layer) => times[layer][3],
    };
    groups.forEach(({ svg, unit, range }) => drawBars(svg, layers, value[unit], range, width));
    const ratio = costs.attention.multiplications / costs.RNN.multiplications;
    const clock = times.attention[3] / times.RNN[3];
    words.show(
      `By count, attention multiplies ${compare(ratio)} the recurrent layer does (n / d). ` +
        `By the clock, at n = ${times.RNN[1]} and d = ${times.RNN[2]}, it takes ${format(clock)} times as long.`,
    );
  }

  const buttons = element("div", { class: "attn-buttons" }, resetButton(model, names));
  const content = [
    element("div", { class: "attn-readouts" }, ...shown.map((one) => one.node)),
    ...groups.flatMap((group) => [caption(group.words), group.svg]),
    ...sliders.map((one) => one.node),
    element("div", { class: "attn-settings" }, buttons),
    words.node,
  ];
  const layout = (next) => (width = next);
  return mount(el, model, names, content, { layout, draw });
}

function doubling(model, name, meaning) {
  return slider(model, name, {
    letter: name,
    meaning,
    track: Math.log2,
    value: (place) => 2 ** Math.round(place),
    nudge: (now, sign, page) => Math.round(now * 2 ** (sign * (page ? 2 : 1))),
    text: String,
  });
}

const compare = (ratio) =>
  Math.abs(ratio - 1) < 0.005 ? "as much as" : `${format(ratio)} times what`;

/** The measurement of a layer whose n and d are nearest, by their ratios. */
function nearest(measured, layer, n, d) {
  const far = ([, m, e]) => Math.max(m / n, n / m) * Math.max(e / d, d / e);
  return measured
    .filter(([name]) => name === layer)
    .reduce((best, cell) => (far(cell) < far(best) ? cell : best));
}

function drawBars(svg, layers, value, range, width) {
  const x = scale(range.map(Math.log), [BAR.left, width - BAR.right]); // a logarithmic scale
  const parts = layers.flatMap((layer, place) => {
    const top = place * BAR.row;
    const end = x(Math.log(value(layer)));
    const box = {
      x: BAR.left,
      y: top + 3,
      width: Math.max(1, end - BAR.left),
      height: BAR.row - 6,
    };
    return [
      shape("rect", { class: layer === "attention" ? "attn-bar" : "attn-step", ...box }),
      shape("text", { x: BAR.left - 8, y: top + 16, "text-anchor": "end" }, layer),
      shape("text", { x: end + 6, y: top + 16 }, format(value(layer))),
    ];
  });
  svg.replaceChildren(...parts);
}

export default { render };
