// Sentences drawn from a trained model, ten at a time, and what each word was drawn from.
import {
  drawSentences,
  logitsAfter,
  mostProbable,
  nextProbabilities,
  speaker,
} from "./mathematics.js";
import { unpackTransformer } from "../../widgets/js/transformer.js";
import { assign, read, trait } from "../../widgets/js/bindings.js";
import {
  button,
  caption,
  chooser,
  evenly,
  mount,
  radioInputs,
  readout,
  readouts,
  resetButton,
  sentence,
  settings,
  slider,
} from "../../widgets/js/controls.js";
import { sentencesOf } from "../../widgets/js/grammar.js";
import { tokenButtons } from "../../widgets/js/token_buttons.js";
import { element, move, picture, put, scale, shape } from "../../widgets/js/svg.js";
import { ALL, paragraph, percent, plural, say } from "../../widgets/js/words.js";

const LIKELY = 8; // how many words are shown with their probabilities
const BAR = { row: 24, left: 96, right: 76 };

/**
 * @import { Model, Sent, View } from "../../widgets/js/types.d.ts"
 * @import { Grammar } from "../../widgets/js/grammar.js"
 * @import { Traits as OfBeams } from "./widget.js"
 * @typedef {{
 *   topic: string, temperature: number, top_k: number, top_p: number, drawn: number,
 *   sentence: number, word: number, seed: number, _beams: string,
 * } & Sent<{ grammar: Grammar, at_a_time: number }>} Traits
 */

/** @param {View<Traits> & { model: { widget_manager: any } }} view */
async function render({ model, el }) {
  const knobNames = /** @type {const} */ (["temperature", "top_k", "top_p"]);
  const names = /** @type {const} */ (["topic", ...knobNames, "drawn", "sentence", "word", "seed"]);
  // The model is another widget's: a page holds it once.
  const id = model.get("_beams").replace("IPY_MODEL_", "");
  const beams = /** @type {Model<OfBeams>} */ (await model.widget_manager.get_model(id));
  const machine = unpackTransformer(beams.get("_model"));
  const { bos, eos, end, words, sources } = beams.get("_constants");
  const { grammar, at_a_time, limits } = model.get("_constants");
  const every = sentencesOf(grammar);
  const known = {}; // by topic: who speaks, and what is right
  const about = (topic) =>
    (known[topic] ??= {
      said: speaker(machine, [sources[topic]], bos),
      right: new Set(every.filter(({ object }) => object === topic).map(({ text }) => text)),
    });
  const called = words.map((word, token) => (token === eos ? end : word));
  const topic = chooser(trait(model, "topic"), TEXT.topic, [limits.topic.values]);
  const [temperature, topK, topP] = knobNames.map((name) => {
    const steps = name === "top_k" ? { page: 4 } : { step: 0.05, page: 0.25 };
    return slider(trait(model, name), { ...TEXT.knobs[name], ...evenly(steps) });
  });
  const shown = ["right", "different", "kept"].map((name) => readout(name, TEXT.readouts[name]));
  const list = drawnList(model, at_a_time);
  const chosen = tokenButtons((place) => assign(model, { word: place + 1 }), "attn-drawn");
  const bars = picture(TEXT.bars, { height: LIKELY * BAR.row });
  const chart = barChart(bars);
  const live = sentence();
  let width = 0;

  function draw() {
    const now = read(model, names);
    const { said, right } = about(now.topic);
    const knobs = { temperature: now.temperature, topK: now.top_k, topP: now.top_p };
    const [count, longest] = [now.drawn, limits.word.max];
    const drawn = drawSentences(said, knobs, { eos, count, longest, seed: now.seed });
    const texts = drawn.map((tokens) => textOf(tokens));
    const marks = drawn.map((tokens, s) => tokens.at(-1) === eos && right.has(texts[s]));
    const different = new Set(texts.filter((_, s) => marks[s])).size;
    const s = Math.min(now.sentence, count) - 1;
    const i = Math.min(now.word, drawn[s].length) - 1;
    const before = drawn[s].slice(0, i);
    const logits = logitsAfter(said, before);
    const plain = nextProbabilities(logits, { temperature: 1, topK: words.length, topP: 1 });
    const from = nextProbabilities(logits, knobs);
    const kept = from.reduce((n, p) => n + (p > 0 ? 1 : 0), 0);
    const rightOnes = marks.filter(Boolean).length;
    [topic, temperature, topK, topP].forEach((control) => control.show());
    shown[0].show(rightOnes);
    shown[1].show(different);
    shown[2].show(kept);
    more.disabled = count >= limits.drawn.max;
    list.show(texts, marks, s);
    chosen.show(
      drawn[s].map((token) => [called[token]]),
      i,
    );
    chart.show(plain, from, { called, drawn: drawn[s][i], only: kept === 1 }, width);
    const text = { rightOnes, count, different };
    const places = { prefix: textOf(before), word: called[drawn[s][i]], kept, all: words.length };
    live.show(
      paragraph(
        say(TEXT.counts[rightOnes > 0 ? plural(rightOnes) : "none"], text),
        say(i > 0 ? TEXT.after[plural(kept)] : TEXT.first[plural(kept)], places),
      ),
    );
  }

  const textOf = (tokens) =>
    tokens
      .filter((token) => token !== eos)
      .map((token) => words[token])
      .join(" ");
  const more = button(TEXT.more, () => {
    const drawn = Math.min(limits.drawn.max, model.get("drawn") + at_a_time);
    assign(model, { drawn, sentence: model.get("drawn") + 1, word: 1 });
  });
  const afresh = button(TEXT.afresh, () => {
    const seed = (model.get("seed") + 1) % (limits.seed.max + 1);
    assign(model, { seed, drawn: at_a_time, sentence: 1, word: 1 });
  });
  const content = [
    readouts(shown),
    temperature.node,
    topK.node,
    topP.node,
    settings([topic], more, afresh, resetButton(model, names)),
    caption(TEXT.listCaption),
    list.node,
    caption(TEXT.chosenCaption),
    chosen.node,
    caption(TEXT.barsCaption),
    bars,
    live.node,
  ];
  return mount(el, model, names, content, { layout: (next) => (width = next), draw });
}

