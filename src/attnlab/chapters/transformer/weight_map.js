// The map of one attention: its rows of weights, what they are called, and where most weight is.
import { plainKey } from "../../widgets/js/controls.js";
import { within } from "../../widgets/js/dragging.js";
import { heatMap } from "../../widgets/js/heat_map.js";
import { move, shape } from "../../widgets/js/svg.js";
import { START, TEXT } from "./words.js";

/** @import { ByHead } from "../../widgets/js/types.d.ts" */
/** @typedef {"encoder" | "decoder" | "cross"} Kind of attention */
/** @typedef {ArrayLike<number>[]} Rows of weights */
/** @typedef {{ rows: string[], columns: string[] }} Names */
/** @typedef {{ kind: Kind, head: number, off: Set<string>, heads: number }} View */

const MAP = { height: 300, left: 64, right: 20, widest: 90, tallest: 30 };
/** @type {Record<string, number>} by how many rows a key goes down */
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
const TURN = 60; // degrees, where names are longer than a column is wide

/** The heads that count when one looks at a head, or at the mean. @param {View} view */
export function headsInUse({ kind, head, off, heads }) {
  const every = Array.from({ length: heads }, (_, h) => h + 1);
  const used = every.filter((h) => !off.has(`${kind} ${h}`));
  return head > 0 ? used.filter((h) => h === head) : used;
}

/**
 * Rows of weights: those of one head, or the mean of those in use; of all where none is.
 * @param {{ encoder: ByHead[][], self: ByHead[][], cross: ByHead[][] }} found
 * @param {View} view
 */
export function weightsOf({ encoder, self, cross }, view) {
  const { kind, head } = view;
  if (self.length === 0) return [];
  /** @type {ByHead[]} */
  const byHead = {
    encoder: () => encoder[0],
    decoder: () => self[0][0].map((_, h) => self.map((layers) => layers[0][h])),
    cross: () => cross[0][0].map((_, h) => cross.map((layers) => layers[0][h])),
  }[kind]();
  if (head > 0) return byHead[head - 1];
  const inUse = headsInUse(view).map((h) => byHead[h - 1]);
  const counted = inUse.length > 0 ? inUse : byHead;
  return byHead[0].map((row, i) =>
    row.map((_, j) => counted.reduce((sum, rows) => sum + rows[i][j] / counted.length, 0)),
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
 * The largest weight of the framed row, counted from 1, or of the whole map where none is framed.
 * @param {Rows} rows
 * @param {Names} names
 * @param {number} framed
 */
export function largest(rows, names, framed) {
  const shown = framed > 0 ? [framed - 1] : [...rows.keys()];
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
 * The map of one attention, in which one row is framed. `choose` is told which row, counted from 1,
 * the reader presses, or goes to by keys.
 * @param {(row: number) => void} choose
 */
export function weightMap(choose) {
  const map = heatMap({ side: { class: "attn-of-query" }, head: { class: "attn-of-key" } });
  let [top, h, framed, last] = [0, 0, 0, 0];
  const go = (/** @type {number} */ row) => {
    if (row >= 1 && row <= last) choose(row);
  };
  /** @type {SVGSVGElement} */
  const node = shape(
    "svg",
    {
      role: "slider",
      tabindex: 0,
      "aria-label": TEXT.map,
      "aria-orientation": "vertical",
      "aria-valuemin": 0,
      class: "attn-map attn-glides",
      click: (/** @type {PointerEvent} */ event) =>
        go(1 + Math.floor((within(event)[1] - top) / h)),
      keydown: (/** @type {KeyboardEvent} */ event) => {
        if (!(plainKey(event) in STEPS)) return;
        event.preventDefault();
        go(Math.min(last, Math.max(1, framed + STEPS[plainKey(event)])));
      },
    },
    map.node,
  );

  /**
   * Laid out for all that the model writes, so that nothing moves while it is being written.
   * @param {Rows} rows
   * @param {Names} names
   * @param {number} row
   * @param {View} view
   * @param {boolean} writing whether only what is written is there
   * @param {number} width
   */
  function show(rows, names, row, view, writing, width) {
    const { kind } = view;
    const n = names.rows.length;
    h = Math.min(MAP.height / Math.max(n, 1), MAP.tallest);
    const size = Math.min(14, h + 2);
    const left = Math.max(MAP.left, longest(names.rows, size) + 12);
    const room = width - left - MAP.right;
    const w = Math.min(room / Math.max(names.columns.length, 1), MAP.widest);
    const long = longest(names.columns, 12);
    const turn = long < w ? 0 : TURN;
    top = 24 + long * Math.sin((turn * Math.PI) / 180);
    [framed, last] = [row, writing && kind !== "encoder" ? row : n];
    const columns = kind === "decoder" ? names.columns.slice(0, last) : names.columns;
    const shown = names.rows.slice(0, last);
    map.show({
      weights: shown.map((_, k) => columns.map((_, j) => rows[k][j] ?? 0)), // none later than itself
      box: { left, top, width: w * columns.length, height: h * shown.length },
      rows: shown,
      columns,
      framed: row > 0 ? [[row - 1, 0, 1, columns.length]] : [],
      turn,
      size,
    });
    // A source that is refused leaves the room that the last one took.
    if (n > 0) move(node, { height: top + h * n + 1 });
    move(node, {
      "data-kind": kind,
      "data-off": n > 0 && headsInUse(view).length === 0,
      "aria-valuemax": last,
      "aria-valuenow": row,
      "aria-valuetext": names.rows[row - 1] ?? TEXT.noRow,
    });
  }
  return { node, show };
}
