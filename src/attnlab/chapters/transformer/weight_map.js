// The map of one attention: its rows of weights, what they are called, and where most weight is.
import { move, shape } from "../../widgets/js/controls.js";

/** @import { ByHead } from "../../widgets/js/types.d.ts" */
/** @typedef {"encoder" | "decoder" | "cross"} Kind of attention */
/** @typedef {ArrayLike<number>[]} Rows of weights */
/** @typedef {{ rows: string[], columns: string[] }} Names */

const MAP = { height: 300, left: 64, right: 20, widest: 90, tallest: 30 };
const TURN = 60; // degrees, where names are longer than a column is wide

/**
 * Rows of weights: those of one head, or the mean of all.
 * @param {{ encoder: ByHead[][], self: ByHead[][], cross: ByHead[][] }} found
 * @param {{ kind: Kind, head: number }} view
 */
export function weightsOf({ encoder, self, cross }, { kind, head }) {
  if (self.length === 0) return [];
  /** @type {ByHead[]} */
  const byHead = {
    encoder: () => encoder[0],
    decoder: () => self[0][0].map((_, h) => self.map((layers) => layers[0][h])),
    cross: () => cross[0][0].map((_, h) => cross.map((layers) => layers[0][h])),
  }[kind]();
  if (head > 0) return byHead[head - 1];
  return byHead[0].map((row, i) =>
    row.map((_, j) => byHead.reduce((sum, rows) => sum + rows[i][j] / byHead.length, 0)),
  );
}

/**
 * The names of rows and columns. A token of the decoder asks as the one that is written next.
 * @param {{ source: string[], written: string[] }} found
 * @param {Kind} kind
 * @returns {Names}
 */
export function labelsOf({ source, written }, kind) {
  if (kind === "encoder") return { rows: source, columns: source };
  return { rows: written, columns: kind === "cross" ? source : ["▸", ...written.slice(0, -1)] };
}

/**
 * The largest weight of the framed row, or of the whole map where no row is framed.
 * @param {Rows} rows
 * @param {{ kind: Kind }} view
 * @param {number} i
 */
export function largest(rows, { kind }, i) {
  const cells = rows.flatMap((weights, row) =>
    Array.from(weights, (weight, column) => ({ weight, row, column })),
  );
  return cells
    .filter(({ row }) => kind === "encoder" || row === i - 1)
    .reduce((most, cell) => (cell.weight > most.weight ? cell : most), {
      weight: 0,
      row: 0,
      column: 0,
    });
}

/**
 * About how wide the longest of some names is; a Chinese character is as wide as two others.
 * @param {string[]} names
 * @param {number} fontSize
 */
function longest(names, fontSize) {
  const letters = names.map((name) =>
    [...name].reduce((sum, c) => sum + (c > "\u2e80" ? 2 : 1), 0),
  );
  return 0.6 * fontSize * Math.max(0, ...letters);
}

/**
 * Laid out for all that the model writes, so that nothing moves while it is being written.
 * @param {SVGSVGElement} svg
 * @param {Rows} rows
 * @param {Names} names
 * @param {number} i
 * @param {{ kind: Kind }} view
 * @param {number} width
 */
export function drawMap(svg, rows, names, i, { kind }, width) {
  const h = Math.min(MAP.height / Math.max(names.rows.length, 1), MAP.tallest);
  const size = Math.min(14, h + 2);
  const left = Math.max(MAP.left, longest(names.rows, size) + 12);
  const room = width - left - MAP.right;
  const w = Math.min(room / Math.max(names.columns.length, 1), MAP.widest);
  const long = longest(names.columns, 12);
  const turn = long < w ? 0 : TURN;
  const top = 24 + long * Math.sin((turn * Math.PI) / 180);
  const columns = kind === "decoder" ? names.columns.slice(0, i) : names.columns;
  const heads = columns.map((text, j) => {
    const [x, y] = [left + (j + 0.5) * w, top - 8];
    const transform = `rotate(${-turn} ${x} ${y})`;
    return shape("text", { x, y, transform, "text-anchor": turn ? "start" : "middle" }, text);
  });
  const lines = (kind === "encoder" ? names.rows : names.rows.slice(0, i)).flatMap((text, k) => {
    const y = top + k * h;
    const style = `font-size: ${size}px`;
    const name = { x: left - 8, y: y + h / 2 + size / 3, "text-anchor": "end", style };
    const cells = columns.map((_, j) => {
      const weight = rows[k][j] ?? 0; // nothing that is written later
      const box = { x: left + j * w, y, width: w, height: h, opacity: weight.toFixed(3) };
      return shape("rect", { class: "attn-bar", "data-weight": weight, ...box });
    });
    const chosen = kind !== "encoder" && k === i - 1;
    const frame = { x: left, y, width: w * columns.length, height: h };
    const rim = chosen ? [shape("rect", { class: "attn-truth", ...frame })] : [];
    return [shape("text", name, text), ...cells, ...rim];
  });
  svg.replaceChildren(...heads, ...lines);
  // A source that is refused leaves the room that the last one took.
  if (names.rows.length > 0) move(svg, { height: top + h * names.rows.length + 1 });
  move(svg, { "data-kind": kind });
}
