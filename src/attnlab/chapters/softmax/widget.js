// Six scores and their weights, steered by hand: a temperature for all, a bias or a mask for each.
import { entropy, steeredSoftmax } from "../../widgets/js/mathematics.js";
import { assign, entry, read, trait } from "../../widgets/js/bindings.js";
import { dragging } from "../../widgets/js/dragging.js";
import {
  caption,
  evenly,
  mount,
  radioInputs,
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
  element,
  move,
  numbersFrom,
  picture,
  rules,
  scale,
  shape,
} from "../../widgets/js/svg.js";
import { ALL, brief, paragraph, percent, say, signed } from "../../widgets/js/words.js";

const SCORES = { height: 180, top: 8, bottom: 8 };
const WEIGHTS = { height: 170, top: 22, bottom: 8 };
const BAR = 0.56; // of a column's width
const REACH = 16; // pixels: how far beyond a bar a finger may take it

/**
 * @import { Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {{ logits: number[], temperature: number, biases: number[], mask: boolean[], key: number } & Sent} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["logits", "temperature", "biases", "mask", "key"]);
  const hundredths = (x) => Math.round(100 * x) / 100;
  const temperature = slider(trait(model, "temperature"), {
    letter: "τ",
    meaning: TEXT.temperature,
    track: Math.log10,
    value: (place) => hundredths(10 ** place),
    nudge: (now, sign, page) => hundredths(page ? now * 2 ** sign : now + 0.1 * sign),
    text: (now) => now.toFixed(2),
  });
  const keys = [...model.get("logits").keys()];
  const choice = chooser(trait(model, "key"), keys);
  const chosen = () => model.get("key");
  const bias = slider(entry(model, "biases", chosen, "bias"), {
    letter: "b",
    meaning: TEXT.bias,
    ...evenly({ step: 0.1, page: 1 }),
    text: (now) => signed(now.toFixed(1)),
  });
  const which = element("span");
  const mask = toggle(entry(model, "mask", chosen, "mask"), which);
  const own = readout("own", TEXT.own);
  const largest = readout("largest", TEXT.largest);
  const inEffect = readout("keys_in_effect", TEXT.inEffect);
  const scores = picture(TEXT.scores, { height: SCORES.height });
  const shares = picture(TEXT.shares, { height: WEIGHTS.height });
  const words = sentence();
  let parts; // what moves in the pictures

  function layout(width) {
    const choose = (j) => assign(model, { key: j });
    const x = scale([0, keys.length], [PLOT.left, width - PLOT.right]);
    parts = {
      scores: layOutScores(scores, x, keys, choose, model),
      weights: layOutWeights(shares, x, keys, choose),
    };
  }

  function draw() {
    const now = read(model, names);
    const weights = steeredSoftmax(now.logits, now.biases, now.mask, now.temperature);
    const none = !now.mask.includes(true);
    const top = weights.indexOf(Math.max(...weights));
    which.textContent = say(TEXT.mask, { key: now.key });
    [temperature, choice, bias, mask].forEach((control) => control.show());
    own.show(weights[now.key]);
    largest.show(weights[top]);
    inEffect.show(none ? 0 : Math.exp(entropy(weights)));
    drawScores(parts.scores, now);
    drawWeights(parts.weights, now, weights);
    words.show(describe(now, weights, top, none));
  }

  const content = [
    readouts([own, largest, inEffect]),
    caption(TEXT.scoresCaption),
    scores,
    caption(TEXT.sharesCaption),
    shares,
    choice.node,
    temperature.node,
    bias.node,
    settings([mask], resetButton(model, names)),
    words.node,
  ];
  return mount(el, model, names, content, { layout, draw });
}

function describe({ temperature, mask, key }, weights, top, none) {
  if (none) return TEXT.none;
  let heaviest = TEXT.heaviest.chosen;
  if (key !== top) heaviest = mask[key] ? TEXT.heaviest.other : TEXT.heaviest.masked;
  if (isAlone(mask)) heaviest = key === top ? TEXT.alone.chosen : TEXT.alone.masked;
  return paragraph(
    say(heaviest, {
      temperature: temperature.toFixed(2),
      top,
      most: percent(weights[top]),
      key,
      share: percent(weights[key]),
    }),
    say(TEXT.read, { inEffect: Math.exp(entropy(weights)).toFixed(1), all: weights.length }),
  );
}

/** Radio buttons below the columns: which key the bias and the mask act on. */
function chooser(bound, keys) {
  const { inputs, show } = radioInputs(bound, keys);
  const labels = inputs.map((input, j) => {
    input.setAttribute("aria-label", say(TEXT.key, { key: keys[j] }));
    return element("label", {}, input, element("span", { "aria-hidden": "true" }, String(keys[j])));
  });
  const legend = element("legend", {}, TEXT.choose);
  const row = element("div", {}, ...labels);
  return { node: element("fieldset", { class: "attn-keys" }, legend, row), show };
}

