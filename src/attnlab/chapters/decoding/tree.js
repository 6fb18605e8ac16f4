// The tree of a beam search: beginnings below each other, joined by lines that never cross.
import { untangled } from "./mathematics.js";
import { move, picture, put, shape } from "../../widgets/js/svg.js";
import { decimals } from "../../widgets/js/words.js";

const ROOMY = 64; // pixels that a column of the tree needs for its words
const TREE = { top: 18, words: 44, dots: 27, foot: 22, thickest: 6 };

/** @import { Beam } from "./mathematics.js" */
/**
 * Where a beginning stands, where the line to it comes from, what is said beside it, and how.
 * @typedef {object} Now
 * @property {[x: number, y: number]} at
 * @property {[x: number, y: number] | undefined} from
 * @property {Beam} beam
 * @property {boolean} roomy whether each has its word below it, and no dot
 * @property {boolean} chosen whether the beam that is looked at goes through it
 * @property {boolean} alive whether any beam does
 * @property {string} word
 * @property {boolean} left whether the word stands at its left
 * @property {() => void} click
 */

/**
 * The tokens of one beam of the last row, from its first to its last.
 * @type {(rows: Beam[][], place: number) => number[]}
 */
export function spokenBy(rows, place) {
  return wayTo(rows, place)
    .slice(1)
    .map((at, t) => rows[t + 1][at].token);
}

/**
 * Where a beam of the last row stands in each row, from the first on.
 * @type {(rows: Beam[][], place: number) => number[]}
 */
function wayTo(rows, place) {
  /** @type {number[]} */
  const way = [];
  for (let t = rows.length - 1, at = place; t >= 0; t -= 1) {
    way.unshift(at);
    at = rows[t][at].parent;
  }
  return way;
}

/**
 * The beginnings of each step below each other, joined by lines as thick as their last words are
 * probable. `pick` is told which beam of the last row the reader points at.
 * @param {(place: number) => void} pick
 */
export function beamTree(pick) {
  const [lines, nodes, names] = [shape("g"), shape("g"), shape("g")];
  const node = picture(TEXT.tree, { class: "attn-tree" }, lines, nodes, names);
  /** @type {Map<string, ReturnType<typeof leaf>>} */
  let leaves = new Map(); // what stays moves to its new place
  const grow = () => {
    const one = leaf();
    lines.append(one.line);
    nodes.append(one.node);
    names.append(one.words);
    return one;
  };

  /** @type {(rows: Beam[][], picked: number, names: [string, string[]], width: number) => void} */
  function show(rows, picked, [root, words], width) {
    const placed = untangled(rows);
    const ways = rows[rows.length - 1].map((_, place) => wayTo(rows, place));
    const columns = Math.max(...rows.map((row) => row.length));
    const roomy = width / columns >= ROOMY;
    const high = roomy ? TREE.words : TREE.dots;
    /** @type {(t: number, place: number) => number} */
    const x = (t, place) => ((place + 0.5) / placed[t].length) * width;
    const y = (/** @type {number} */ t) => TREE.top + t * high;
    const keys = placed.map((row, t) => row.map((beam) => `${t} ${beam.beginning}`));
    const wanted = new Set(keys.flat());
    const idle = [...leaves].filter(([key]) => !wanted.has(key)).map(([, one]) => one);
    /** @type {typeof leaves} */
    const kept = new Map();
    placed.forEach((row, t) =>
      row.forEach((beam, place) => {
        const through = ways.findIndex((way) => way[t] === beam.rank); // the best that goes on
        const key = keys[t][place];
        // Where nothing glides, nobody sees that a leaf stood for another beginning before.
        const one = leaves.get(key) ?? (roomy ? undefined : idle.pop()) ?? grow();
        kept.set(key, one);
        /** @type {[number, number] | undefined} */
        const from = t > 0 ? [x(t - 1, beam.parent), y(t - 1) + (roomy ? 16 : 0)] : undefined;
        const chosen = ways[picked][t] === beam.rank;
        one.show({
          at: [x(t, place), y(t)],
          from,
          beam,
          roomy,
          chosen,
          alive: through >= 0,
          word: roomy || chosen ? (t === 0 ? root : words[beam.token]) : "",
          left: !roomy && x(t, place) > 0.6 * width,
          click: () => through >= 0 && pick(through),
        });
      }),
    );
    for (const { node, line, words } of idle) [node, line, words].forEach((part) => part.remove());
    leaves = kept;
    move(node, { height: y(rows.length - 1) + TREE.foot, "data-dense": !roomy });
  }
  return { node, show };
}

/** A beginning in the tree, and the line from the one that it goes on from. */
function leaf() {
  let press = () => {};
  const line = shape("path", { class: "attn-branch attn-glide" });
  const dot = shape("circle", { r: 3.5 });
  const [word, number] = [shape("text"), shape("text", { y: 13, class: "attn-log-p" })];
  const area = shape("rect", { class: "attn-area", x: -12, y: -13, width: 24, height: 26 });
  const node = shape("g", { class: "attn-beam attn-glide", click: () => press() }, dot, area);
  const words = shape("g", { class: "attn-says attn-glide" }, word, number);
  /** @type {(now: Now) => void} */
  const show = ({ at, from, beam, roomy, chosen, alive, word: said, left, click }) => {
    press = click;
    const [x, y] = at;
    const state = { "data-alive": alive, "data-chosen": chosen };
    const side = left ? "end" : "start";
    [node, words].forEach((part) => put(part, x, y));
    move(node, { ...state, "data-log-p": beam.logP });
    // Most beginnings of a wide tree say nothing, and would have to be laid out all the same.
    move(words, { ...state, display: roomy || said ? "inline" : "none" });
    move(dot, { "fill-opacity": roomy ? 0 : 1 });
    move(word, {
      x: roomy ? 0 : left ? -9 : 9,
      y: roomy ? 0 : 4,
      "text-anchor": roomy ? "middle" : side,
    });
    move(number, { "text-anchor": "middle" });
    write(word, said);
    write(number, roomy && from ? decimals(beam.logP) : "");
    if (!from) return;
    const [x0, y0] = from;
    const end = y - (roomy ? 11 : 0);
    const middle = (y0 + end) / 2;
    const width = (0.75 + (TREE.thickest - 0.75) * beam.p).toFixed(2);
    const d = `M${x0} ${y0}C${x0} ${middle} ${x} ${middle} ${x} ${end}`;
    move(line, { d, style: `stroke-width: ${width}`, ...state });
  };
  return { node, line, words, show };
}

/** @type {(node: Element, text: string) => void} */
export const write = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};

const TEXT = {
  tree: "A tree of beginnings: a row for each step, and lines from each beginning to what goes on from it.",
};
