// All that the Transformer widget says.
import { percent } from "../../widgets/js/controls.js";
import { plural, say } from "../../widgets/js/words.js";
import { isDay } from "./reading.js";

export const TEXT = {
  task: "Task",
  tasks: { translation: "English to Chinese", dates: "date to ISO" },
  read: "read",
  source: "what the model reads",
  write: "Write it",
  another: "Another",
  step: "tokens written so far",
  steps: "{i} of {length}",
  probability: "probability of this step’s token",
  largest: "largest weight of the map",
  largestInRow: "largest weight in the framed row",
  likelyCaption: "The most probable tokens of this step",
  likely: "The most probable tokens of the step.",
  kind: "Whose weights",
  kinds: { cross: "cross-attention", encoder: "encoder’s own", decoder: "decoder’s own" },
  head: "Which head",
  mean: "mean of all",
  inUse: "Heads of this attention that are in use",
  mapCaption:
    "A row is a token that asks, a column one that is asked (▸ the start, ■ the end); strong color is much weight",
  map: "A grid of weights: a row for each token that asks, a column for each it asks.",
  writes: "The model writes “{text}”.",
  writesWithout: {
    one: "The model writes “{text}” with {count} head off.",
    other: "The model writes “{text}” with {count} heads off.",
  },
  leftOut: "It was not given the “{text}”, which it has never read.",
  noEnd: "It does not come to an end.",
  noDay: "That is no day of the calendar.",
  seen: {
    cross:
      "Step {i} is {token}, with probability {p}; the largest weight of cross-attention ({heads}) is on {key}, {weight}.",
    encoder:
      "Step {i} is {token}, with probability {p}; the largest weight of the encoder’s own attention ({heads}) is that of “{query}” on {key}, {weight}.",
    decoder:
      "Step {i} is {token}, with probability {p}; the largest weight of the decoder’s own attention ({heads}) is on {key}, {weight}.",
  },
  // What takes a place in these.
  token: "“{token}”",
  marks: { "▸": "▸, the start", "■": "■, the end mark" },
  one: "head {head}",
  every: "mean of all heads",
};

/** Sentences on all that is written. */
export function whatIsWritten({ written }, off, leftOut, task) {
  const text = written.join("").replace("■", "");
  const writes = off.size === 0 ? TEXT.writes : TEXT.writesWithout[plural(off.size)];
  return [
    say(writes, { text, count: off.size }),
    leftOut ? say(TEXT.leftOut, { text: leftOut }) : "",
    written.at(-1) === "■" ? "" : TEXT.noEnd,
    task === "dates" && !isDay(text) ? TEXT.noDay : "",
  ];
}

/** One on the step, and on the largest weight that the map shows. */
export function whatIsSeen({ written, probabilities, tokens }, i, most, { kind, head }) {
  return say(TEXT.seen[kind], {
    i,
    token: called(written[i - 1]),
    p: percent(probabilities[i - 1][tokens[i - 1]]),
    heads: head > 0 ? say(TEXT.one, { head }) : TEXT.every,
    query: most.query,
    key: called(most.key),
    weight: percent(most.weight),
  });
}

/** A token by its name; the marks of start and end have names of their own. */
const called = (token) => TEXT.marks[token] ?? say(TEXT.token, { token });
