// What the models of the Transformer widget can read; the twin of reading.py, which sends its words.
import { say } from "../../widgets/js/words.js";

const UNK = 3; // as in attnlab/tasks/vocabulary.py

/**
 * The source in tokens, with their numbers; what was left out at its end, or nothing; and why it
 * cannot be read, or nothing if it can.
 */
export function readTokens({ src, words, known, longest, said }, text) {
  const numberOf = (token) => Math.max(src.indexOf(token), UNK);
  const sentence = words ? text.replace(/[\s.!]+$/, "") : text.trim();
  const leftOut = text.trim().slice(sentence.trimStart().length).trim();
  const parts = words ? (sentence.match(/[^\s?]+|\?/g) ?? []) : [...sentence];
  if (words && parts.length > 0 && numberOf(parts[0]) === UNK) {
    parts[0] = parts[0][0].toLowerCase() + parts[0].slice(1);
  }
  const tokens = parts.map((text) => ({ text, number: numberOf(text) }));
  const unknown = new Set(tokens.filter(({ number }) => number === UNK).map(({ text }) => text));
  const message = () => {
    if (tokens.length === 0) return said.nothing;
    if (unknown.size > 0) {
      const quoted = [...unknown].map((token) => say(said.token, { token }));
      return say(said.unknown, { tokens: quoted.join(said.between) });
    }
    if (tokens.length > longest) return say(said.long, { longest, count: tokens.length });
    const like = new RegExp(`^(?:${known})$`).test(parts.join(words ? " " : ""));
    return like ? "" : said.unlike;
  };
  return { tokens, leftOut, message: message() };
}

/** A date that is none, such as 2026-02-31, is rolled over or refused by the calendar. */
export function isDay(text) {
  const time = Date.parse(`${text}T00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