/** A column for each key, behind its bar: a click chooses the key. */
function columns(x, keys, height, choose) {
  return keys.map((j) => {
    const place = { x: x(j) + 2, width: x(1) - x(0) - 4, y: 0, height };
    return shape("rect", { class: "attn-column", ...place, click: () => choose(j) });
  });
}

/** A rectangle for each key, in the middle of its column and `wider` than a bar. */
function bars(x, keys, attributes, wider = 0) {
  const width = BAR * (x(1) - x(0)) + wider;
  return keys.map((j) => shape("rect", { x: x(j + 0.5) - width / 2, width, ...attributes(j) }));
}

function numbers(x, keys, kind = "attn-number") {
  const place = (j) => ({ x: x(j + 0.5), "text-anchor": "middle" });
  return keys.map((j) => shape("text", { class: kind, ...place(j) }));
}

function layOutScores(svg, x, keys, choose, model) {
  const { logits, biases } = model.get("_constants").limits;
  const largest = logits.max + biases.max;
  const [data, pixels] = [
    [-largest, largest],
    [SCORES.height - SCORES.bottom, SCORES.top],
  ];
  const parts = {
    columns: columns(x, keys, SCORES.height, choose),
    bars: bars(x, keys, () => ({ class: "attn-score attn-glide" })),
    logits: bars(x, keys, () => ({ class: "attn-logit" })),
    knobs: bars(x, keys, () => ({ class: "attn-hold attn-glide", height: 6, rx: 3 }), 10),
    tags: numbers(x, keys, "attn-note"),
    numbers: numbers(x, keys),
    grips: bars(x, keys, (j) => grip(model, j, scale(pixels, data), choose), 16),
  };
  const y = scale(data, pixels);
  const grid = rules([x(0), x(keys.length)], y, numbersFrom(-largest, largest, 4), signed);
  const [behind, ...before] = Object.values(parts);
  svg.replaceChildren(...behind, ...grid, ...before.flat());
  return { ...parts, y };
}

/** A bar, to be dragged: the score moves as the pointer does, by the key's bias. */
function grip(model, j, scoreAt, choose) {
  const { min, max } = model.get("_constants").limits.biases;
  const own = () => model.get("logits")[j];
  let apart; // how far above the pointer the score was when it was taken
  const take = (_, top) => {
    apart = own() + model.get("biases")[j] - scoreAt(top);
    choose(j); // a click moves nothing
  };
  const carry = (_, top) => {
    const bias = Math.round(10 * (scoreAt(top) + apart - own())) / 10;
    const within = Math.min(max, Math.max(min, bias));
    assign(model, { biases: model.get("biases").with(j, within) });
  };
  return { class: "attn-grip attn-grip-up", ...dragging(carry, take) };
}

