// A beam, stepped by hand through a trained model; and what the next word would be drawn from.
import { logitsAfter, nextProbabilities, searchByBeam } from "./mathematics.js";
import { unpackTransformer } from "../../widgets/js/transformer.js";
import {
  button,
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
} from "../../widgets/js/controls.js";

const LIKELY = 8; // how many words are shown with their probabilities
const TREE = { row: 40, top: 16 };
const BAR = { row: 22, left: 96, right: 100 };

function render({ model, el }) {
  const names = ["topic", "beams", "length_penalty", "steps", "temperature", "top_k", "top_p"];
  const machine = unpackTransformer(model.get("_model"));
  const { bos, eos, words, sources, limits } = model.get("_constants");
  const topic = topicField(model);
  const sliders = [
    whole(model, "beams", "K", "width of the beam"),
    real(model, "length_penalty", "α", "length penalty"),
    whole(model, "steps", "t", "steps"),
  ];
  const knobs = [
    real(model, "temperature", "T", "temperature"),
    whole(model, "top_k", "k", "of top-k: words that are kept"),
    real(model, "top_p", "p", "of top-p: share that is kept"),
  ];
  const shown = [
    readout("log_p", "best beam, log p"),
    readout("score", "its score"),
    readout("kept", "words kept"),
  ];
  const tree = shape("svg", {
    role: "img",
    "aria-label": "A tree of beginnings: a row for each step, the best beginning at the left.",
  });
  const bars = shape("svg", {
    role: "img",
    height: LIKELY * BAR.row,
    "aria-label": "The most probable next words, before and after temperature, top-k and top-p.",
  });
  const live = sentence();
  const remembered = { key: "", rows: [] };
  const memories = {}; // by topic
  let width = 0;

  function search() {
    const [K, alpha, steps] = ["beams", "length_penalty", "steps"].map((name) => model.get(name));
    const key = [model.get("topic"), K, alpha, steps].join();
    if (key !== remembered.key) {
      const source = [sources[model.get("topic")]];
      const settings = { bos, eos, beams: K, alpha, steps };
      memories[model.get("topic")] ??= new Map();
      const rows = searchByBeam(machine, source, settings, memories[model.get("topic")]);
      const going = rows.at(-1).find((beam) => !beam.ended);
      Object.assign(remembered, { key, rows, logits: going && logitsAfter(machine, going), going });
    }
    return remembered;
  }

  function draw() {
    const { rows, logits, going } = search();
    const best = rows.at(-1)[0];
    [...sliders, ...knobs, topic].forEach((control) => control.show());
    shown[0].show(best.logP);
    shown[1].show(best.score);
    drawTree(tree, rows, words, width, model.get("topic"));
    const text = sentenceOf(rows, 0, words, eos);
    const said = text === "" ? "Nothing has been written yet. " : `The best beam is “${text}”. `;
    if (!going) {
      bars.replaceChildren(shape("text", { x: 0, y: 16 }, "nothing: all beams have ended"));
      shown[2].show(0);
      live.show(`${said}All beams have ended, so nothing follows.`);
      return;
    }
    const plain = nextProbabilities(logits, { temperature: 1, topK: words.length, topP: 1 });
    const [temperature, topK, topP] = ["temperature", "top_k", "top_p"].map((n) => model.get(n));
    const drawn = nextProbabilities(logits, { temperature, topK, topP });
    const kept = drawn.reduce((count, p) => count + (p > 0 ? 1 : 0), 0);
    shown[2].show(kept);
    drawBars(bars, plain, drawn, words, width);
    const prefix = sentenceOf(rows, rows.at(-1).indexOf(going), words, eos);
    const likely = words[plain.indexOf(Math.max(...plain))] || "■";
    live.show(
      `${said}After ${prefix ? `“${prefix}”` : "the start"}, “${likely}” is most probable, ` +
        `${percent(Math.max(...plain))}; ${kept} of ${words.length} words may be drawn.`,
    );
  }

  const step = button("Step", () => {
    model.set("steps", Math.min(limits.steps.max, model.get("steps") + 1));
    model.save_changes();
  });
  const buttons = element("div", { class: "attn-buttons" }, step, resetButton(model, names));
  const content = [
    element("div", { class: "attn-readouts" }, ...shown.map((one) => one.node)),
    ...sliders.map((one) => one.node),
    element("div", { class: "attn-settings" }, topic.node, buttons),
    caption("Beginnings and their log-probabilities, the best at the left; ■ is an end"),
    tree,
    caption(
      "Probabilities after the best unfinished beam: dashed, the model's; filled, what is drawn from",
    ),
    bars,
    ...knobs.map((one) => one.node),
    live.node,
  ];
  const layout = (next) => (width = next);
  return mount(el, model, names, content, { layout, draw });
}

function whole(model, name, letter, meaning) {
  const nudge = (now, sign, page) => now + sign * (page ? 4 : 1);
  return slider(model, name, {
    letter,
    meaning,
    nudge,
    track: Number,
    value: Math.round,
    text: String,
  });
}

function real(model, name, letter, meaning) {
  const value = (x) => Math.round(20 * x) / 20;
  const nudge = (now, sign, page) => value(now + sign * (page ? 0.25 : 0.05));
  return slider(model, name, {
    letter,
    meaning,
    nudge,
    value,
    track: Number,
    text: String,
  });
}

function topicField(model) {
  const options = model
    .get("_constants")
    .limits.topic.values.map((name) => element("option", { value: name }, name));
  const select = element(
    "select",
    {
      "data-name": "topic",
      "aria-label": "what the sentence is about",
      change: () => {
        model.set("topic", select.value);
        model.save_changes();
      },
    },
    ...options,
  );
  const node = element("label", { class: "attn-field" }, element("span", {}, "topic"), select);
  return { node, show: () => (select.value = model.get("topic")) };
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
      const name = t === 0 ? topic : words[beam.token] || "■";
      if (t > 0) {
        const ends = { x1: x(beam.parent + 0.5), y1: y(t - 1) + 16, x2: middle.x, y2: y(t) - 11 };
        group.append(shape("line", ends));
      }
      group.append(shape("text", { ...middle, y: y(t) }, name));
      if (t > 0) group.append(shape("text", { ...middle, y: y(t) + 13 }, signed(beam.logP)));
      return group;
    }),
  );
  move(svg, { height: TREE.top + rows.length * TREE.row });
  svg.replaceChildren(...parts);
}

/** A percentage that fits beside a bar, and is all only where nothing else is kept. */
function share(p, alone) {
  if (alone) return "100%";
  return p > 0.9999 ? "over 99.99%" : percent(p);
}

const signed = (value) => value.toFixed(2).replace("-", "−");

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
    const name = shape(
      "text",
      { class: "attn-token", "data-kept": kept, ...label },
      words[i] || "■",
    );
    return [bar, before, name, shape("text", beside, kept ? share(drawn[i], alone) : "cut")];
  });
  svg.replaceChildren(...parts);
}

export default { render };
