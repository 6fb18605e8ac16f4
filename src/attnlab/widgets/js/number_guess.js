// A guess at a number: where it lies, and the interval that should hold it in 8 cases of 10.
import { KEYS } from "./controls.js";
import { movedTo, nudged, placeOf, told, typed, valueAt } from "./guesses.js";
import { element } from "./svg.js";
import { say } from "./words.js";

/**
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
  const start = valueAt(quantity, 0.5); // where the keyboard begins
  /** @type {(handle: Handle, value: number) => void} */
  const set = (handle, value) => {
    const guess = bound.get();
    if (handle === "value" || !guess) bound.set(movedTo(quantity, guess, value));
    else if (handle === "low") bound.set({ ...guess, low: Math.min(value, guess.value) });
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
    change: () => {
      const value = typed(quantity, number.value);
      refusal.textContent = value === null && number.value.trim() ? say(TEXT.refused, range) : "";
      if (value !== null) set("value", value);
      show();
    },
  });
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
        const next = afterKey(event.key, bound.get()?.[handle]);
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
    return value === undefined ? start : nudged(quantity, value, sign, page);
  }

  const placeAt = (/** @type {PointerEvent} */ event) => {
    const box = rail.getBoundingClientRect();
    return (event.clientX - box.left) / box.width;
  };
  /** @type {Handle | null} */
  let held = null;
  /** The handle that a press takes hold of. @type {(event: PointerEvent) => Handle} */
  function handleAt(event) {
    const guess = bound.get();
    if (!guess) return "value";
    const width = rail.getBoundingClientRect().width;
    /** @type {(handle: Handle) => number} */
    const offset = (handle) => (placeAt(event) - placeOf(quantity, guess[handle])) * width;
    if (Math.abs(offset("value")) <= 12) return "value";
    // The ends' handles stand outside of the interval.
    if (offset("low") <= 4 && offset("low") >= -2 * REACH) return "low";
    if (offset("high") >= -4 && offset("high") <= 2 * REACH) return "high";
    return "value";
  }
  const rail = element("div", { class: "attn-rail" }, interval, ...handles);
  const track = element(
    "div",
    {
      class: "attn-track",
      pointerdown: (/** @type {PointerEvent} */ event) => {
        if (bound.isLocked() || event.button !== 0) return;
        event.preventDefault(); // no text is selected
        held = handleAt(event);
        track.setPointerCapture(event.pointerId);
        handles[HANDLES.indexOf(held)].focus({ preventScroll: true });
        set(held, valueAt(quantity, placeAt(event)));
      },
      pointermove: (/** @type {PointerEvent} */ event) => {
        if (held) set(held, valueAt(quantity, placeAt(event)));
      },
      lostpointercapture: () => (held = null),
    },
    rail,
  );
  const ends = [quantity.low, quantity.high].map((end) => element("span", {}, told(end)));
  const node = element(
    "div",
    { class: "attn-quantity", role: "group", "aria-label": quantity.label },
    element("div", { class: "attn-asked" }, element("span", {}, quantity.label), number),
    track,
    element("div", { class: "attn-ends", "aria-hidden": "true" }, ends[0], words, ends[1]),
    refusal,
  );

  function show() {
    const guess = bound.get();
    const locked = bound.isLocked();
    node.dataset.made = String(Boolean(guess));
    number.value = guess ? told(guess.value) : "";
    number.readOnly = locked;
    interval.hidden = !guess;
    words.textContent = guess
      ? say(TEXT.between, { low: told(guess.low), high: told(guess.high) })
      : locked
        ? ""
        : TEXT.begin;
    HANDLES.forEach((handle, i) => {
      const value = guess?.[handle] ?? start;
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

  return { node, show, focus: () => handles[HANDLES.indexOf("value")].focus() };
}

const TEXT = {
  value: "Your guess. {label}",
  low: "Lower end of your 80% interval. {label}",
  high: "Upper end of your 80% interval. {label}",
  none: "no guess yet",
  begin: "Press the line, or use the arrow keys.",
  between: "80% sure: {low} to {high}",
  refused: "This must be a number from {low} to {high}.",
};
