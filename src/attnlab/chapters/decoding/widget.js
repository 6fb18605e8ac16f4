// A beam, stepped by hand through a trained model; and what the next word would be drawn from.
import { logitsAfter, nextProbabilities, searchByBeam } from "./mathematics.js";
import { unpackTransformer } from "../../widgets/js/transformer.js";
import { assign, read, trait } from "../../widgets/js/bindings.js";
import {
  button,
  caption,
  evenly,
  mount,
  readout,
  readouts,
  resetButton,
  sentence,
  settings,
  slider,
} from "../../widgets/js/controls.js";
import { element, move, picture, scale, shape } from "../../widgets/js/svg.js";
import { ALL, paragraph, percent, say, signed } from "../../widgets/js/words.js";

const LIKELY = 8; // how many words are shown with their probabilities
const TREE = { row: 40, top: 16 };
const BAR = { row: 22, left: 96, right: 124 };

/**
 * @import { PackedTransformer, Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {{
 *   topic: string, beams: number, length_penalty: number, steps: number,
 *   temperature: number, top_k: number, top_p: number,
 *   _model: PackedTransformer,
 * } & Sent<{
 *   bos: number, eos: number, end: string, words: string[], sources: Record<string, number>,
 * }>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ ([
    "topic",
    "beams",
    "length_penalty",
    "steps",
    "temperature",
    "top_k",
    "top_p",
  ]);
  const machine = unpackTransformer(model.get("_model"));
  const { bos, eos, end, words, sources, limits } = model.get("_constants");
  const called = words.map((word) => word || end);
  const topic = topicField(trait(model, "topic"));
  const bounded = (scale) => (name, letter) =>
    slider(trait(model, name), { letter, meaning: TEXT.sliders[name], ...scale });
  const whole = bounded(evenly({ page: 4 }));
  const real = bounded(evenly({ step: 0.05, page: 0.25 }));
  const sliders = [whole("beams", "K"), real("length_penalty", "α"), whole("steps", "t")];
  const knobs = [real("temperature", "T"), whole("top_k", "k"), real("top_p", "p")];
  const shown = [
    readout("log_p", TEXT.logP),
    readout("score", TEXT.score),
    readout("kept", TEXT.kept),
  ];
  const tree = picture(TEXT.tree);
  const bars = picture(TEXT.bars, { height: LIKELY * BAR.row });
  const live = sentence();
  const remembered = { key: "", rows: [] };
  const memories = {}; // by topic
  let width = 0;

  function search() {
    const { topic, beams, length_penalty: alpha, steps } = read(model, names);
    const key = [topic, beams, alpha, steps].join();
    if (key !== remembered.key) {
      const source = [sources[topic]];
      const settings = { bos, eos, beams, alpha, steps };
      memories[topic] ??= new Map();
      const rows = searchByBeam(machine, source, settings, memories[topic]);
      const going = rows[rows.length - 1].find((beam) => !beam.ended);
      Object.assign(remembered, { key, rows, logits: going && logitsAfter(machine, going), going });
    }
    return remembered;
  }

  function draw() {
    const { rows, logits, going } = search();
    const row = rows[rows.length - 1];
    [...sliders, ...knobs, topic].forEach((control) => control.show());
    shown[0].show(row[0].logP);
    shown[1].show(row[0].score);
    drawTree(tree, rows, called, width, model.get("topic"));
    const text = sentenceOf(rows, 0, words, eos);
    const said = text === "" ? TEXT.nothing : say(TEXT.best, { text });
    if (!going) {
      bars.replaceChildren(shape("text", { x: 0, y: 16 }, TEXT.noBars));
      shown[2].show(0);
      live.show(paragraph(said, TEXT.ended));
      return;
    }
    const plain = nextProbabilities(logits, { temperature: 1, topK: words.length, topP: 1 });
    const { temperature, top_k: topK, top_p: topP } = read(model, names);
    const drawn = nextProbabilities(logits, { temperature, topK, topP });
    const kept = drawn.reduce((count, p) => count + (p > 0 ? 1 : 0), 0);
    shown[2].show(kept);
    drawBars(bars, plain, drawn, called, width);
    const prefix = sentenceOf(rows, row.indexOf(going), words, eos);
    const most = Math.max(...plain);
    const next = say(prefix ? TEXT.after : TEXT.atStart, {
      prefix,
      word: called[plain.indexOf(most)],
      share: percent(most),
      kept,
      all: words.length,
    });
    live.show(paragraph(said, next));
  }

  const step = button(TEXT.step, () =>
    assign(model, { steps: Math.min(limits.steps.max, model.get("steps") + 1) }),
  );
  const content = [
    readouts(shown),
    ...sliders.map((one) => one.node),
    settings([topic], step, resetButton(model, names)),
    caption(say(TEXT.treeCaption, { end })),
    tree,
    caption(TEXT.barsCaption),
    bars,
    ...knobs.map((one) => one.node),
    live.node,
  ];
  const layout = (next) => (width = next);
  return mount(el, model, names, content, { layout, draw });
}

function topicField(bound) {
  const options = bound.limits.values.map((name) => element("option", { value: name }, name));
  const select = element(
    "select",
    {
      "data-name": bound.name,
      "aria-label": TEXT.about,
      change: () => bound.set(select.value),
    },
    ...options,
  );
  const node = element("label", { class: "attn-field" }, element("span", {}, TEXT.topic), select);
  return { node, show: () => (select.value = bound.get()) };
}

/** The words of one beam of the last row, from its first to its last. */
function sentenceOf(rows, place, words, eos) {
  const said = [];
  for (let t = rows.length - 1, at = place; t > 0; t -= 1) {
    const beam = rows[t][at];
    if (beam.token !== eos) said.unshift(words[beam.token]);
    at = beam.parent;
  }
  return said.join(" ");
}

