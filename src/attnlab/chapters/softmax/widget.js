// Six scores and their weights, steered by hand: a temperature for all, a bias or a mask for each.
import { entropy, steeredSoftmax } from "../../widgets/js/mathematics.js";
import {
  PLOT,
  caption,
  element,
  mount,
  move,
  percent,
  readout,
  resetButton,
  scale,
  sentence,
  shape,
  slider,
  toggle,
} from "../../widgets/js/controls.js";

const SCORES = { height: 180, top: 8, bottom: 8 };
const WEIGHTS = { height: 170, top: 22, bottom: 8 };
const BAR = 0.56; // of a column's width
let groups = 0; // radio buttons belong together by a name that no other widget on the page has

function render({ model, el }) {
  const names = ["logits", "temperature", "biases", "mask", "key"];
  const { limits } = model.get("_constants");
  const hundredths = (x) => Math.round(100 * x) / 100;
  const temperature = slider(model, "temperature", {
    letter: "T",
    meaning: "temperature: all scores are divided by it",
    track: Math.log10,
    value: (place) => hundredths(10 ** place),
    nudge: (now, sign, page) => hundredths(page ? now * 2 ** sign : now + 0.1 * sign),
    text: (now) => now.toFixed(2),
  });
  const keys = [...model.get("logits").keys()];
  const choice = chooser(model, keys);
  const bias = slider(ofChosenKey(model, "biases"), "bias", {
    letter: "b",
    meaning: "bias: added to the chosen key’s logit",
    limits: limits.biases,
    track: Number,
    value: (place) => Math.round(10 * place) / 10,
    nudge: (now, sign, page) => Math.round(10 * now + sign * (page ? 10 : 1)) / 10,
    text: (now) => now.toFixed(1).replace("-", "−"),
  });
  const which = element("span");
  const mask = toggle(ofChosenKey(model, "mask"), "mask", which);
  const own = readout("own", "weight of the chosen key");
  const largest = readout("largest", "largest weight");
  const inEffect = readout("keys_in_effect", "keys in effect");
  const scores = shape("svg", {
    role: "img",
    height: SCORES.height,
    "aria-label": "Bars: the scores of the six keys.",
  });
  const shares = shape("svg", {
    role: "img",
    height: WEIGHTS.height,
    "aria-label": "Bars: the weights of the six keys.",
  });
  const words = sentence();
  let parts; // what moves in the pictures

  function layout(width) {
    const choose = (j) => {
      model.set("key", j);
      model.save_changes();
    };
    const x = scale([0, keys.length], [PLOT.left, width - PLOT.right]);
    const largest = limits.logits.max + limits.biases.max;
    parts = {
      scores: layOutScores(scores, x, keys, largest, choose),
      weights: layOutWeights(shares, x, keys, choose),
    };
  }

  function draw() {
    const now = Object.fromEntries(names.map((name) => [name, model.get(name)]));
    const weights = steeredSoftmax(now.logits, now.biases, now.mask, now.temperature);
    const none = !now.mask.includes(true);
    const top = weights.indexOf(Math.max(...weights));
    which.textContent = `key ${now.key} may be attended`;
    [temperature, choice, bias, mask].forEach((control) => control.show());
    own.show(weights[now.key]);
    largest.show(weights[top]);
    inEffect.show(none ? 0 : Math.exp(entropy(weights)));
    drawScores(parts.scores, now);
    drawWeights(parts.weights, now, weights);
    words.show(describe(now, weights, top, none));
  }

  const readouts = element(
    "div",
    { class: "attn-readouts" },
    own.node,
    largest.node,
    inEffect.node,
  );
  const buttons = element("div", { class: "attn-buttons" }, resetButton(model, names));
  const settings = element("div", { class: "attn-settings" }, mask.node, buttons);
  const content = [
    readouts,
    caption("Scores: logit plus bias (bars), the logit alone (dashed)"),
    scores,
    caption("Weights: the softmax of the scores over T"),
    shares,
    choice.node,
    temperature.node,
    bias.node,
    settings,
    words.node,
  ];
  return mount(el, model, names, content, { layout, draw });
}

function describe({ temperature, mask, key }, weights, top, none) {
  if (none) return "Every key is masked: no key is read, and all weights are 0.";
  const inEffect = Math.exp(entropy(weights)).toFixed(1);
  const read = `In effect, ${inEffect} of the ${weights.length} keys are read.`;
  const most = `key ${top} takes ${percent(weights[top])} of the weight, the most`;
  const heaviest = isAlone(mask) ? `key ${top} takes all of the weight` : most;
  let chosen = `, and key ${key} ${percent(weights[key])}`;
  if (key === top) chosen = "";
  if (!mask[key]) chosen = `, and key ${key} is masked: its share went to the others`;
  return `At T = ${temperature.toFixed(2)}, ${heaviest}${chosen}. ${read}`;
}

/** The part of a trait with a value for each key that belongs to the chosen one. */
function ofChosenKey(model, name) {
  return {
    get: () => model.get(name)[model.get("key")],
    set: (_, value) => {
      const chosen = model.get("key");
      model.set(
        name,
        model.get(name).map((old, j) => (j === chosen ? value : old)),
      );
    },
    save_changes: () => model.save_changes(),
  };
}

