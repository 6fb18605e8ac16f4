// All that the Transformer widget says.
import { paragraph, percent, plural, say } from "../../widgets/js/words.js";
import { isDay } from "./reading.js";

/** @import { Vector } from "../../widgets/js/types.d.ts" */
/** @import { View } from "./weight_map.js" */

export const START = "▸"; // what the decoder is given before it has written anything

export const TEXT = {
  task: "Task",
  tasks: { translation: "English to Chinese", dates: "date to ISO" },
  read: "read",
  source: "what the model reads",
  write: "Write it",
  another: "Another",
  anyway: "ask about what it has never read, too",
  asked: "Asked anyway, it has to answer.",
  askedUnknown:
    "Asked anyway, it reads one and the same mark for whatever it does not know, and has to answer.",
  knownWords: "Words that it knows",
  knownTexts: "Forms of a date that it knows",
  insert: "Press a word to put it where the cursor is, or in place of what you have selected. ",
  replace: "Press one to have it read.",
  clear: "Empty the field",
  step: "token to look at",
  steps: "{i} of {length}",
  probability: "probability of this step’s token",
  largest: "largest weight of the map",
  largestInRow: "largest weight in the framed row",
  likelyCaption: "The most probable tokens of this step",
  likely: "The most probable tokens of the step.",
  kind: "Whose weights",
  kinds: { cross: "cross-attention", encoder: "encoder’s own", decoder: "decoder’s own" },
  head: "Which head",
  mean: "mean of those in use",
  inUse: "Heads of this attention that are in use",
  mapCaption:
    "A row is a token that asks, a column one that is asked ({start} the start, {end} the end); strong color is much weight. Press a row to look at it.",
  map: "Weights: a row for each token that asks, a column for each it asks. The row to look at",
  noRow: "none",
  // By the attention, of one head that is off and of all.
  off: {
    cross: {
      one: "Head {head} of cross-attention is off: the map shows what it would read, in gray, and nothing of it arrives.",
      mean: "All heads of cross-attention are off: the map shows what they would read, in gray, and nothing of it arrives.",
    },
    encoder: {
      one: "Head {head} of the encoder is off: the map shows what it would read, in gray, and nothing of it arrives.",
      mean: "All heads of the encoder are off: the map shows what they would read, in gray, and nothing of it arrives.",
    },
    decoder: {
      one: "Head {head} of the decoder’s own attention is off: the map shows what it would read, in gray, and nothing of it arrives.",
      mean: "All heads of the decoder’s own attention are off: the map shows what they would read, in gray, and nothing of it arrives.",
    },
  },
  writes: "The model writes “{text}”.",
  writesWithout: {
    one: "The model writes “{text}” with {count} head off.",
    other: "The model writes “{text}” with {count} heads off.",
  },
  leftOut: "It was not given the “{text}”, which it has never read.",
  noEnd: "It does not come to an end.",
  noDay: "That is no day of the calendar.",
  seenAlone: "Step {i} is {token}, with probability {p}.",
  // By the attention, for the mean of its heads and for one of them.
  seen: {
    cross: {
      mean: "Step {i} is {token}, with probability {p}; the largest weight of cross-attention (mean of the heads in use) is on {key}, {weight}.",
      one: "Step {i} is {token}, with probability {p}; the largest weight of cross-attention (head {head}) is on {key}, {weight}.",
    },
    encoder: {
      mean: "Step {i} is {token}, with probability {p}; the largest weight of the encoder’s own attention (mean of the heads in use) is that of “{query}” on {key}, {weight}.",
      one: "Step {i} is {token}, with probability {p}; the largest weight of the encoder’s own attention (head {head}) is that of “{query}” on {key}, {weight}.",
    },
    decoder: {
      mean: "Step {i} is {token}, with probability {p}; the largest weight of the decoder’s own attention (mean of the heads in use) is on {key}, {weight}.",
      one: "Step {i} is {token}, with probability {p}; the largest weight of the decoder’s own attention (head {head}) is on {key}, {weight}.",
    },
  },
  // What takes a place in these.
  token: "“{token}”",
  start: "{token}, the start",
  end: "{token}, the end mark",
  almostAll: ">99.9%",
};

/**
 * Sentences on all that is written.
 * @param {{ written: string[] }} found
 * @param {Set<string>} off the heads that are switched off
 * @param {string} leftOut what was left out at the source's end, or nothing
 * @param {string} task
 * @param {string} end the mark of an end
 */
export function whatIsWritten({ written }, off, leftOut, task, end) {
  const text = written.join("").replace(end, "");
  const writes = off.size === 0 ? TEXT.writes : TEXT.writesWithout[plural(off.size)];
  return [
    say(writes, { text, count: off.size }),
    leftOut ? say(TEXT.leftOut, { text: leftOut }) : "",
    written.at(-1) === end ? "" : TEXT.noEnd,
    task === "dates" && !isDay(text) ? TEXT.noDay : "",
  ];
}

/**
 * What step i is, and where the largest weight is that the map shows, or that nothing of it arrives.
 * @param {{ written: string[], probabilities: Vector[], tokens: number[] }} found
 * @param {number} i
 * @param {{ weight: number, query: string, key: string }} most
 * @param {View} view
 * @param {boolean} inUse whether the map shows heads that are on
 * @param {string} end the mark of an end
 */
export function whatIsSeen({ written, probabilities, tokens }, i, most, view, inUse, end) {
  const { kind, head } = view;
  const form = head > 0 ? "one" : "mean";
  const token = called(written[i - 1], end);
  const places = { i, token, head, p: percent(probabilities[i - 1][tokens[i - 1]]) };
  if (!inUse) return paragraph(say(TEXT.seenAlone, places), say(TEXT.off[kind][form], places));
  const where = { query: most.query, key: called(most.key, end), weight: percent(most.weight) };
  return say(TEXT.seen[kind][form], { ...places, ...where });
}

/**
 * A token by its name; the marks of start and end have names of their own.
 * @param {string} token
 * @param {string} end
 */
function called(token, end) {
  if (token === START) return say(TEXT.start, { token });
  return say(token === end ? TEXT.end : TEXT.token, { token });
}
