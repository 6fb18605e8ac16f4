// The map of one attention: its rows of weights, what they are called, and where most weight is.
import { move } from "../../widgets/js/svg.js";
import { START } from "./words.js";

/** @import { heatMap } from "../../widgets/js/heat_map.js" */
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
  return { rows: written, columns: kind === "cross" ? source : [START, ...written.slice(0, -1)] };
}

/**
 * The largest weight of the framed row, or of the whole map where no row is framed.
 * @param {Rows} rows
 * @param {Names} names
 * @param {{ kind: Kind }} view
 * @param {number} i
 */
export function largest(rows, names, { kind }, i) {
  const shown = kind === "encoder" ? [...rows.keys()] : [i - 1];
  return shown
    .flatMap((row) =>
      Array.from(rows[row] ?? [], (weight, column) => ({
        weight,
        query: names.rows[row],
        key: names.columns[column],
      })),
    )
    .reduce((most, cell) => (cell.weight > most.weight ? cell : most), {
      weight: 0,
      query: "",
      key: "",
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
 * @param {ReturnType<typeof heatMap>} map
 * @param {Rows} rows
 * @param {Names} names
 * @param {number} i
 * @param {{ kind: Kind }} view
 * @param {number} width
 */
export function drawMap(svg, map, rows, names, i, { kind }, width) {
  const h = Math.min(MAP.height / Math.max(names.rows.length, 1), MAP.tallest);
  const size = Math.min(14, h + 2);
  const left = Math.max(MAP.left, longest(names.rows, size) + 12);
  const room = width - left - MAP.right;
  const w = Math.min(room / Math.max(names.columns.length, 1), MAP.widest);
  const long = longest(names.columns, 12);
  const turn = long < w ? 0 : TURN;
  const top = 24 + long * Math.sin((turn * Math.PI) / 180);
  const columns = kind === "decoder" ? names.columns.slice(0, i) : names.columns;
  const shown = kind === "encoder" ? names.rows : names.rows.slice(0, i);
  map.show({
    weights: shown.map((_, k) => columns.map((_, j) => rows[k][j] ?? 0)), // none later than itself
    box: { left, top, width: w * columns.length, height: h * shown.length },
    rows: shown,
    columns,
    framed: kind !== "encoder" && i > 0 ? [[i - 1, 0, 1, columns.length]] : [],
    turn,
    size,
  });
  // A source that is refused leaves the room that the last one took.
  if (names.rows.length > 0) move(svg, { height: top + h * names.rows.length + 1 });
  move(svg, { "data-kind": kind });
}
