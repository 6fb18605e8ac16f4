// What the models of the Transformer widget can read; the twin of reading.py, which sends its words.
import { sentencesOf } from "../../widgets/js/grammar.js";
import { say } from "../../widgets/js/words.js";

const RUN = /[A-Za-zÀ-ÿ]+/g; // of letters that have two cases

/** @import { Grammar } from "../../widgets/js/grammar.js" */
/**
 * What a model can read, and what is said of a text that it cannot.
 * @typedef {object} Readable
 * @property {string[]} src its vocabulary
 * @property {number} unk the number of a token that is not in it
 * @property {boolean} words or characters
 * @property {string} known what it knows, as a regular expression
 * @property {number} longest
 * @property {Record<string, string[]>} kinds what there is to read, by kind
 * @property {Record<string, string>} spelled words with their capitals, by the same without
 * @property {string} trained a bit for each sentence of the grammar: whether the model learned from it
 * @property {Record<string, string>} said
 */

/**
 * The source in tokens, with their numbers; whether one of them is unknown; what was left out at its
 * end, or nothing; and why it cannot be read, or nothing if it can.
 * @param {Readable} task
 * @param {string} text
 */
export function readTokens({ src, unk, words, known, longest, spelled, said }, text) {
  const spell = (/** @type {string} */ word) => {
    const plain = word.toLowerCase();
    return Object.hasOwn(spelled, plain) ? spelled[plain] : word;
  };
  const numberOf = (/** @type {string} */ token) => Math.max(src.indexOf(token), unk);
  const sentence = words ? text.slice(0, endOfWords(text)) : text.trim();
  const leftOut = text.trim().slice(sentence.trimStart().length).trim();
  const parts = words
    ? (sentence.match(/[^\s?]+|\?/g) ?? []).map(spell)
    : [...sentence.replace(RUN, spell)];
  const tokens = parts.map((text) => ({ text, number: numberOf(text) }));
  const unknown = new Set(tokens.filter(({ number }) => number === unk).map(({ text }) => text));
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
  return { tokens, unknown: unknown.size > 0, leftOut, message: message() };
}

/**
 * What is to be known of a sentence that can be read: whether its words met in training.
 * @param {Grammar} grammar
 * @param {Readable} task
 * @returns {(text: string) => string}
 */
export function remarksOn(grammar, { trained, said }) {
  const bytes = Uint8Array.from(atob(trained), (letter) => letter.charCodeAt(0));
  const numbers = new Map(sentencesOf(grammar).map(({ text }, number) => [text, number]));
  return (text) => {
    const number = numbers.get(text);
    if (number === undefined) return said.unmet;
    return (bytes[number >> 3] >> (7 - (number & 7))) & 1 ? "" : said.new;
  };
}

/**
 * Where the full stops, exclamation marks and spaces at the end begin. A regular expression would
 * begin anew at every full stop, which takes long for many of them.
 * @param {string} text
 */
function endOfWords(text) {
  let end = text.length;
  while (end > 0 && /[\s.!]/.test(text[end - 1])) end -= 1;
  return end;
}

/**
 * A date that is none, such as 2026-02-31, is rolled over or refused by the calendar.
 * @param {string} text
 */
export function isDay(text) {
  const time = Date.parse(`${text}T00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
