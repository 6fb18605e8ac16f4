// How far off a guess was, in sentences.
import { placeOf, told } from "../../attnlab/widgets/js/guesses.js";
import { paragraph, plural, say } from "../../attnlab/widgets/js/words.js";

/** @import { CurveQuantity, NumberQuantity, Quantity, Question } from "../../attnlab/widgets/js/types.d.ts" */

/**
 * One sentence for a prediction, or one for each quantity where they are of several kinds.
 * @type {(question: Question, guess: Record<string, any>, truth: Record<string, any>) => string}
 */
export function verdict({ quantities }, guess, truth) {
  const numbers = quantities.filter((quantity) => quantity.kind === "number");
  if (numbers.length === 1 || numbers.length < quantities.length)
    return paragraph(...quantities.map((q) => verdictOn(q, guess[q.name], truth[q.name])));
  const held = numbers.filter((q) => holds(guess[q.name], truth[q.name])).length;
  const off = (/** @type {NumberQuantity} */ q) =>
    Math.abs(placeWithin(q, truth[q.name]) - placeOf(q, guess[q.name].value));
  const furthest = numbers.reduce((worst, q) => (off(q) > off(worst) ? q : worst));
  const words =
    held === 0 ? TEXT.none : held === numbers.length ? TEXT.all : TEXT.some[plural(held)];
  return say(words, {
    held,
    all: numbers.length,
    label: furthest.label,
    guess: told(guess[furthest.name].value),
    truth: told(truth[furthest.name]),
  });
}

/** One sentence for one quantity. @type {(quantity: Quantity, guess: any, truth: any) => string} */
export function verdictOn(quantity, guess, truth) {
  const { label } = quantity;
  switch (quantity.kind) {
    case "number":
      return say(holds(guess, truth) ? TEXT.held : TEXT.missed, {
        label,
        guess: told(guess.value),
        truth: told(truth),
        low: told(guess.low),
        high: told(guess.high),
      });
    case "option":
      return say(guess.option === truth ? TEXT.right : TEXT.wrong, { label, truth, ...guess });
    case "curve":
      return curveVerdict(quantity, guess, truth);
  }
}

/** @type {(quantity: CurveQuantity, guess: number[], truth: number[]) => string} */
function curveVerdict(quantity, guess, truth) {
  const off = guess.map((value, i) =>
    Math.abs(placeWithin(quantity, truth[i]) - placeOf(quantity, value)),
  );
  const worst = off.indexOf(Math.max(...off));
  return say(TEXT.curve, {
    label: quantity.label,
    x: told(quantity.x[worst]),
    guess: told(guess[worst]),
    truth: told(truth[worst]),
  });
}

/** Where what was measured lies, which may be beyond what could be guessed. @type {(q: NumberQuantity | CurveQuantity, value: number) => number} */
function placeWithin(q, value) {
  return placeOf(q, Math.min(q.high, Math.max(q.low, value)));
}

/** Whether the interval holds what was measured. @type {(guess: { low: number, high: number }, truth: number) => boolean} */
export function holds({ low, high }, truth) {
  return low <= truth && truth <= high;
}

/**
 * How well a reader's certainty fits: how many intervals held, how many choices were right, and how
 * sure of them the reader was on average, in percent.
 * @param {{ question: Question, guess: Record<string, any>, truth: Record<string, any> }[]} committed
 */
export function calibration(committed) {
  const found = { intervals: 0, held: 0, choices: 0, right: 0, sure: 0 };
  for (const { question, guess, truth } of committed) {
    for (const { kind, name } of question.quantities) {
      if (kind === "number") {
        found.intervals += 1;
        found.held += Number(holds(guess[name], truth[name]));
      }
      if (kind === "option") {
        found.choices += 1;
        found.right += Number(guess[name].option === truth[name]);
        found.sure += guess[name].sure;
      }
    }
  }
  return { ...found, sure: found.choices ? found.sure / found.choices : 0 };
}

/** How many intervals held, in a sentence. @param {{ intervals: number, held: number }} sums */
export function intervalWords({ intervals, held }) {
  if (intervals === 1) return held ? TEXT.holds : TEXT.fails;
  return say(TEXT.intervals[plural(held)], { intervals, held, share: percent(held, intervals) });
}

/** @type {(part: number, all: number) => number} */
export const percent = (part, all) => Math.round((100 * part) / all);

const TEXT = {
  holds: "Your one interval holds what was measured. Over many, 80% of them should.",
  fails: "Your one interval does not hold what was measured. Over many, 80% of them should.",
  intervals: {
    one: "{held} of your {intervals} intervals holds what was measured, {share}%. Over many, 80% of them should: fewer, and you are too sure of yourself; more, and you could be surer.",
    other:
      "{held} of your {intervals} intervals hold what was measured, {share}%. Over many, 80% of them should: fewer, and you are too sure of yourself; more, and you could be surer.",
  },
  held: "For “{label}” you guessed {guess}, and it is {truth}, within your 80% interval from {low} to {high}.",
  missed:
    "For “{label}” you guessed {guess}, and it is {truth}, outside your 80% interval from {low} to {high}.",
  right: "For “{label}” you chose “{option}”, {sure}% sure, and were right.",
  wrong: "For “{label}” you chose “{option}”, {sure}% sure, and it is “{truth}”.",
  curve:
    "For “{label}” your curve is furthest off at {x}, where you drew {guess} and it is {truth}.",
  none: "None of your {all} intervals holds what was measured; furthest off is your guess for “{label}”: {guess}, where {truth} was measured.",
  some: {
    one: "{held} of your {all} intervals holds what was measured; furthest off is your guess for “{label}”: {guess}, where {truth} was measured.",
    other:
      "{held} of your {all} intervals hold what was measured; furthest off is your guess for “{label}”: {guess}, where {truth} was measured.",
  },
  all: "All of your {all} intervals hold what was measured; furthest off is your guess for “{label}”: {guess}, where {truth} was measured.",
};
