// What is said: a field for digits, and a keypad.
import { assign } from "../../widgets/js/bindings.js";
import { button } from "../../widgets/js/controls.js";
import { element, move } from "../../widgets/js/svg.js";

/** @import { Settings } from "../../widgets/js/types.d.ts" */

/**
 * A field to type digits into, and a key for each. `refuse` is told what can't be said: "tooMany",
 * "noDigit" or "leftOut", and nothing where all is well.
 * @param {Settings<{ digits: number[], length: number }>} model
 * @param {number} most
 * @param {(reason: string) => void} refuse
 */
export function digitField(model, most, refuse) {
  const shown = () => model.get("digits").slice(0, model.get("length")).join("");
  const take = (/** @type {number[]} */ said) => {
    const digits = [...said.slice(0, most), ...model.get("digits").slice(said.length)];
    assign(model, { digits: digits.slice(0, most), length: Math.min(said.length, most) });
    refuse(said.length > most ? "tooMany" : "");
  };
  const input = element("input", {
    type: "text",
    inputmode: "numeric",
    size: most,
    "data-name": "digits",
    "aria-label": TEXT.own,
    input: () => {
      const typed = (input.value.match(/[0-9]/g) ?? []).map(Number);
      if (typed.length === 0 && input.value.trim() !== "") return refuse("noDigit");
      take(typed);
      if (/[^0-9\s,]/.test(input.value)) refuse("leftOut");
    },
    blur: () => (input.value = shown()),
  });
  const add = (/** @type {number} */ digit) =>
    take([...model.get("digits").slice(0, model.get("length")), digit]);
  const drop = () => assign(model, { length: Math.max(0, model.get("length") - 1) });
  const keys = Array.from({ length: 10 }, (_, digit) => button(String(digit), () => add(digit)));
  const back = button("⌫", drop);
  move(back, { "aria-label": TEXT.back });
  const show = () => {
    // Changing what is being typed would move the reader's cursor.
    if (input.ownerDocument.activeElement !== input) input.value = shown();
  };
  const node = element("label", { class: "attn-field" }, element("span", {}, TEXT.say), input);
  const pad = element("div", { class: "attn-keypad" }, ...keys, back);
  return { node, pad, show };
}

const TEXT = { say: "say", own: "the digits to say", back: "Take the last digit back" };
