// What three layers cost for a length, a width and a number of heads: by formula and by the clock.
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
import { picture, scale, shape } from "../../widgets/js/svg.js";
import { format, paragraph, say } from "../../widgets/js/words.js";

const BAR = { row: 22, left: 76, right: 100 };
const RANGES = { multiplications: [1e4, 2e10], numbers: [1e3, 3e8], ms: [0.01, 2000] };

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
  const groups = Object.entries(RANGES).map(([unit, range]) => {
    const { words, bars } = TEXT.groups[unit];
    return { unit, range, words, svg: picture(bars, { height: layers.length * BAR.row }) };
  });
  const words = sentence();
  let width = 0;

  function draw() {
    const { n, d, h } = read(model, names);
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
    const alike = Math.abs(ratio - 1) < 0.005;
    words.show(
      paragraph(
        say(alike ? TEXT.alike : TEXT.compared, { ratio: format(ratio) }),
        say(TEXT.clock, { n: times.RNN[1], d: times.RNN[2], ratio: format(clock) }),
      ),
    );
  }

  const content = [
    readouts(shown),
    ...groups.flatMap((group) => [caption(group.words), group.svg]),
    ...sliders.map((one) => one.node),
    settings([], resetButton(model, names)),
    words.node,
  ];
  const layout = (next) => (width = next);
  return mount(el, model, names, content, { layout, draw });
}

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

const TEXT = {
  sizes: { n: "vectors in the sequence", d: "width of a vector", h: "heads" },
  multiplies: "attention multiplies",
  keeps: "it keeps, numbers",
  took: "it took, ms",
  groups: {
    multiplications: { words: "Multiplications", bars: "Multiplications, three bars." },
    numbers: {
      words: "Numbers to keep for training: weights and outputs",
      bars: "Numbers to keep for training: weights and outputs, three bars.",
    },
    ms: {
      words: "Milliseconds measured at the nearest size, with one head",
      bars: "Milliseconds measured at the nearest size, with one head, three bars.",
    },
  },
  alike: "By count, attention multiplies as much as the recurrent layer does (n / d).",
  compared: "By count, attention multiplies {ratio} times what the recurrent layer does (n / d).",
  clock: "By the clock, at n = {n} and d = {d}, it takes {ratio} times as long.",
};

export default { render };
