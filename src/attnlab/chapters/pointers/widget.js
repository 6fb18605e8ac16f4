// A journey, booked with names that anyone may type and read back by a speaker with a pointer.
import { speak } from "./mathematics.js";
import { unpack } from "../../widgets/js/packing.js";
import { assign, read, trait } from "../../widgets/js/bindings.js";
import {
  button,
  caption,
  chooser,
  mount,
  readout,
  readouts,
  resetButton,
  sentence,
  settings,
} from "../../widgets/js/controls.js";
import { element, move, picture, scale, shape } from "../../widgets/js/svg.js";
import { tokenButtons } from "../../widgets/js/token_buttons.js";
import { brief, paragraph, percent, say } from "../../widgets/js/words.js";

const ROW = { height: 22, bar: 14 };
const WORDS = 9; // of the longest request
const BAR = { left: 128, right: 48 }; // pixels that a row leaves to its word and to its number
const SEEN = 0.005; // a share below has no number
const SPECIAL = 4; // numbers that are no words

/**
 * @import { Limited, Packed, Sent, View } from "../../widgets/js/types.d.ts"
 * @import { Marks, Step } from "./mathematics.js"
 * @typedef {{ marks: Marks, n_new: number, n_trained: number, names: number[], end: string }} Known
 * @typedef {{ request: string, start: string, end: string }} Booked
 * @typedef {Booked & { step: number, _model: Packed & { words: string[] } } & Sent<Known>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["request", "start", "end", "step"]);
  const known = model.get("_constants");
  const packed = model.get("_model");
  const trained = unpack(packed);
  const requests = known.limits.request.values;
  const groups = [requests.slice(0, known.n_trained), requests.slice(known.n_trained)];
  const request = chooser(trait(model, "request"), TEXT.request, groups, TEXT.groups);
  const problems = { start: "", end: "" };
  const fields = /** @type {const} */ (["start", "end"]).map((name) =>
    nameField(trait(model, name), TEXT[name], (problem) => {
      problems[name] = problem;
      draw();
    }),
  );
  const reply = tokenButtons((step) => assign(model, { step }));
  const numbers = [readout("gate", TEXT.gate), readout("probability", TEXT.probability)];
  const bars = barsOf();
  const words = sentence();

  function draw() {
    const now = read(model, names);
    const said = now.request.split(" ").map((word) => ({ A: now.start, B: now.end })[word] ?? word);
    const { source, all } = inNumbers(said, packed.words);
    const steps = speak(trained, source, known.n_new, known.marks);
    const spoken = steps.map(({ word }) => (word === known.marks.eos ? known.end : all[word]));
    const looked = Math.min(now.step, steps.length - 1);
    const { gate, weights, probabilities, word } = steps[looked];
    request.show();
    fields.forEach((field) => field.show());
    reply.show(
      spoken.map((token) => [token]),
      looked,
    );
    numbers[0].show(gate);
    numbers[1].show(probabilities[word]);
    bars.show(said, gate, weights);
    const wrong = known.names.some((place, i) => spoken[place] !== [now.start, now.end][i]);
    words.show(
      paragraph(
        problems.start || problems.end,
        describe(all[word], word >= packed.words.length, steps[looked], said, known.marks.eos),
        say(wrong ? TEXT.wrong : TEXT.right, { start: apart(now.start), end: apart(now.end) }),
      ),
    );
  }

  const swap = () => assign(model, { start: model.get("end"), end: model.get("start") });
  const content = [
    settings([request, ...fields], button(TEXT.swap, swap), resetButton(model, names)),
    caption(TEXT.reply),
    reply.node,
    caption(TEXT.caption),
    bars.node,
    readouts(numbers),
    words.node,
  ];
  return mount(el, model, names, content, { layout: bars.layout, draw });
}

/**
 * The words in numbers, those that the vocabulary lacks from its size on, and the word of each.
 * @param {string[]} said
 * @param {string[]} vocabulary
 */
function inNumbers(said, vocabulary) {
  const isNew = (/** @type {string} */ word) => vocabulary.indexOf(word) < SPECIAL;
  const all = [...vocabulary, ...new Set(said.filter(isNew))];
  return { source: said.map((word) => all.indexOf(word, SPECIAL)), all };
}

/**
 * A field for a name. What is no name is told and not taken.
 * @param {Limited<string>} bound
 * @param {string} label
 * @param {(problem: string) => void} tell
 */
