// A number in English words and in Chinese characters, and what a Transformer makes of it.
import { decodeGreedily } from "../../widgets/js/transformer.js";

/**
 * @import { Transformer } from "../../widgets/js/types.d.ts"
 * @typedef {{
 *   bos: number, eos: number, end: string, special: string[], small: string[], tens: string[],
 *   src: string[], tgt: string[], trained: number,
 * }} Known
 */

const SCALES = /** @type {const} */ ([
  [1e6, "million"],
  [1e3, "thousand"],
  [1, ""],
]);
const UNITS = ["", "十", "百", "千"];
const MYRIADS = ["", "万", "亿"];
const ZERO = "零";

/**
 * The words of a whole number from 1 to 999,999,999.
 * @type {(n: number, names: { small: string[], tens: string[] }) => string[]}
 */
export function englishOf(n, { small, tens }) {
  return SCALES.flatMap(([scale, name]) => {
    const group = Math.floor(n / scale) % 1000;
    const [hundreds, rest] = [Math.floor(group / 100), group % 100];
    const ones = rest < 20 ? rest : rest % 10;
    return [
      ...(hundreds > 0 ? [small[hundreds], "hundred"] : []),
      ...(rest >= 20 ? [tens[Math.floor(rest / 10) - 2]] : []),
      ...(ones > 0 ? [small[ones]] : []),
      ...(group > 0 && name ? [name] : []),
    ];
  });
}

/**
 * The characters of such a number; `digits` are those of 零 to 九.
 * @type {(n: number, digits: string[]) => string}
 */
export function chineseOf(n, digits) {
  const places = [...String(n)].map(Number);
  let said = "";
  places.forEach((digit, i) => {
    const place = places.length - 1 - i;
    if (digit === 1 && place % 4 === 1 && said === "") said += UNITS[1];
    else if (digit > 0) said += digits[digit] + UNITS[place % 4];
    else if (!said.endsWith(ZERO)) said += ZERO;
    const empty = Math.floor(n / 10 ** place) % 1e4 === 0;
    if (place % 4 > 0 || (empty && place > 0)) return; // in an empty group 零 stays: 一亿零一千
    while (said.endsWith(ZERO)) said = said.slice(0, -1);
    said += MYRIADS[place / 4];
  });
  return said;
}

/**
 * What the model writes for a number: its tokens in characters, how probable each was, and the
 * weights of each over the words, in the mean of heads.
 * @type {(model: Transformer, n: number, known: Known, maxLen: number) => {
 *   words: string[], written: string[], probabilities: number[], weights: number[][],
 *   output: string, wanted: string,
 * }}
 */
export function translate(model, n, known, maxLen) {
  const words = englishOf(n, known);
  const [src, tgt] = [known.src, known.tgt].map((own) => [...known.special, ...own]);
  const { bos, eos } = known;
  const source = words.map((word) => src.indexOf(word));
  const found = decodeGreedily(model, source, { bos, eos, maxLen });
  const written = found.tokens.map((token) => (token === eos ? known.end : tgt[token]));
  return {
    words,
    written,
    probabilities: found.tokens.map((token, i) => found.probabilities[i][token]),
    weights: found.cross.map((layers) => meanOf(layers[layers.length - 1])),
    output: written.filter((_, i) => found.tokens[i] >= known.special.length).join(""),
    wanted: chineseOf(n, known.tgt),
  };
}

/** The mean of rows, one a head. @type {(rows: ArrayLike<number>[]) => number[]} */
function meanOf(rows) {
  return Array.from(rows[0], (_, j) => rows.reduce((sum, row) => sum + row[j] / rows.length, 0));
}
