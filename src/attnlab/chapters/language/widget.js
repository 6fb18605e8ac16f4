// A text without spaces, a letter of it that is hidden, and three ways to guess it.
import { fromBoth, goOn, readAll, startTrying, tryOn } from "./mathematics.js";
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
import { softmax } from "../../widgets/js/mathematics.js";
import { element, move, picture, shape } from "../../widgets/js/svg.js";
import { unpackTransformer } from "../../widgets/js/transformer.js";
import { paragraph, percent, say } from "../../widgets/js/words.js";

const ROW = { height: 58, bar: 34, gap: 18 };
const GUESSES = /** @type {const} */ (["left", "trying", "masked"]);

/**
 * @import { Limited, PackedTransformer, Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {{ goes_on: number, letters: string }} Known
 * @typedef {{ text: string, place: number, after: number, draw: number }} Now
 * @typedef {Now & { _models: { causal: PackedTransformer, masked: PackedTransformer } } & Sent<Known>} Traits
 * @typedef {Record<"left" | "trying" | "masked", ArrayLike<number>>} Guesses
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["text", "place", "after", "draw"]);
  const { goes_on, letters, limits } = model.get("_constants");
  const models = model.get("_models");
  const causal = unpackTransformer(models.causal);
  const masked = unpackTransformer(models.masked);
  let problem = "";
  const field = textField(trait(model, "text"), (told) => {
    problem = told;
    draw();
  });
  const sliders = [
    slider(trait(model, "place"), { letter: "t", meaning: TEXT.place, ...evenly({ page: 5 }) }),
    slider(trait(model, "after"), { letter: "m", meaning: TEXT.after, ...evenly({ page: 2 }) }),
  ];
  const shown = element("p", { class: "attn-letters" });
  const bars = barsOf(letters);
  const numbers = GUESSES.map((name) => readout(name, TEXT[name]));
  const words = sentence();

  const reading = remembered((/** @type {string} */ text) => readAll(causal, inNumbers(text)));
  const begun = remembered((/** @type {string} */ text, /** @type {number} */ gap) => [
    startTrying(reading(text)[gap - 1]),
  ]);
  const guessed = remembered((/** @type {string} */ text, /** @type {number} */ gap) =>
    fromBoth(masked, inNumbers(text), gap),
  );
  const going = remembered((/** @type {string} */ text, /** @type {number} */ seed) =>
    goOn(causal, /** @type {any} */ (reading(text).at(-1)), goes_on, seed),
  );
  const inNumbers = (/** @type {string} */ text) => [...text].map((c) => letters.indexOf(c));

  /** The trials with fewer letters behind the gap are kept: one letter more is one step more. */
  function tried(
    /** @type {string} */ text,
    /** @type {number} */ gap,
    /** @type {number} */ after,
  ) {
    const trials = begun(text, gap);
    const behind = inNumbers(text.slice(gap + 1));
    for (let m = trials.length; m <= after; m += 1) {
      trials.push(tryOn(causal, trials[m - 1], m > 1 ? behind[m - 2] : undefined, behind[m - 1]));
    }
    return trials[after];
  }

  function draw() {
    const now = read(model, names);
    const gap = Math.min(now.place, now.text.length - 1);
    const after = Math.min(now.after, now.text.length - 1 - gap);
    /** @type {Guesses} */
    const guesses = {
      left: softmax(reading(now.text)[gap - 1].scores),
      trying: softmax(tried(now.text, gap, after).logs),
      masked: guessed(now.text, gap),
    };
    const hidden = letters.indexOf(now.text[gap]);
    field.show();
    sliders.forEach((one) => one.show());
    const goes = going(now.text, now.draw).map((letter) => letters[letter]);
    shown.replaceChildren(
      now.text.slice(0, gap),
      element("mark", { title: TEXT.gap }, now.text[gap]),
      element("u", {}, now.text.slice(gap + 1, gap + 1 + after)),
      now.text.slice(gap + 1 + after),
      element("i", {}, goes.join("")),
    );
    bars.show(guesses, hidden);
    GUESSES.forEach((name, i) => numbers[i].show(guesses[name][hidden]));
    const ended = now.place > gap ? say(TEXT.ended, { n: now.text.length }) : "";
    words.show(paragraph(problem, ended, describe(now.text[gap], guesses, after, letters)));
  }

  const another = () => assign(model, { draw: (model.get("draw") + 1) % (limits.draw.max + 1) });
  const content = [
    field.node,
    caption(TEXT.caption),
    shown,
    bars.node,
    sliders[0].node,
    sliders[1].node,
    readouts(numbers, "attn-three"),
    settings([], button(TEXT.another, another), resetButton(model, names)),
    words.node,
  ];
  return mount(el, model, names, content, { layout: bars.layout, draw });
}

/**
 * A function of some values that computes anew only when one of them is another.
 * @template {unknown[]} Values, Result
 * @param {(...values: Values) => Result} compute
 */