/** Radio buttons below the columns: which key the bias and the mask act on. */
function chooser(model, keys) {
  groups += 1;
  const inputs = keys.map((j) =>
    element("input", {
      type: "radio",
      name: `attn-key-${groups}`,
      value: j,
      "data-name": "key",
      "aria-label": `key ${j}`,
      change: () => {
        model.set("key", j);
        model.save_changes();
      },
    }),
  );
  const labels = inputs.map((input, j) =>
    element("label", {}, input, element("span", { "aria-hidden": "true" }, String(j))),
  );
  const legend = element("legend", {}, "Choose a key, here or by a click on its bar");
  const row = element("div", {}, ...labels);
  const node = element("fieldset", { class: "attn-keys" }, legend, row);
  const show = () => inputs.forEach((input, j) => (input.checked = j === model.get("key")));
  return { node, show };
}

/** A column for each key, behind its bar: a click chooses the key. */
function columns(x, keys, height, choose) {
  return keys.map((j) => {
    const place = { x: x(j) + 2, width: x(1) - x(0) - 4, y: 0, height };
    return shape("rect", { class: "attn-column", ...place, click: () => choose(j) });
  });
}

function bars(x, keys, kind) {
  const width = BAR * (x(1) - x(0));
  return keys.map((j) => shape("rect", { class: kind, x: x(j + 0.5) - width / 2, width }));
}

function numbers(x, keys) {
  const place = (j) => ({ x: x(j + 0.5), "text-anchor": "middle" });
  return keys.map((j) => shape("text", { class: "attn-number", ...place(j) }));
}

function layOutScores(svg, x, keys, largest, choose) {
  const ends = [SCORES.height - SCORES.bottom, SCORES.top];
  const y = scale([-largest, largest], ends);
  const parts = {
    columns: columns(x, keys, SCORES.height, choose),
    bars: bars(x, keys, "attn-score"),
    logits: bars(x, keys, "attn-logit"),
    numbers: numbers(x, keys),
    y,
  };
  const grid = [-8, -4, 0, 4, 8].flatMap((score) => rule(x, y, keys, score, signed(score)));
  svg.replaceChildren(...parts.columns, ...grid, ...parts.bars, ...parts.logits, ...parts.numbers);
  return parts;
}

function rule(x, y, keys, value, words) {
  const ends = { x1: x(0), x2: x(keys.length), y1: y(value), y2: y(value) };
  const beside = { x: PLOT.left - 8, y: y(value) + 4, "text-anchor": "end" };
  return [shape("line", { class: "attn-grid", ...ends }), shape("text", beside, words)];
}

function signed(x) {
  return String(x).replace("-", "−");
}

function drawScores({ columns, bars, logits, numbers, y }, { logits: given, biases, mask, key }) {
  given.forEach((logit, j) => {
    const score = logit + biases[j];
    const between = (value) => ({
      y: Math.min(y(0), y(value)),
      height: Math.abs(y(0) - y(value)),
    });
    move(columns[j], { "data-chosen": j === key });
    move(bars[j], { ...between(mask[j] ? score : 0), "data-score": mask[j] ? score : "-Infinity" });
    const apart = !mask[j] || biases[j] !== 0;
    move(logits[j], { ...between(logit), visibility: apart ? "visible" : "hidden" });
    // The number stands beyond the end of the bar, or of the dashed one where that is longer.
    const up = Math.max(0, logit, mask[j] ? score : 0);
    const down = Math.min(0, logit, mask[j] ? score : 0);
    move(numbers[j], { y: score < 0 && mask[j] ? y(down) + 16 : y(up) - 6 });
    numbers[j].textContent = mask[j] ? signed(Number(score.toFixed(1))) : "−∞";
  });
}

function layOutWeights(svg, x, keys, choose) {
  const y = scale([0, 1], [WEIGHTS.height - WEIGHTS.bottom, WEIGHTS.top]);
  const parts = {
    columns: columns(x, keys, WEIGHTS.height, choose),
    bars: bars(x, keys, "attn-bar"),
    numbers: numbers(x, keys),
    y,
  };
  const grid = [0, 0.5, 1].flatMap((share) => rule(x, y, keys, share, `${100 * share}%`));
  svg.replaceChildren(...parts.columns, ...grid, ...parts.bars, ...parts.numbers);
  return parts;
}

function drawWeights({ columns, bars, numbers, y }, { key, mask }, weights) {
  weights.forEach((weight, j) => {
    move(columns[j], { "data-chosen": j === key });
    move(bars[j], { y: y(weight), height: y(0) - y(weight), "data-weight": weight });
    move(numbers[j], { y: y(weight) - 6 });
    numbers[j].textContent = isAlone(mask) ? `${100 * weight}%` : brief(weight);
  });
}

/** Whether one key alone may be attended, and so has all of the weight. */
const isAlone = (mask) => mask.filter(Boolean).length === 1;

/** A percentage that fits on a bar of a phone, and says neither all nor nothing where others share. */
function brief(weight) {
  if (weight === 0) return "0%"; // masked
  if (weight >= 0.995) return ">99%";
  return weight < 0.001 ? ">0%" : `${(100 * weight).toFixed(weight < 0.0995 ? 1 : 0)}%`;
}

export default { render };
