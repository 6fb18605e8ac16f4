// A number to type, what a trained Transformer writes for it in Chinese, and where it looks.
import { translate } from "./mathematics.js";
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
import { heatMap } from "../../widgets/js/heat_map.js";
import { element, picture } from "../../widgets/js/svg.js";
import { tokenButtons } from "../../widgets/js/token_buttons.js";
import { unpackTransformer } from "../../widgets/js/transformer.js";
import { paragraph, percent, say } from "../../widgets/js/words.js";

const MAP = { left: 30, top: 74, row: 18, right: 34, turn: 55 };
const EXAMPLES = [120034, 10010000, 99999999, 12, 21000, 300000005];

/**
 * @import { Limited, PackedTransformer, Sent, View } from "../../widgets/js/types.d.ts"
 * @import { Known } from "./mathematics.js"
 * @typedef {{ number: number, step: number, _model: PackedTransformer } & Sent<Known>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["number", "step"]);
  const known = model.get("_constants");
  const { number: range, step: steps } = known.limits;
  const machine = unpackTransformer(model.get("_model"));
  let problem = "";
  const field = numberField(trait(model, "number"), (told) => {
    problem = told;
    draw();
  });
  const step = slider(trait(model, "step"), {
    letter: "i",
    meaning: TEXT.step,
    ...evenly({ page: 4 }),
  });
  const output = tokenButtons((place) => assign(model, { step: place + 1 }));
  const numbers = [readout("weight", TEXT.weight), readout("probability", TEXT.probability)];
  const map = heatMap({ side: { class: "attn-of-query" }, head: { class: "attn-of-key" } });
  const drawn = picture(TEXT.map, { height: MAP.top + MAP.row * steps.max, class: "attn-glides" });
  drawn.append(map.node);
  const words = sentence();
  let width = 0;

  function draw() {
    const now = read(model, names);
    const found = translate(machine, now.number, known, steps.max);
    const looked = Math.min(now.step, found.written.length) - 1;
    const row = found.weights[looked];
    const most = row.indexOf(Math.max(...row));
    field.show();
    step.show();
    output.show(
      found.written.map((token) => [token]),
      looked,
    );
    numbers[0].show(row[most]);
    numbers[1].show(found.probabilities[looked]);
    const wide = Math.min(46, (width - MAP.left - MAP.right) / found.words.length);
    drawn.setAttribute("height", String(MAP.top + MAP.row * found.written.length + 2));
    map.show({
      weights: found.weights,
      box: {
        left: MAP.left,
        top: MAP.top,
        width: wide * found.words.length,
        height: MAP.row * found.written.length,
      },
      rows: found.written,
      columns: found.words,
      framed: [[looked, 0, 1, found.words.length]],
      turn: MAP.turn,
      size: 14,
    });
    const places = {
      words: found.words.join(" "),
      output: found.output || TEXT.nothing,
      wanted: found.wanted,
      token: found.written[looked],
      word: found.words[most],
      share: percent(row[most]),
    };
    words.show(
      paragraph(
        problem,
        say(found.output === found.wanted ? TEXT.right : TEXT.wrong, places),
        now.number > known.trained ? TEXT.beyond : "",
        say(found.written[looked] === known.end ? TEXT.ends : TEXT.looks, places),
      ),
    );
  }

  const go = (/** @type {number} */ number) => assign(model, { number });
  const shifted = () => (model.get("number") * 10 > range.max ? 1 : model.get("number") * 10);
  const next = () => EXAMPLES[(EXAMPLES.indexOf(model.get("number")) + 1) % EXAMPLES.length];
  const content = [
    settings(
      [field],
      button(TEXT.tenfold, () => go(shifted())),
      button(TEXT.another, () => go(next())),
      resetButton(model, names),
    ),
    words.node,
    output.node,
    step.node,
    caption(TEXT.caption),
    drawn,
    readouts(numbers),
  ];
  const layout = (/** @type {number} */ now) => (width = now);
  return mount(el, model, names, content, { layout, draw });
}

/**
 * A field for a number. What is none is told and not taken.
 * @param {Limited<number>} bound
 * @param {(problem: string) => void} tell
 */
function numberField(bound, tell) {
  const { min, max } = bound.limits;
  const text = () => bound.get().toLocaleString("en-US");
  /** @type {HTMLInputElement} */
  const input = element("input", {
    type: "text",
    inputmode: "numeric",
    "data-name": bound.name,
    autocomplete: "off",
    input: () => {
      const digits = input.value.replace(/[\s,]/g, "");
      const fits = /^\d+$/.test(digits) && Number(digits) >= min && Number(digits) <= max;
      const places = { got: input.value.trim(), now: text() };
      tell(fits ? "" : say(digits === "" ? TEXT.empty : TEXT.noNumber, places));
      if (fits) bound.set(Number(digits));
    },
    blur: () => {
      input.value = text();
      tell("");
    },
  });
  const show = () => {
    // Changing what is being typed would move the reader's cursor.
    if (input.ownerDocument.activeElement !== input) input.value = text();
  };
  return {
    node: element("label", { class: "attn-field" }, element("span", {}, TEXT.number), input),
    show,
  };
}

const TEXT = {
  number: "number",
  step: "which token of the answer is looked at",
  tenfold: "Times ten",
  another: "Another",
  weight: "its largest weight",
  probability: "its probability",
  caption: "Where each character looks, in the mean of heads; the framed row is looked at",
  map: "A map of weights: a row for each token of the answer, a column for each English word.",
  nothing: "nothing",
  right: "“{words}” becomes {output}, which is right.",
  wrong: "“{words}” becomes {output}; it should be {wanted}.",
  beyond: "Training had no number of nine digits, and never showed 亿.",
  looks: "For {token} it looks most at “{word}”, with {share} of its weight.",
  ends: "Where it ends, it looks most at “{word}”, with {share} of its weight.",
  empty: "Type a whole number from 1 to 999,999,999; shown is {now}.",
  noNumber: "Expected a whole number from 1 to 999,999,999, got “{got}”; shown is {now}.",
};

export default { render };
