// A grid of queries and keys: a rule says what must not be seen, a click departs from it.
import { leakedShare, maskRule, readWeights } from "./mathematics.js";
import { assign, read, trait } from "../../widgets/js/bindings.js";
import {
  caption,
  evenly,
  mount,
  plainKey,
  readout,
  readouts,
  resetButton,
  sentence,
  settings,
  slider,
  toggle,
} from "../../widgets/js/controls.js";
import { element, move } from "../../widgets/js/svg.js";
import { compose, paragraph, percent, plural, say } from "../../widgets/js/words.js";

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * @import { Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {{ tokens: string[], scores: number[][], trained: boolean }} Read
 * @typedef {{ length: number, causal: boolean, window: number, flips: [number, number][], _read: Read } & Sent<{ n: number }>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["length", "causal", "window", "flips"]);
  const { n } = model.get("_constants");
  const { tokens, scores, trained } = model.get("_read");
  const who = say(trained ? TEXT.trained : TEXT.madeUp, { text: tokens.join("") });
  const whole = evenly({ page: 3 });
  const length = slider(trait(model, "length"), { letter: "L", meaning: TEXT.length, ...whole });
  const near = slider(trait(model, "window"), { letter: "w", meaning: TEXT.window, ...whole });
  const causal = toggle(trait(model, "causal"), TEXT.causal);
  const leak = readout("leak", TEXT.leak);
  const open = readout("open", TEXT.open);
  const blind = readout("blind", TEXT.blind);
  const words = sentence();
  const grid = cellGrid(model, tokens);

  function draw() {
    const now = read(model, names);
    const rule = maskRule(n, now);
    const mask = rule.map((row) => [...row]);
    for (const [i, j] of now.flips) mask[i][j] = !mask[i][j];
    const weights = readWeights(scores, mask, now.length);
    const share = leakedShare(weights, rule);
    const leaks = now.flips.filter(([i, j]) => mask[i][j]);
    const unseeing = mask.filter((row) => !row.includes(true)).length;
    [length, near, causal].forEach((control) => control.show());
    leak.show(share);
    open.show(mask.flat().filter(Boolean).length);
    blind.show(unseeing);
    grid.show(now, rule, mask, weights);
    words.show(paragraph(who, describe(share, leaks, unseeing, now)));
  }

  const content = [
    readouts([leak, open, blind]),
    caption(...compose(TEXT.grid, roles())),
    grid.node,
    length.node,
    near.node,
    settings([causal], resetButton(model, names)),
    words.node,
  ];
  return mount(el, model, names, content, { layout: () => {}, draw });
}

/** What a row and a column stand for, in the colors of both. */
function roles() {
  return {
    query: element("span", { class: "attn-of-query" }, TEXT.query),
    key: element("span", { class: "attn-of-key" }, TEXT.key),
  };
}

/** Buttons in rows, of which one at a time can be reached by the tabulator; arrows go on from it. */
function cellGrid(model, tokens) {
  const last = tokens.length - 1;
  const toggleCell = (i, j) => {
    const flips = model.get("flips");
    const others = flips.filter(([a, b]) => a !== i || b !== j);
    const next = others.length < flips.length ? others : [...others, [i, j]];
    assign(model, { flips: next.sort(([a, b], [c, d]) => a - c || b - d) });
  };
  const focus = (i, j) => {
    cells.flat().forEach((cell) => move(cell, { tabindex: -1 }));
    move(cells[i][j], { tabindex: 0 });
    cells[i][j].focus();
  };
  const within = (x) => Math.min(last, Math.max(0, x));
  const keydown = (event, i, j) => {
    const ends = { Home: [i, 0], End: [i, last] };
    const arrow = ARROWS[plainKey(event)];
    const to = arrow ? [within(i + arrow[0]), within(j + arrow[1])] : ends[plainKey(event)];
    if (!to) return;
    event.preventDefault();
    focus(...to);
  };
  const cells = tokens.map((_, i) =>
    tokens.map((_, j) =>
      element("button", {
        type: "button",
        role: "gridcell",
        class: "attn-cell",
        tabindex: i + j === 0 ? 0 : -1,
        click: () => {
          focus(i, j);
          toggleCell(i, j);
        },
        keydown: (event) => keydown(event, i, j),
      }),
    ),
  );
  const heads = tokens.map(() => element("span", { role: "columnheader", class: "attn-of-key" }));
  const sides = tokens.map(() => element("span", { role: "rowheader", class: "attn-of-query" }));
  const row = (...children) => element("div", { role: "row" }, ...children);
  const corner = element("span", { role: "columnheader" }, ...compose(TEXT.corner, roles()));
  const rows = cells.map((line, i) => row(sides[i], ...line));
  const attributes = { role: "grid", class: "attn-cells", "aria-label": TEXT.pairs };
  const node = element("div", attributes, row(corner, ...heads), ...rows);
  const show = ({ length }, rule, mask, weights) => {
    tokens.forEach((word, i) => {
      const name = i < length ? word : TEXT.padding;
      for (const header of [heads[i], sides[i]]) {
        if (header.textContent !== name) header.textContent = name;
      }
      tokens.forEach((key, j) => {
        const pair = { i, query: name, j, key: j < length ? key : TEXT.padding };
        showCell(cells[i][j], pair, rule[i][j], mask[i][j], weights[i][j]);
      });
    });
  };
  return { node, show };
}

