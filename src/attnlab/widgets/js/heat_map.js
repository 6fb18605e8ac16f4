// A heat map: a grid of cells, which are the deeper in color the larger their weights, with names
// beside its rows and above its columns. What is there already moves and changes; a tick makes
// nothing new.
import { move, shape } from "./svg.js";

/** @import { Attributes, Cell } from "./types.d.ts" */

/**
 * `cell` makes a cell, `gap` is what neighbors leave between them; `side` and `head` are attributes
 * of the names of rows and columns.
 * @param {{ cell?: () => Cell, gap?: number, side?: Attributes, head?: Attributes }} [look]
 */
export function heatMap({ cell = () => tinted(), gap = 0, side = {}, head = {} } = {}) {
  const cells = pool(cell);
  const frames = pool(() => ({ node: shape("rect", { class: "attn-truth" }) }));
  const heads = pool(() => ({ node: shape("text", head) }));
  const sides = pool(() => ({
    node: shape("text", { x: -8, dy: "0.35em", "text-anchor": "end", ...side }),
  }));
  const node = shape("g", {}, cells.node, frames.node, heads.node, sides.node);

  /**
   * `weights` by row, in a `box` in pixels that reaches to the picture's right edge if it has no
   * width. `framed` are groups of cells: the first's row and column, and how many of both. `place`
   * says where a row or a column stands if not in its order. The columns' names begin `above` the
   * box, at an angle of `turn` degrees; the rows' have the given `size`.
   * @param {object} now
   * @param {ArrayLike<number>[]} now.weights
   * @param {{ left: number, top: number, width?: number, height: number }} now.box
   * @param {string[]} [now.rows]
   * @param {string[]} [now.columns]
   * @param {[row: number, column: number, height: number, width: number][]} [now.framed]
   * @param {(index: number) => number} [now.place]
   * @param {number} [now.above]
   * @param {number} [now.turn]
   * @param {number} [now.size]
   */
  function show({ weights, box, rows = [], columns = [], framed = [], place = Number, ...names }) {
    const { above = 8, turn = 0, size = 12 } = names;
    const [n, m] = [weights.length, weights[0]?.length ?? 0];
    const part = (/** @type {number} */ j) =>
      box.width === undefined ? `(100% - ${box.left}px) * ${j / m}` : `${(box.width * j) / m}px`;
    const at = (/** @type {number} */ i, /** @type {number} */ j, lift = 0) =>
      `translate(calc(${box.left}px + ${part(j)}), ${box.top + (box.height * i) / n - lift}px)`;
    const extent = (/** @type {number} */ high, /** @type {number} */ wide, less = 0) =>
      `width: calc(${part(wide)} - ${less}px); height: ${(box.height * high) / n - less}px`;
    cells.take(n * m).forEach((one, k) => {
      const [i, j] = [Math.floor(k / m), k % m];
      one.show(weights[i][j], `transform: ${at(place(i), place(j))}`, extent(1, 1, gap));
    });
    frames.take(framed.length).forEach((frame, k) => {
      const [i, j, high, wide] = framed[k];
      move(frame.node, { style: `transform: ${at(i, j)}; ${extent(high, wide)}` });
    });
    heads.take(columns.length).forEach((name, j) => {
      const style = `transform: ${at(0, j + 0.5, above)} rotate(${-turn}deg)`;
      call(name.node, columns[j], { style, "text-anchor": turn ? "start" : "middle" });
    });
    sides.take(rows.length).forEach((name, i) => {
      call(name.node, rows[i], { style: `transform: ${at(i + 0.5, 0)}; font-size: ${size}px` });
    });
  }

  return { node, show, cells: cells.node, heads: heads.node };
}

/**
 * A cell that is a square of color.
 * @type {(kind?: string, data?: string) => Cell}
 */
export function tinted(kind = "attn-bar", data = "data-weight") {
  const node = shape("rect", { class: kind });
  return {
    node,
    show: (weight, place, size) =>
      move(node, {
        style: `${place}; ${size}`,
        "fill-opacity": Math.max(0, weight).toFixed(3),
        [data]: weight,
      }),
  };
}

/** @type {(node: SVGElement, name: string, attributes: Record<string, string>) => void} */
function call(node, name, attributes) {
  move(node, attributes);
  if (node.textContent !== name) node.textContent = name;
}

/**
 * As many things as are asked for: those that are there stay, and new ones come after them.
 * @template {{ node: SVGElement }} Thing
 * @param {() => Thing} make
 */
function pool(make) {
  /** @type {Thing[]} */
  const things = [];
  const node = shape("g");
  const take = (/** @type {number} */ count) => {
    while (things.length < count) {
      const thing = make();
      things.push(thing);
      node.append(thing.node);
    }
    things.splice(count).forEach((thing) => thing.node.remove());
    return things;
  };
  return { node, take };
}