/** The last ten sentences, each with its mark; one of them is looked at. */
function drawnList(model, most) {
  const shown = { first: 0 };
  const at = {
    name: "sentence",
    get: () => model.get("sentence") - 1 - shown.first,
    set: (row) => assign(model, { sentence: shown.first + row + 1, word: 1 }),
  };
  const { inputs } = radioInputs(
    at,
    Array.from({ length: most }, (_, k) => k),
  );
  const rows = inputs.map((input) => {
    const [mark, text, note] = ["attn-mark", "attn-said", "attn-again"].map((kind) =>
      element("span", { class: kind }),
    );
    const node = element("label", {}, input, mark, text, note);
    return { node, input, mark, text, note };
  });
  const legend = element("legend", {}, TEXT.list);
  const node = element(
    "fieldset",
    { class: "attn-drawings" },
    legend,
    ...rows.map((row) => row.node),
  );
  const show = (texts, marks, s) => {
    shown.first = Math.max(0, texts.length - most);
    rows.forEach(({ node, input, mark, text, note }, k) => {
      const place = shown.first + k;
      node.hidden = place >= texts.length;
      if (node.hidden) return;
      const again = marks[place] && texts.indexOf(texts[place]) < place;
      input.checked = place === s;
      move(node, { "data-right": marks[place] });
      mark.textContent = TEXT.marks[marks[place]];
      text.textContent = texts[place];
      note.textContent = TEXT.notes[marks[place]][again];
    });
  };
  return { node, show };
}

/** The most probable next words: what the model says, what is left of it, and which was drawn. */
function barChart(svg) {
  const rows = Array.from({ length: LIKELY }, (_, place) => {
    const top = place * BAR.row;
    const box = { x: BAR.left, y: top + 4, height: BAR.row - 8 };
    const bar = shape("rect", { class: "attn-bar", rx: 2, ...box });
    const before = shape("rect", { class: "attn-logit", rx: 2, ...box });
    const name = shape("text", {
      class: "attn-likely",
      x: BAR.left - 8,
      y: top + 17,
      "text-anchor": "end",
    });
    const share = shape("text", { y: top + 17 });
    return { bar, before, name, share, node: shape("g", {}, bar, before, name, share) };
  });
  svg.classList.add("attn-glides");
  svg.replaceChildren(...rows.map(({ node }) => node));

  function show(plain, from, { called, drawn, only }, width) {
    const likely = mostProbable(plain).slice(0, LIKELY);
    // What was drawn is shown, however improbable it was.
    const tokens = likely.includes(drawn) ? likely : [...likely.slice(0, -1), drawn];
    const x = scale([0, 1], [0, width - BAR.left - BAR.right]);
    rows.forEach(({ bar, before, name, share, node }, k) => {
      const token = tokens[k];
      const kept = from[token] > 0;
      move(node, { "data-drawn": token === drawn });
      move(bar, { width: x(from[token]), "data-p": from[token] });
      move(before, { width: x(plain[token]) });
      move(name, { "data-kept": kept });
      name.textContent = called[token];
      const end = BAR.left + 6 + x(Math.max(plain[token], from[token]));
      put(share, end);
      share.textContent = kept ? (only ? ALL : percent(from[token])) : TEXT.cut;
    });
  }
  return { show };
}

const TEXT = {
  topic: "topic",
  knobs: {
    temperature: { letter: "T", meaning: "temperature" },
    top_k: { letter: "k", meaning: "of top-k: words that are kept" },
    top_p: { letter: "p", meaning: "of top-p: share that is kept" },
  },
  more: "Draw ten more",
  afresh: "Draw ten others",
  readouts: { right: "right so far", different: "different right ones", kept: "words kept here" },
  listCaption: "The last ten sentences; choose one to look into it",
  list: "sentence",
  marks: { true: "✓", false: "✗" },
  notes: { true: { true: "right, again", false: "right" }, false: { false: "wrong" } },
  chosenCaption: "The chosen one, word by word; press a word to see what it was drawn from",
  barsCaption: "Dashed: what the model says. Filled: what was drawn from. Bold: what was drawn",
  bars: "The most probable words at this place, before and after temperature, top-k and top-p.",
  cut: "cut",
  counts: {
    none: "None of {count} is right.",
    one: "{rightOnes} of {count} is right.",
    other: "{rightOnes} of {count} are right, {different} of them different.",
  },
  // By the number of words that may be drawn.
  first: {
    one: "The first word could only be “{word}”.",
    other: "The first word, “{word}”, was drawn from {kept} of {all}.",
  },
  after: {
    one: "After “{prefix}” it could only be “{word}”.",
    other: "After “{prefix}”, “{word}” was drawn from {kept} of {all}.",
  },
};

export default { render };