function nameField(bound, label, tell) {
  const { max } = bound.limits;
  /** @type {HTMLInputElement} */
  const input = element("input", {
    type: "text",
    "data-name": bound.name,
    autocomplete: "off",
    spellcheck: "false",
    input: () => {
      const name = input.value.trim();
      const fits = name !== "" && [...name].length <= max;
      tell(fits ? "" : say(TEXT.noName, { label, max, name: apart(bound.get()) }));
      if (fits) bound.set(name);
    },
    blur: () => {
      input.value = bound.get();
      tell("");
    },
  });
  const show = () => {
    // Changing what is being typed would move the reader's cursor.
    if (input.ownerDocument.activeElement !== input) input.value = bound.get();
  };
  return {
    node: element("label", { class: "attn-field" }, element("span", {}, label), input),
    show,
  };
}

/** How the probability is shared out: a bar for the model's own words, and one for each of the request. */
function barsOf() {
  const rows = Array.from({ length: WORDS + 1 }, (_, i) => {
    const y = i * ROW.height;
    const kind = i === 0 ? "attn-own" : "";
    const anchor = { x: BAR.left - 8, y: y + 16, "text-anchor": "end" };
    const place = { x: BAR.left, y: y + (ROW.height - ROW.bar) / 2, height: ROW.bar };
    return {
      name: shape("text", { class: `attn-word ${kind}`.trim(), ...anchor }),
      bar: shape("rect", { class: `attn-bar ${kind}`.trim(), ...place }),
      number: shape("text", { class: "attn-share", y: y + 16 }),
    };
  });
  const parts = rows.flatMap(({ name, bar, number }) => [name, bar, number]);
  const node = picture(TEXT.bars, { height: (WORDS + 1) * ROW.height }, ...parts);
  /** @type {(share: number) => number} */
  let x;

  const layout = (/** @type {number} */ width) => {
    x = scale([0, 1], [BAR.left, width - BAR.right]);
  };
  /** @type {(said: string[], gate: number, weights: Float64Array) => void} */
  const show = (said, gate, weights) => {
    const names = [TEXT.own, ...said];
    const shares = [gate, ...weights.map((weight) => (1 - gate) * weight)];
    rows.forEach(({ name, bar, number }, i) => {
      const there = i < names.length;
      const share = there ? shares[i] : 0;
      name.textContent = there ? names[i] : "";
      number.textContent = share < SEEN ? "" : brief(share);
      fit(name);
      move(bar, { width: (x(share) - BAR.left).toFixed(2), "data-share": share });
      move(number, { x: x(share) + 6 });
    });
  };
  return { node, layout, show };
}

/** A word wider than its place is pressed together. @param {SVGTextElement} word */
function fit(word) {
  word.removeAttribute("textLength");
  const room = BAR.left - 8;
  if (word.getComputedTextLength() > room) {
    move(word, { textLength: room, lengthAdjust: "spacingAndGlyphs" });
  }
}

/** A word whose direction stays its own, whatever is typed. @param {string} word */
function apart(word) {
  return `\u2068${word}\u2069`;
}

/**
 * @param {string} said what the step says
 * @param {boolean} isNew
 * @param {Step} step
 * @param {string[]} request
 * @param {number} eos
 */
function describe(said, isNew, { word, gate, weights }, request, eos) {
  if (word === eos) return TEXT.ends;
  const place = weights.indexOf(Math.max(...weights));
  const places = {
    word: apart(said),
    own: percent(gate),
    pointed: percent(1 - gate),
    weight: percent(weights[place]),
    top: apart(request[place]),
    place: place + 1,
  };
  if (gate >= 0.5) return say(TEXT.fromOwn, places);
  return paragraph(isNew ? say(TEXT.isNew, places) : "", say(TEXT.fromPointer, places));
}

const TEXT = {
  request: "request",
  groups: ["in training", "never in training"],
  start: "start A",
  end: "end B",
  swap: "Swap",
  noName: "“{label}” takes a name of 1 to {max} characters; until then it stays “{name}”.",
  reply: "The reply; press a word to see where it comes from",
  caption: "How the probability of that step is shared out",
  bars: "Bars: the share of the model’s own words, and that of each word of the request.",
  own: "own words",
  gate: "gate g",
  probability: "probability of the word",
  fromOwn: "“{word}” comes from the vocabulary, which has {own} of the probability at this step.",
  fromPointer:
    "“{word}” is pointed at: the pointer has {pointed}, and {weight} of that lies on “{top}”, word {place} of the request.",
  isNew: "“{word}” isn’t in the vocabulary.",
  ends: "Here the reply ends.",
  right: "Both names are read back right.",
  wrong: "The reply is wrong: it should say from {start} to {end}.",
};

export default { render };
