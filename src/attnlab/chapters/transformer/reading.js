// What the models of the Transformer widget can read; the twin of reading.py.

/**
 * The source in tokens, with their numbers; what was left out at its end, or nothing; and why it
 * cannot be read, or nothing if it can.
 */
export function readTokens({ src, unk, words, known, longest, unlike }, text) {
  const numberOf = (token) => Math.max(src.indexOf(token), unk);
  const sentence = words ? text.replace(/[\s.!]+$/, "") : text.trim();
  const leftOut = text.trim().slice(sentence.trimStart().length).trim();
  const parts = words ? (sentence.match(/[^\s?]+|\?/g) ?? []) : [...sentence];
  if (words && parts.length > 0 && numberOf(parts[0]) === unk) {
    parts[0] = parts[0][0].toLowerCase() + parts[0].slice(1);
  }
  const tokens = parts.map((text) => ({ text, number: numberOf(text) }));
  const unknown = new Set(tokens.filter(({ number }) => number === unk).map(({ text }) => text));
  const message = () => {
    if (tokens.length === 0) {
      return `There is nothing to read: type ${words ? "a sentence" : "a date"}.`;
    }
    if (unknown.size > 0) {
      return `The model has never read ${[...unknown].map((text) => `“${text}”`).join(", ")}.`;
    }
    if (tokens.length > longest) {
      const unit = words ? "words" : "characters";
      return `The model has read up to ${longest} ${unit}; these are ${tokens.length}.`;
    }
    const like = new RegExp(`^(?:${known})$`).test(parts.join(words ? " " : ""));
    return like ? "" : unlike;
  };
  return { tokens, leftOut, message: message() };
}

/** A date that is none, such as 2026-02-31, is rolled over or refused by the calendar. */
export function isDay(text) {
  const time = Date.parse(`${text}T00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
