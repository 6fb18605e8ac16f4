// A guess at a number: where it lies, and the interval that should hold it in 8 cases of 10.
import { KEYS, plainKey } from "./controls.js";
import { dragging } from "./dragging.js";
import { marksOf, movedTo, nudged, placeOf, reachOf, told, typed, valueAt } from "./guesses.js";
import { element } from "./svg.js";
import { say } from "./words.js";

/**
 * @import { Reach } from "./guesses.js"
 * @import { Guess, NumberQuantity } from "./types.d.ts"
 * @typedef {{ name: string, get(): Guess | undefined, set(guess: Guess): void, isLocked(): boolean }} Bound
 * @typedef {"value" | "low" | "high"} Handle
 */

const HANDLES = /** @type {const} */ (["low", "value", "high"]);
const REACH = 16; // pixels from an end of the interval within which a press takes hold of it

/**
 * A number to type, and below it a track with a handle for the guess and one for each end.
 * @param {NumberQuantity} quantity
 * @param {Bound} bound
 */
export function numberControl(quantity, bound) {
  const middle = valueAt(quantity, 0.5); // where the keyboard begins
  /** @type {Reach} */
  let reach = [0.12, 0.12];
  /** As it was moved last, with that reach but rounded. @type {Guess | undefined} */
  let moved;
  let isTheirs = false; // whether the reader has set an end of the interval
  /** What is being typed, or was refused: it stays the reader's. @type {string | null} */
  let draft = null;
  /** @type {(handle: Handle, value: number) => void} */
  const set = (handle, value) => {
    const guess = bound.get();
    draft = null;
    if (guess !== moved) reach = reachOf(quantity, guess, reach); // an end was moved
    if (handle === "value" || !guess) {
      bound.set((moved = movedTo(quantity, value, reach)));
      return;
    }
    isTheirs = true;
    if (handle === "low") bound.set({ ...guess, low: Math.min(value, guess.value) });
    else bound.set({ ...guess, high: Math.max(value, guess.value) });
  };

  const number = element("input", {
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    size: 5,
    class: "attn-number",
    "aria-label": quantity.label,
    "data-name": bound.name,
    placeholder: "?",
    input: () => (draft = number.value),
    change: () => take(),
  });
  /** Takes what was typed; whether it could. */
  function take() {
    const value = draft === null ? null : typed(quantity, draft);
    if (value !== null) set("value", value);
    else if (!draft?.trim()) draft = null;
    else refusal.textContent = say(quantity.whole ? TEXT.whole : TEXT.refused, range);
    show();
    return draft === null;
  }
  const range = { low: told(quantity.low), high: told(quantity.high) };
  const refusal = element("p", { class: "attn-refusal", role: "status" });
  const words = element("p", { class: "attn-interval-words" });
  const interval = element("div", { class: "attn-interval" });
  const handles = HANDLES.map((handle) =>
    element("div", {
      role: "slider",
      tabindex: 0,
      class: ["attn-handle", `attn-handle-${handle}`].join(" "),
      "data-name": `${bound.name}-${handle}`,
      "aria-label": say(TEXT[handle], { label: quantity.label }),
      "aria-valuemin": quantity.low,
      "aria-valuemax": quantity.high,
      keydown: (/** @type {KeyboardEvent} */ event) => {
        const next = afterKey(plainKey(event), bound.get()?.[handle]);
        if (next === null || bound.isLocked()) return;
        event.preventDefault();
        set(handle, next);
      },
    }),
  );

  /** @type {(key: string, value: number | undefined) => number | null} */
  function afterKey(key, value) {
    if (key === "Home") return quantity.low;
    if (key === "End") return quantity.high;
    const [sign, page] = KEYS.get(key) ?? [0, false];
    if (sign === 0) return null;
    return value === undefined ? middle : nudged(quantity, value, sign, page);
  }

  /** Where along the rail that is, which stands within the track. @param {number} left */
  const placeAt = (left) => (left - rail.offsetLeft + track.offsetLeft) / rail.offsetWidth;
  /** @type {Handle} */
  let held = "value";
  /** The handle that a press takes hold of. @type {(left: number) => Handle} */
  function handleAt(left) {
    const guess = bound.get();
    if (!guess) return "value";
    /** @type {(handle: Handle) => number} */
    const offset = (handle) =>
      (placeAt(left) - placeOf(quantity, guess[handle])) * rail.offsetWidth;
    if (Math.abs(offset("value")) <= 12) return "value";
    // The ends' handles stand outside of the interval.
    if (offset("low") <= 4 && offset("low") >= -2 * REACH) return "low";
    if (offset("high") >= -4 && offset("high") <= 2 * REACH) return "high";
    return "value";
  }
  const rail = element("div", { class: "attn-rail" }, interval, ...handles);
  const drag = (/** @type {number} */ left) => {
    if (!bound.isLocked()) set(held, valueAt(quantity, placeAt(left)));
  };
  const start = (/** @type {number} */ left) => {
    if (bound.isLocked()) return;
    held = handleAt(left);
    handles[HANDLES.indexOf(held)].focus({ preventScroll: true });
    drag(left);
  };
  const track = element("div", { class: "attn-track", ...dragging(drag, start) }, rail);
  const marks = marksOf(quantity).map((mark) =>
    element("span", { style: `left: ${100 * placeOf(quantity, mark)}%` }, told(mark)),
  );
  const node = element(
    "div",
    { class: "attn-quantity", role: "group", "aria-label": quantity.label },
    element("div", { class: "attn-asked" }, element("span", {}, quantity.label), number),
    track,
    element("div", { class: "attn-marks", "aria-hidden": "true" }, ...marks),
    words,
    refusal,
  );

  function show() {
    const guess = bound.get();
    const locked = bound.isLocked();
    node.dataset.made = String(Boolean(guess));
    if (locked) draft = null;
    if (draft === null) refusal.textContent = "";
    number.setAttribute("aria-invalid", String(refusal.textContent !== ""));
    number.value = draft ?? (guess ? told(guess.value) : "");
    number.readOnly = locked;
    interval.hidden = !guess;
    words.textContent = guess
      ? say(locked || isTheirs ? TEXT.between : TEXT.suggested, {
          low: told(guess.low),
          high: told(guess.high),
        })
      : locked
        ? ""
        : TEXT.begin;
    HANDLES.forEach((handle, i) => {
      const value = guess?.[handle] ?? middle;
      handles[i].hidden = !guess && (handle !== "value" || locked);
      handles[i].tabIndex = locked ? -1 : 0;
      handles[i].setAttribute("aria-disabled", String(locked));
      handles[i].setAttribute("aria-valuenow", String(value));
      handles[i].setAttribute("aria-valuetext", guess ? told(value) : TEXT.none);
      handles[i].style.left = `${100 * placeOf(quantity, value)}%`;
    });
    if (!guess) return;
    const [from, to] = [guess.low, guess.high].map((end) => 100 * placeOf(quantity, end));
    interval.style.left = `${from}%`;
    interval.style.width = `${to - from}%`;
  }

  const focus = () => (draft === null ? handles[HANDLES.indexOf("value")] : number).focus();
  return { node, show, take, focus };
}

const TEXT = {
  value: "Your guess. {label}",
  low: "Lower end of your 80% interval. {label}",
  high: "Upper end of your 80% interval. {label}",
  none: "no guess yet",
  begin: "Press the line, or use the arrow keys.",
  between: "80% sure: {low} to {high}",
  suggested: "80% sure: {low} to {high}? Move its ends until you are.",
  refused: "This must be a number from {low} to {high}.",
  whole: "This must be a whole number from {low} to {high}.",
};
