// The words of a text as the search compares them: small letters, symbols spelled as one types them.
// √dₖ, QKᵀ, n_heads and LayerNorm are words of several parts: the whole counts and the parts count.
// Chinese has no spaces: every two characters side by side are a word.

// A compound holds together by these signs, if letters stand on both sides.
// The number of a figure belongs to it.
const WORD = /√|(?:figure|fig\.?)\s\p{N}+|[\p{L}\p{N}\p{M}]+(?:[-_^'’.‐‑]+[\p{L}\p{N}\p{M}]+)*/giu;
const HAN = /\p{Script=Han}+/u;
const SMALL = /[\u2080-\u209c\u1d62-\u1d6a\u2c7c]+|[\u1d2c-\u1d61\u2070-\u207f²³¹]+/gu; // ₖ, ᵀ
const HUMP = /(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll}{2})/gu; // Layer|Norm
const JOINTS = /[-_^'’.‐‑]+/u;

const GREEK_TEXT =
  "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma " +
  "sigma tau upsilon phi chi psi omega";
const SPELLED = new Map([
  ["√", "root"],
  ["sqrt", "root"],
  .../** @type {[string, string][]} */ (
    GREEK_TEXT.split(" ").map((name, i) => [String.fromCodePoint(0x3b1 + i), name])
  ),
]);

/** What a question is asked with, and says nothing about what is asked. */
const EMPTY_TEXT =
  "a about all also am an and any are as at be been between but by can cannot could did " +
  "difference do does every for from get had has have how i if in into is it its just " +
  "me mean my no not of on or our say so than that the their them then there these they " +
  "this to us was we were what when where which who whose why will with would you your";
const EMPTY = new Set(EMPTY_TEXT.split(" "));

/** What readers say in other words than the book. @type {Map<string, string[]>} */
export const SYNONYMS = new Map([
  ["mlp", ["feedforward"]],
  ["ffn", ["feedforward"]],
  ["bptt", ["backpropagation"]],
  ["seq2seq", ["encoder", "decoder"]],
  ["normalization", ["norm"]],
  ["numerical", ["overflow"]],
  ["stability", ["overflow"]],
  ["explain", ["map", "means"]],
]);

/** @param {string} word */
export const isEmpty = (word) => EMPTY.has(word);

/**
 * A stretch of a text and the words it stands for: the whole first, then its parts.
 * @typedef {{ start: number, end: number, words: string[] }} Span
 */

/**
 * The words of a text with their places.
 * @param {string} text
 * @returns {Span[]}
 */
export function spansOf(text) {
  return [...text.matchAll(WORD)].flatMap(({ 0: found, index }) => {
    const span = { start: index, end: index + found.length, words: wordsIn(found) };
    return HAN.test(found) ? pairsIn(found, index) : [span];
  });
}

/**
 * The words of a text.
 * @param {string} text
 */
export function wordsOf(text) {
  return spansOf(text).flatMap(({ words }) => words);
}

/** @param {string} compound */
function wordsIn(compound) {
  if (/^\p{N}+(\.\p{N}+)*$/u.test(compound)) return [plain(compound)];
  if (/\s/u.test(compound)) return [compound.replace(/\D+/u, "fig")];
  const owned = compound.replace(/['’]s$/u, "");
  const parts = owned
    .replace(SMALL, "_$&")
    .replace(HUMP, "_")
    .split(JOINTS)
    .map(plain)
    .filter(Boolean);
  return parts.length > 1 ? [...new Set([parts.join(""), ...parts])] : parts;
}

/** @param {string} part */
function plain(part) {
  const letters = part.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return SPELLED.get(letters) ?? letters;
}

/**
 * Chinese in pairs, and what stands between it as it is.
 * @param {string} text
 * @param {number} offset
 * @returns {Span[]}
 */
function pairsIn(text, offset) {
  /** @type {Span[]} */
  const spans = [];
  let end = 0;
  const other = (/** @type {number} */ from, /** @type {number} */ to) => {
    for (const span of spansOf(text.slice(from, to)))
      spans.push({ ...span, start: span.start + offset + from, end: span.end + offset + from });
  };
  for (const { 0: run, index } of text.matchAll(new RegExp(HAN, "gu"))) {
    other(end, index);
    const characters = [...run];
    const pairs = characters.slice(1).map((next, i) => characters[i] + next);
    let start = offset + index;
    for (const word of pairs.length ? pairs : [run]) {
      spans.push({ start, end: start + word.length, words: [word] });
      start += [...word][0].length;
    }
    end = index + run.length;
  }
  other(end, text.length);
  return spans;
}

/**
 * What the forms of an English word share: smoothing, smoothed and smooth; divide and dividing.
 * @param {string} word
 */
export function stem(word) {
  if (!/^[a-z]{4,}$/.test(word)) return word;
  const single = word
    .replace(/ies$/, "y")
    .replace(/(?<=ss|sh|ch|x)es$/, "")
    .replace(/(?<![su])s$/, "");
  const ending = /^([^aeiouy]*[aeiouy][a-z]+?)(?:(?:at)?(?:ing|ed)|ation|ate)$/;
  return single
    .replace(ending, "$1")
    .replace(/([^aeiouyls])\1$/, "$1")
    .replace(/e$/, "")
    .replace(/y$/, "i");
}