function showCell(cell, pair, may, sees, weight) {
  const digits = sees ? String(Math.round(100 * weight)) : "";
  const { allowed, forbidden } = sees ? TEXT.seen : TEXT.unseen;
  move(cell, {
    style: `--share: ${50 * weight}%`,
    "data-weight": weight,
    "data-may": may,
    "data-sees": sees,
    "aria-selected": sees,
    "aria-label": say(may ? allowed : forbidden, { ...pair, digits }),
  });
  if (cell.textContent !== digits) cell.textContent = digits;
}

function describe(share, leaks, blind, { length, causal }) {
  const unseeing = blind === 0 ? "" : say(TEXT.unseeing[plural(blind)], { count: blind });
  if (leaks.length === 0) return paragraph(TEXT.noLeak, unseeing);
  const [i, j] = leaks[0];
  let why = TEXT.far;
  if (causal && j > i) why = TEXT.future;
  if (j >= length) why = TEXT.pad;
  const more = leaks.length - 1;
  const leak = more > 0 ? why.several : why.one;
  return paragraph(say(leak, { share: percent(share), i, j, more }), unseeing);
}

const TEXT = {
  length: "length: what follows is padding",
  window: "window: how far a place looks",
  causal: "causal: no place may see later ones",
  leak: "share of weight that leaks",
  open: "pairs open",
  blind: "places that see nothing",
  grid: "A row for each {query}, a column for each {key}; weights in percent. Click a pair to turn it over.",
  pairs: "Which query may attend to which key",
  corner: "{query} \\ {key}",
  query: "query",
  key: "key",
  padding: "pad",
  // The name of a pair holds the text that is seen in it.
  seen: {
    allowed: "query {i} {query}, key {j} {key}: seen, weight {digits}%",
    forbidden: "query {i} {query}, key {j} {key}: seen, weight {digits}%, forbidden",
  },
  unseen: {
    allowed: "query {i} {query}, key {j} {key}: not seen",
    forbidden: "query {i} {query}, key {j} {key}: not seen, forbidden",
  },
  trained: "The model that was trained with the mask reads “{text}”.",
  madeUp: "These are made-up queries and keys.",
  noLeak: "Nothing leaks: no pair is open that the rule forbids.",
  far: {
    one: "{share} of all weight leaks: query {i} sees key {j}, which is too far away.",
    several:
      "{share} of all weight leaks: query {i} sees key {j}, which is too far away (and {more} more).",
  },
  future: {
    one: "{share} of all weight leaks: query {i} sees key {j}, which is in the future.",
    several:
      "{share} of all weight leaks: query {i} sees key {j}, which is in the future (and {more} more).",
  },
  pad: {
    one: "{share} of all weight leaks: query {i} sees key {j}, which is padding.",
    several:
      "{share} of all weight leaks: query {i} sees key {j}, which is padding (and {more} more).",
  },
  unseeing: {
    one: "One place sees nothing: its weights are all 0.",
    other: "{count} places see nothing: their weights are all 0.",
  },
};

export default { render };