function drawScores(parts, { logits: given, biases, mask, key }) {
  const { columns, bars, logits, knobs, tags, numbers, grips, y } = parts;
  given.forEach((logit, j) => {
    const score = logit + biases[j];
    const between = (value) => ({
      y: Math.min(y(0), y(value)),
      height: Math.abs(y(0) - y(value)),
    });
    move(columns[j], { "data-chosen": j === key });
    const bar = between(mask[j] ? score : 0);
    move(bars[j], { ...bar, "data-score": mask[j] ? score : "-Infinity" });
    const apart = !mask[j] || biases[j] !== 0;
    move(logits[j], { ...between(logit), visibility: apart ? "visible" : "hidden" });
    const free = { visibility: mask[j] ? "visible" : "hidden" };
    move(knobs[j], { y: y(score) - 3, ...free });
    move(grips[j], { y: bar.y - REACH, height: bar.height + 2 * REACH, ...free });
    // The number stands beyond the end of the bar, or of the dashed one where that is longer.
    const up = Math.max(0, logit, mask[j] ? score : 0);
    const down = Math.min(0, logit, mask[j] ? score : 0);
    move(numbers[j], { y: score < 0 && mask[j] ? y(down) + 18 : y(up) - 7 });
    numbers[j].textContent = mask[j] ? signed(Number(score.toFixed(1))) : "−∞";
    move(tags[j], { y: y(down) + 15 });
    tags[j].textContent = mask[j] ? "" : TEXT.masked;
  });
}

function layOutWeights(svg, x, keys, choose) {
  const y = scale([0, 1], [WEIGHTS.height - WEIGHTS.bottom, WEIGHTS.top]);
  const parts = {
    columns: columns(x, keys, WEIGHTS.height, choose),
    bars: bars(x, keys, () => ({ class: "attn-bar attn-glide" })),
    numbers: numbers(x, keys),
    y,
  };
  const grid = rules([x(0), x(keys.length)], y, [0, 0.5, 1], (share) => `${100 * share}%`);
  svg.replaceChildren(...parts.columns, ...grid, ...parts.bars, ...parts.numbers);
  return parts;
}

function drawWeights({ columns, bars, numbers, y }, { key, mask }, weights) {
  weights.forEach((weight, j) => {
    move(columns[j], { "data-chosen": j === key });
    move(bars[j], { y: y(weight), height: y(0) - y(weight), "data-weight": weight });
    move(numbers[j], { y: y(weight) - 6 });
    numbers[j].textContent = isAlone(mask) && mask[j] ? ALL : brief(weight);
  });
}

/** Whether one key alone may be attended, and so has all of the weight. */
const isAlone = (mask) => mask.filter(Boolean).length === 1;

const TEXT = {
  temperature: "temperature: all scores are divided by it",
  choose: "Choose a key, here or by a click on its column",
  key: "key {key}",
  bias: "bias: added to the chosen key’s logit",
  mask: "key {key} may be attended",
  own: "weight of the chosen key",
  largest: "largest weight",
  inEffect: "keys in effect",
  scoresCaption: "Scores: drag a bar, and its key gets a bias (dashed: the logit alone)",
  masked: "masked",
  scores: "Bars: the scores of the six keys.",
  sharesCaption: "Weights: the softmax of the scores over τ",
  shares: "Bars: the weights of the six keys.",
  none: "Every key is masked: no key is read, and all weights are 0.",
  heaviest: {
    chosen: "At τ = {temperature}, key {top} takes {most} of the weight, the most.",
    other:
      "At τ = {temperature}, key {top} takes {most} of the weight, the most, and key {key} {share}.",
    masked:
      "At τ = {temperature}, key {top} takes {most} of the weight, the most, and key {key} is masked: its share went to the others.",
  },
  alone: {
    chosen: "At τ = {temperature}, key {top} takes all of the weight.",
    masked:
      "At τ = {temperature}, key {top} takes all of the weight, and key {key} is masked: its share went to the others.",
  },
  read: "In effect, {inEffect} of the {all} keys are read.",
};

export default { render };
