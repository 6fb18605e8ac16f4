// What can be guessed: quantities as `predictions.py` declares them, and guesses at them. The
// controls of a prediction, a page and its list of predictions all go by these.

import { format } from "./words.js";

/** @import { Guess, Quantity, Question, Ranged } from "./types.d.ts" */

export const SURE = { min: 50, max: 100, start: 75 };

const BASES = [2, 10, 100, 1e4]; // of the powers along a scale
const APART = 0.08; // of the scale, between its ends and the power next to them

/**
 * Where a value lies along its quantity's scale, from 0 to 1.
 * @type {(quantity: Ranged, value: number) => number}
 */
export function placeOf({ low, high, log }, value) {
  return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

/**
 * Numbers to write along the scale: its ends, and on a logarithmic one powers of 2, 10, … between,
 * so few that they stand clear of each other on a phone.
 * @type {(quantity: Ranged) => number[]}
 */
export function marksOf(quantity) {
  const { low, high, log } = quantity;
  if (!log) return [low, high];
  const fits = (/** @type {number} */ base) => Math.log(high / low) / Math.log(base) <= 7;
  const base = BASES.find(fits) ?? 1e8;
  const first = Math.floor(Math.log(low) / Math.log(base)) + 1;
  const between = [];
  for (let power = first; base ** power < high; power++) between.push(clean(base ** power));
  const clear = between.filter((mark) => Math.abs(placeOf(quantity, mark) - 0.5) < 0.5 - APART);
  return [low, ...clear, high];
}

/**
 * The value at a place along the scale, as round as a guess is.
 * @type {(quantity: Ranged, place: number) => number}
 */
export function valueAt(quantity, place) {
  const { low, high, log } = quantity;
  const share = Math.min(1, Math.max(0, place));
  return rounded(quantity, log ? low * (high / low) ** share : low + share * (high - low));
}

/** Without the dust of its last decimals. @type {(value: number) => number} */
const clean = (value) => Number(value.toPrecision(12));

/** @type {(quantity: Ranged, value: number) => number} */
function rounded(quantity, value) {
  const grain = grainAt(quantity, value);
  const round = clean(Math.round(value / grain) * grain);
  return Math.min(quantity.high, Math.max(quantity.low, round));
}

/** The least step: 1, or a hundredth of the range, or the third digit. @type {(quantity: Ranged, value: number) => number} */
function grainAt({ low, high, log, whole }, value) {
  if (whole) return 1;
  const size = log ? Math.abs(value) : high - low;
  return 10 ** (Math.floor(Math.log10(size)) - 2);
}

/**
 * The value that an arrow key or a page key leads to: a hundredth or a tenth of the scale.
 * @type {(quantity: Ranged, value: number, sign: number, page: boolean) => number}
 */
export function nudged(quantity, value, sign, page) {
  const next = valueAt(quantity, placeOf(quantity, value) + sign * (page ? 0.1 : 0.01));
  const moved = sign * (next - value) > 0;
  return moved ? next : rounded(quantity, value + sign * grainAt(quantity, value));
}

/**
 * The number that was typed or pasted, or nothing where it is none of the quantity's.
 * @type {(quantity: Ranged, text: string) => number | null}
 */
export function typed(quantity, text) {
  const plain = text
    .trim()
    .replace("−", "-")
    .replace(/,(?=\d{3}\b)/g, "");
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return null;
  const value = Number(plain);
  if (!isWithin(quantity, value) || (quantity.whole && !Number.isInteger(value))) return null;
  return value;
}

/** @type {(quantity: Ranged, value: unknown) => boolean} */
const isWithin = ({ low, high }, value) =>
  typeof value === "number" && value >= low && value <= high; // which NaN is not

/** Whether something is a guess at a quantity. @type {(quantity: Quantity, guess: any) => boolean} */
export function isGuess(quantity, guess) {
  switch (quantity.kind) {
    case "number": {
      if (!guess || !["value", "low", "high"].every((part) => isWithin(quantity, guess[part])))
        return false;
      return guess.low <= guess.value && guess.value <= guess.high;
    }
    case "option":
      return (
        quantity.options.includes(guess?.option) &&
        typeof guess.sure === "number" &&
        guess.sure >= SURE.min &&
        guess.sure <= SURE.max
      );
    case "curve":
      return (
        Array.isArray(guess) &&
        guess.length === quantity.x.length &&
        guess.every((value) => isWithin(quantity, value))
      );
    default:
      return false;
  }
}

/** The quantities that have no guess yet. @type {(question: Question, guess: any) => Quantity[]} */
export function missing({ quantities }, guess) {
  return quantities.filter((quantity) => !isGuess(quantity, guess?.[quantity.name]));
}

/**
 * How far an interval reaches to each side of its guess, along the scale. Where the range's end cuts
 * it, the reach that it had before is remembered.
 * @type {(quantity: Ranged, guess: Guess | undefined, before: Reach) => Reach}
 * @typedef {[below: number, above: number]} Reach
 */
export function reachOf(quantity, guess, before) {
  if (!guess) return before;
  const [low, value, high] = [guess.low, guess.value, guess.high].map((x) => placeOf(quantity, x));
  return [
    Math.max(value - low, guess.low === quantity.low ? before[0] : 0),
    Math.max(high - value, guess.high === quantity.high ? before[1] : 0),
  ];
}

/**
 * A guess at a number, moved or set for the first time: its interval goes along.
 * @type {(quantity: Ranged, value: number, reach: Reach) => Guess}
 */
export function movedTo(quantity, value, [below, above]) {
  const now = placeOf(quantity, value);
  return {
    value,
    low: Math.min(value, valueAt(quantity, now - below)),
    high: Math.max(value, valueAt(quantity, now + above)),
  };
}

/** A number as a guess is told: no more digits than it has. @param {number} value */
export function told(value) {
  return format(value)
    .replace(/(\.\d*?)0+(?= |$)/, "$1")
    .replace(/\.(?= |$)/, "");
}
