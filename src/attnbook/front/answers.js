// A reader's guess, drawn into the figure that answers it: above the picture, where its own axes
// have the values.
import { placeOf } from "../../attnlab/widgets/js/guesses.js";
import { path, shape } from "../../attnlab/widgets/js/svg.js";

/**
 * What the build says of an answer: the prediction; where the frame of the axes lies in the picture,
 * [left, top, width, height], and the picture's size; where samples of each quantity's values lie,
 * as shares of the frame from its lower left corner; and what was measured.
 * @import { Quantity, Question, Ranged } from "../../attnlab/widgets/js/types.d.ts"
 * @typedef {[x: number, y: number]} Point
 * @typedef {{
 *   question: Question,
 *   frame: [number, number, number, number],
 *   size: Point,
 *   places: Record<string, any>,
 *   truth: Record<string, any>,
 * }} Answer
 * @typedef {{ points: Point[], dashed: boolean } | { at: Point }} Mark
 */

/** What to draw of a guess, in the picture's own units. @type {(answer: Answer, guess: Record<string, any>) => Mark[]} */
export function marksOf(answer, guess) {
  return answer.question.quantities.flatMap((quantity) =>
    marks(quantity, answer.places[quantity.name], guess[quantity.name], answer.frame),
  );
}

/** @type {(quantity: Quantity, samples: any[], guess: any, frame: Answer["frame"]) => Mark[]} */
function marks(quantity, samples, guess, [left, top, width, height]) {
  const inPicture = (/** @type {Point} */ [x, y]) =>
    /** @type {Point} */ ([left + x * width, top + (1 - y) * height]);
  switch (quantity.kind) {
    case "number": {
      const [from, at, to] = [guess.low, guess.value, guess.high].map((value) =>
        placeOf(quantity, value),
      );
      const within = samples.map((_, i) => i / (samples.length - 1));
      const along = [from, ...within.filter((place) => place > from && place < to), to];
      return [
        { points: along.map((place) => inPicture(between(samples, place))), dashed: false },
        { at: inPicture(between(samples, at)) },
      ];
    }
    case "option":
      return [{ at: inPicture(samples[quantity.options.indexOf(guess.option)]) }];
    case "curve": {
      const points = samples.map((column, i) =>
        inPicture(between(column, placeOf(quantity, guess[i]))),
      );
      return [{ points, dashed: true }];
    }
  }
}

/** The point at a place along evenly spaced samples. @type {(samples: Point[], place: number) => Point} */
function between(samples, place) {
  const exact = place * (samples.length - 1);
  const i = Math.min(samples.length - 2, Math.floor(exact));
  const [[x1, y1], [x2, y2]] = [samples[i], samples[i + 1]];
  const t = exact - i;
  return [x1 + t * (x2 - x1), y1 + t * (y2 - y1)];
}

/**
 * The guess as a picture of its own, to lie above the figure's.
 * @type {(answer: Answer, guess: Record<string, any>, words: string) => SVGSVGElement}
 */
export function overlay(answer, guess, words) {
  // Circles lie above lines, whichever quantity they are of.
  const marks = marksOf(answer, guess).sort((a, b) => Number("at" in a) - Number("at" in b));
  const nodes = marks.map((mark) =>
    "at" in mark
      ? shape("circle", { class: "guess-point", cx: mark.at[0], cy: mark.at[1], r: 5 })
      : shape("path", {
          class: mark.dashed ? "guess-curve" : "guess-interval",
          d: path(mark.points),
        }),
  );
  return shape(
    "svg",
    { class: "guess", viewBox: `0 0 ${answer.size.join(" ")}`, role: "img", "aria-label": words },
    ...nodes,
  );
}
