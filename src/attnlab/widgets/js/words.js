// How a widget says something: whole sentences, whose places are filled, and numbers. A sentence
// stands in the TEXT of its file, so that another language can take its place.

/** @import { Child } from "./types.d.ts" */

/**
 * A sentence with its places filled: "{n} words" and { n: 3 } give "3 words".
 * @type {(sentence: string, places: Record<string, string | number>) => string}
 */
export function say(sentence, places) {
  return compose(sentence, places).join("");
}

/**
 * The same in parts, for a sentence in which an element takes a place.
 * @type {(sentence: string, places: Record<string, Child | number>) => Child[]}
 */
export function compose(sentence, places) {
  return sentence.split(/\{(\w+)\}/).map((part, i) => {
    if (i % 2 === 0) return part; // what stands between the places
    if (!Object.hasOwn(places, part)) {
      throw new Error(`expected something for {${part}} in “${sentence}”`);
    }
    const filling = places[part];
    return typeof filling === "number" ? String(filling) : filling;
  });
}

/** Sentences one after the other; one that does not apply is empty. @param {...string} sentences */
export function paragraph(...sentences) {
  return sentences.filter(Boolean).join(" ");
}

const RULES = new Intl.PluralRules("en");

/** Which form of a sentence a number asks for: "one" or "other". @param {number} count */
export function plural(count) {
  return /** @type {"one" | "other"} */ (RULES.select(count));
}

/** A number with a minus in place of a hyphen. @param {number | string} x */
export function signed(x) {
  return String(x).replace("-", "−");
}

/** A number with two decimals. @param {number} x */
export function decimals(x) {
  return signed(x.toFixed(2));
}

/**
 * Three digits; powers of ten where there would be too many zeros.
 * @param {number} x
 */
export function format(x) {
  const sign = x < 0 ? "−" : "";
  const size = Math.abs(x);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
    const [mantissa, exponent] = size.toExponential(1).split("e");
    return `${sign}${mantissa} × 10${superscript(Number(exponent))}`;
  }
  if (size >= 999.5) return sign + Math.round(size).toLocaleString("en-US");
  return sign + (Number.isInteger(size) ? String(size) : size.toPrecision(3));
}

/** @param {number} n a whole number */
export function superscript(n) {
  return [...String(n)].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)])).join("");
}

/** A power of ten. @param {number} exponent */
export function power(exponent) {
  return exponent === 0 ? "1" : `10${superscript(exponent)}`;
}

/** A share that is known to be all: others never round up to it. */
export const ALL = "100%";

/**
 * A share as a percentage that never rounds up to all, and never needs an exponent.
 * @param {number} share
 */
export function percent(share) {
  if (share > 0.9999) return TEXT.almostAll;
  if (share > 0 && share < 1e-5) return TEXT.almostNone;
  return `${Number((100 * share).toPrecision(share > 0.99 ? 4 : 2))}%`;
}

/** The same in as little room as a bar has on a phone. @param {number} share */
export function brief(share) {
  if (share >= 0.995) return TEXT.most;
  if (share > 0 && share < 0.001) return TEXT.least;
  return `${(100 * share).toFixed(share > 0 && share < 0.0995 ? 1 : 0)}%`;
}

const TEXT = {
  almostAll: "more than 99.99%",
  almostNone: "under 0.001%",
  most: ">99%",
  least: ">0%",
};