function remembered(compute) {
  /** @type {Values | undefined} */
  let last;
  /** @type {Result} */
  let result;
  return (/** @type {Values} */ ...values) => {
    if (!last || values.some((value, i) => value !== last?.[i])) result = compute(...values);
    last = values;
    return result;
  };
}

/**
 * A field for a text, of which letters are kept, made small. What is too short or too long is told
 * and not taken.
 * @param {Limited<string>} bound
 * @param {(problem: string) => void} tell
 */
function textField(bound, tell) {
  const { min, max } = bound.limits;
  /** @type {HTMLInputElement} */
  const input = element("input", {
    type: "text",
    "data-name": bound.name,
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    input: () => {
      const text = input.value.toLowerCase().replace(/[^a-z]/g, "");
      const fits = text.length >= min && text.length <= max;
      tell(fits ? "" : say(TEXT.noText, { min, max, n: text.length }));
      if (fits) bound.set(text);
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
    node: element("label", { class: "attn-field" }, element("span", {}, TEXT.text), input),
    show,
  };
}

/** Three rows of 26 bars, one for each letter. @param {string} letters */
function barsOf(letters) {
  const rows = GUESSES.map((name, row) => {
    const base = row * ROW.height + ROW.gap + ROW.bar;
    const title = shape("text", { class: "attn-title", y: row * ROW.height + 11 }, TEXT.rows[name]);
    const bars = [...letters].map(() => shape("rect", { class: "attn-bar", "data-reader": name }));
    return { base, title, bars };
  });
  const names = [...letters].map((letter) =>
    shape("text", { y: GUESSES.length * ROW.height + 12, "text-anchor": "middle" }, letter),
  );
  const all = rows.flatMap(({ title, bars }) => [title, ...bars]);
  const node = picture(TEXT.bars, { height: GUESSES.length * ROW.height + 18 }, ...all, ...names);
  let step = 0;

  const layout = (/** @type {number} */ width) => {
    step = width / letters.length;
    names.forEach((name, i) => move(name, { x: ((i + 0.5) * step).toFixed(1) }));
  };
  /** @type {(guesses: Guesses, hidden: number) => void} */
  const show = (guesses, hidden) => {
    rows.forEach(({ base, bars }, row) => {
      bars.forEach((bar, i) => {
        const p = guesses[GUESSES[row]][i];
        const height = Math.max(1, p * ROW.bar);
        move(bar, {
          x: (i * step + 1).toFixed(1),
          y: (base - height).toFixed(2),
          width: Math.max(1, step - 2).toFixed(1),
          height: height.toFixed(2),
          "data-share": p,
          "data-hidden": i === hidden,
        });
      });
    });
    names.forEach((name, i) => move(name, { class: i === hidden ? "attn-hidden" : "" }));
  };
  return { node, layout, show };
}

/**
 * @param {string} hidden
 * @param {Guesses} guesses
 * @param {number} after
 * @param {string} letters
 */
function describe(hidden, guesses, after, letters) {
  const best = Object.fromEntries(
    GUESSES.map((name) => {
      const p = Array.from(guesses[name]);
      return [name, letters[p.indexOf(Math.max(...p))]];
    }),
  );
  const shares = Object.fromEntries(
    GUESSES.map((name) => [`p_${name}`, percent(Math.max(...Array.from(guesses[name])))]),
  );
  const forms = after === 0 ? TEXT.none : after === 1 ? TEXT.one : TEXT.some;
  return say(forms, { hidden, after, ...best, ...shares });
}

const TEXT = {
  text: "your text",
  place: "which letter is hidden, from 0",
  after: "letters read behind the gap",
  left: "hidden letter, from the left",
  trying: "by trying",
  masked: "from both sides",
  rows: {
    left: "reads forwards: from the left alone",
    trying: "the same reader: tries every letter",
    masked: "reads both sides: sees a mask in the gap",
  },
  gap: "hidden",
  caption:
    "Framed: the hidden letter. Underlined: what the letters are tried against. Pale: how the forward reader goes on",
  bars: "Three rows of bars: how probable each letter is in the gap, by three ways to guess it.",
  another: "Go on otherwise",
  noText:
    "Here you can write {min} to {max} letters from a to z, and you have {n}; spaces, capitals and other signs are left out.",
  ended: "Your text has {n} letters; the last one is hidden.",
  none: "The hidden letter is {hidden}. From the left the forward reader says {left} ({p_left}); it tries no letters behind the gap. The reader of both sides says {masked} ({p_masked}).",
  one: "The hidden letter is {hidden}. From the left the forward reader says {left} ({p_left}); after trying every letter against the one behind it, {trying} ({p_trying}). The reader of both sides says {masked} ({p_masked}).",
  some: "The hidden letter is {hidden}. From the left the forward reader says {left} ({p_left}); after trying every letter against the {after} behind it, {trying} ({p_trying}). The reader of both sides says {masked} ({p_masked}).",
};

export default { render };
