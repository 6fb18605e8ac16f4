// A grid of queries and keys: a rule says what must not be seen, a click departs from it.
import { leakedShare, maskRule, maskedWeights, normalRows } from "../../widgets/js/mathematics.js";
import {
  caption,
  element,
  move,
  mount,
  percent,
  readout,
  resetButton,
  sentence,
  slider,
  toggle,
} from "../../widgets/js/controls.js";

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function render({ model, el }) {
  const names = ["length", "causal", "window", "flips"];
  const { words: tokens, d_k, seed } = model.get("_constants");
  const n = tokens.length;
  const rows = normalRows(2 * n, d_k, seed); // queries, then keys
  const whole = (letter, meaning) => ({
    letter,
    meaning,
    track: Number,
    value: Math.round,
    nudge: (now, sign, page) => now + sign * (page ? 3 : 1),
    text: String,
  });
  const length = slider(model, "length", whole("L", "length: what follows is padding"));
  const near = slider(model, "window", whole("w", "window: how far a word looks"));
  const causal = toggle(model, "causal", "causal: no word may see later ones");
  const leak = readout("leak", "share of weight that leaks");
  const open = readout("open", "pairs open");
  const blind = readout("blind", "words that see nothing");
  const words = sentence();
  const grid = cellGrid(model, tokens);

  function draw() {
    const now = Object.fromEntries(names.map((name) => [name, model.get(name)]));
    const rule = maskRule(n, now);
    const mask = rule.map((row) => [...row]);
    for (const [i, j] of now.flips) mask[i][j] = !mask[i][j];
    const weights = maskedWeights(rows.slice(0, n), rows.slice(n), mask);
    const share = leakedShare(weights, rule);
    const leaks = now.flips.filter(([i, j]) => mask[i][j]);
    const unseeing = mask.filter((row) => !row.includes(true)).length;
    [length, near, causal].forEach((control) => control.show());
    leak.show(share);
    open.show(mask.flat().filter(Boolean).length);
    blind.show(unseeing);
    grid.show(now, rule, mask, weights);
    words.show(describe(share, leaks, unseeing, now));
  }

  const readouts = element("div", { class: "attn-readouts" }, leak.node, open.node, blind.node);
  const buttons = element("div", { class: "attn-buttons" }, resetButton(model, names));
  const settings = element("div", { class: "attn-settings" }, causal.node, buttons);
  const content = [
    readouts,
    caption(
      "A row for each query, a column for each key; weights in percent. Click a pair to turn it over.",
    ),
    grid.node,
    length.node,
    near.node,
    settings,
    words.node,
  ];
  return mount(el, model, names, content, { layout: () => {}, draw });
}

/** Buttons in rows, of which one at a time can be reached by the tabulator; arrows go on from it. */
function cellGrid(model, tokens) {
  const last = tokens.length - 1;
  const toggleCell = (i, j) => {
    const flips = model.get("flips");
    const others = flips.filter(([a, b]) => a !== i || b !== j);
    const next = others.length < flips.length ? others : [...others, [i, j]];
    model.set(
      "flips",
      next.sort(([a, b], [c, d]) => a - c || b - d),
    );
    model.save_changes();
  };
  const focus = (i, j) => {
    cells.flat().forEach((cell) => move(cell, { tabindex: -1 }));
    move(cells[i][j], { tabindex: 0 });
    cells[i][j].focus();
  };
  const within = (x) => Math.min(last, Math.max(0, x));
  const keydown = (event, i, j) => {
    const ends = { Home: [i, 0], End: [i, last] };
    const arrow = ARROWS[event.key];
    const to = arrow ? [within(i + arrow[0]), within(j + arrow[1])] : ends[event.key];
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
  const heads = tokens.map(() => element("span", { role: "columnheader" }));
  const sides = tokens.map(() => element("span", { role: "rowheader" }));
  const row = (...children) => element("div", { role: "row" }, ...children);
  const corner = element("span", { role: "columnheader" }, "query \\ key");
  const rows = cells.map((line, i) => row(sides[i], ...line));
  const label = "Which query may attend to which key";
  const attributes = { role: "grid", class: "attn-cells", "aria-label": label };
  const node = element("div", attributes, row(corner, ...heads), ...rows);
  const show = ({ length }, rule, mask, weights) => {
    tokens.forEach((word, i) => {
      const name = i < length ? word : "pad";
      for (const header of [heads[i], sides[i]]) {
        if (header.textContent !== name) header.textContent = name;
      }
      tokens.forEach((key, j) => {
        const of = `query ${i} ${name}, key ${j} ${j < length ? key : "pad"}`;
        showCell(cells[i][j], of, rule[i][j], mask[i][j], weights[i][j]);
      });
    });
  };
  return { node, show };
}

function showCell(cell, name, may, sees, weight) {
  const digits = sees ? String(Math.round(100 * weight)) : "";
  const seen = sees ? `seen, weight ${digits}%` : "not seen"; // the name holds the text that is seen
  move(cell, {
    style: `--share: ${50 * weight}%`,
    "data-weight": weight,
    "data-may": may,
    "data-sees": sees,
    "aria-selected": sees,
    "aria-label": `${name}: ${seen}${may ? "" : ", forbidden"}`,
  });
  if (cell.textContent !== digits) cell.textContent = digits;
}

function describe(share, leaks, blind, { length, causal }) {
  let seeing = "";
  if (blind === 1) seeing = " One word sees nothing: its weights are all 0.";
  if (blind > 1) seeing = ` ${blind} words see nothing: their weights are all 0.`;
  if (leaks.length === 0) return `Nothing leaks: no pair is open that the rule forbids.${seeing}`;
  const [i, j] = leaks[0];
  let why = "too far away";
  if (causal && j > i) why = "in the future";
  if (j >= length) why = "padding";
  const others = leaks.length > 1 ? ` (and ${leaks.length - 1} more)` : "";
  const first = `query ${i} sees key ${j}, which is ${why}${others}`;
  return `${percent(share)} of all weight leaks: ${first}.${seeing}`;
}

export default { render };