function drawTree(svg, rows, words, width, topic) {
  const columns = Math.max(...rows.map((row) => row.length));
  const x = scale([0, columns], [0, width]);
  const y = (t) => TREE.top + t * TREE.row;
  const alive = rows.map(() => new Set());
  rows.at(-1).forEach((_, place) => {
    for (let t = rows.length - 1, at = place; t >= 0; t -= 1) {
      alive[t].add(at);
      at = rows[t][at].parent;
    }
  });
  const parts = rows.flatMap((row, t) =>
    row.map((beam, k) => {
      const lives = alive[t].has(k);
      const group = shape("g", {
        class: "attn-beam",
        "data-alive": lives,
        "data-log-p": beam.logP,
      });
      const middle = { x: x(k + 0.5), "text-anchor": "middle" };
      const name = t === 0 ? topic : words[beam.token];
      if (t > 0) {
        const ends = { x1: x(beam.parent + 0.5), y1: y(t - 1) + 16, x2: middle.x, y2: y(t) - 11 };
        group.append(shape("line", ends));
      }
      group.append(shape("text", { ...middle, y: y(t) }, name));
      if (t > 0) group.append(shape("text", { ...middle, y: y(t) + 13 }, decimals(beam.logP)));
      return group;
    }),
  );
  move(svg, { height: TREE.top + rows.length * TREE.row });
  svg.replaceChildren(...parts);
}

const decimals = (value) => signed(value.toFixed(2));

function drawBars(svg, plain, drawn, words, width) {
  const order = Array.from(plain.keys()).sort((i, j) => plain[j] - plain[i]);
  const x = scale([0, 1], [BAR.left, width - BAR.right]);
  const alone = drawn.filter((p) => p > 0).length === 1;
  const parts = order.slice(0, LIKELY).flatMap((i, place) => {
    const top = place * BAR.row;
    const box = (p) => ({ x: x(0), y: top + 3, width: x(p) - x(0), height: BAR.row - 6 });
    const label = { x: BAR.left - 8, y: top + 16, "text-anchor": "end" };
    const beside = { x: x(Math.max(plain[i], drawn[i])) + 6, y: top + 16 };
    const bar = shape("rect", { class: "attn-bar", ...box(drawn[i]), "data-p": drawn[i] });
    const before = shape("rect", { class: "attn-logit", ...box(plain[i]) });
    const kept = drawn[i] > 0;
    const name = shape("text", { class: "attn-token", "data-kept": kept, ...label }, words[i]);
    const share = alone ? ALL : percent(drawn[i]);
    return [bar, before, name, shape("text", beside, kept ? share : TEXT.cut)];
  });
  svg.replaceChildren(...parts);
}

const TEXT = {
  sliders: {
    beams: "width of the beam",
    length_penalty: "length penalty",
    steps: "steps",
    temperature: "temperature",
    top_k: "of top-k: words that are kept",
    top_p: "of top-p: share that is kept",
  },
  topic: "topic",
  about: "what the sentence is about",
  step: "Step",
  logP: "best beam, log p",
  score: "its score",
  kept: "words kept",
  treeCaption: "Beginnings and their log-probabilities, the best at the left; {end} is an end",
  tree: "A tree of beginnings: a row for each step, the best beginning at the left.",
  barsCaption:
    "Probabilities after the best unfinished beam: dashed, the model's; filled, what is drawn from",
  bars: "The most probable next words, before and after temperature, top-k and top-p.",
  noBars: "nothing: all beams have ended",
  cut: "cut",
  nothing: "Nothing has been written yet.",
  best: "The best beam is “{text}”.",
  ended: "All beams have ended, so nothing follows.",
  after:
    "After “{prefix}”, “{word}” is most probable, {share}; {kept} of {all} words may be drawn.",
  atStart:
    "After the start, “{word}” is most probable, {share}; {kept} of {all} words may be drawn.",
};

export default { render };
