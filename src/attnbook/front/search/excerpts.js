// The sentence of a text that answers best, with the words marked that were found.
import { spansOf } from "./words.js";

/** @typedef {{ text: string, found: boolean }} Part */

const END = /(?<=[.!?…][’”"')\]]*)\s+(?=[\p{Lu}\p{N}“‘"(√])|(?<=[。！？])|\n/u;
const ROOM = 180; // letters

/**
 * A text in parts, of which those are marked that stand for one of the words.
 * @param {string} text
 * @param {Set<string>} words
 * @returns {Part[]}
 */
export function marked(text, words) {
  /** @type {Part[]} */
  const parts = [];
  let end = 0;
  const add = (
    /** @type {number} */ from,
    /** @type {number} */ to,
    /** @type {boolean} */ found,
  ) => {
    if (from < to) parts.push({ text: text.slice(from, to), found });
  };
  for (const span of spansOf(text)) {
    if (!span.words.some((word) => words.has(word))) continue;
    const start = Math.max(span.start, end); // pairs of characters overlap
    add(end, start, false);
    add(start, span.end, true);
    end = span.end;
  }
  add(end, text.length, false);
  return parts;
}

/**
 * The sentence with the most of the words, shortened to a line or two.
 * @param {string} text
 * @param {Set<string>} words
 * @returns {Part[]}
 */
export function excerptOf(text, words) {
  const sentences = text.split(END).filter((sentence) => sentence.trim() !== "");
  const counts = sentences.map((sentence) => wordsMet(sentence, words));
  const best = counts.indexOf(Math.max(...counts));
  return marked(shortened(sentences[best] ?? "", words), words);
}

/**
 * @param {string} sentence
 * @param {Set<string>} words
 */
function wordsMet(sentence, words) {
  return new Set(spansOf(sentence).flatMap((span) => span.words.filter((w) => words.has(w)))).size;
}

/**
 * A long sentence from a little before the first word that was found, cut between words.
 * @param {string} sentence
 * @param {Set<string>} words
 */
function shortened(sentence, words) {
  if (sentence.length <= ROOM) return sentence;
  const first = spansOf(sentence).find((span) => span.words.some((word) => words.has(word)));
  const wish = Math.max(0, Math.min((first?.start ?? 0) - ROOM / 3, sentence.length - ROOM));
  const start = wish === 0 ? 0 : sentence.lastIndexOf(" ", wish) + 1;
  const limit = start + ROOM;
  const gap = sentence.lastIndexOf(" ", limit);
  const end = limit >= sentence.length ? sentence.length : gap > start ? gap : limit;
  return `${start > 0 ? "… " : ""}${sentence.slice(start, end)}${end < sentence.length ? " …" : ""}`;
}
