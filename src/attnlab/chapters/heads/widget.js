// Trained layers with 1, 2, 4 and 8 heads: what each head looks at, and what is lost without it.
import { answers, attend, prepare, scoreAnswers } from "./mathematics.js";
import { assign, read, trait } from "../../widgets/js/bindings.js";
import {
  button,
  caption,
  inDoublings,
  mount,
  radios,
  readout,
  readouts,
  resetButton,
  sentence,
  settings,
  slider,
  toggle,
} from "../../widgets/js/controls.js";
import { heatMap } from "../../widgets/js/heat_map.js";
import { element, move, shape } from "../../widgets/js/svg.js";
import { ALL, brief, compose, paragraph, percent, plural, say } from "../../widgets/js/words.js";

const LETTERS = "ABCDEFGH";
const ROW = 22;

/**
 * @import { Packed, Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {{ inputs: number[][][], targets: number[][] }} Columns over all examples
 * @typedef {{
 *   task: string, n_heads: number, off: number[], example: number,
 *   _models: Record<string, Record<number, Packed>>, _data: Record<string, { tests: Columns, examples: Columns }>,
 * } & Sent<{ words: string[], n_questions: Record<string, number> }>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["task", "n_heads", "off", "example"]);
  const { words: vocabulary, n_questions, limits } = model.get("_constants");
  const trained = layers(model);
  const task = radios(trait(model, "task"), TEXT.task, TEXT.tasks);
  const count = slider(trait(model, "n_heads"), {
    letter: "h",
    meaning: TEXT.count,
    ...inDoublings(1),
  });
  const width = readout("d_k", ...compose(TEXT.width, { k: element("sub", {}, "k") }));
  const right = readout("right", TEXT.right);
  const all = readout("all_right", TEXT.everyRight);
  const words = sentence();
  const given = element("div", { class: "attn-written attn-given" });
  const panels = Array.from({ length: limits.n_heads.max }, (_, i) =>
    headPanel(model, i, vocabulary),
  );
  const grid = element("div", { class: "attn-heads" }, ...panels.map((panel) => panel.node));

  function draw() {
    const now = read(model, names);
    const off = now.off.filter((i) => i < now.n_heads);
    const { layer, tests, examples } = trained(now.task, now.n_heads);
    const nQuestions = n_questions[now.task];
    const results = tests.done.map((done) => answers(layer, done, off, nQuestions));
    const score = scoreAnswers(results, tests.targets);
    const example = { input: examples.inputs[now.example], targets: examples.targets[now.example] };
    const done = attend(layer, example.input);
    [task, count].forEach((control) => control.show());
    width.show(layer.d_k);
    right.show(score.right);
    all.show(score.all);
    showAnswers(given, now.task, example, answers(layer, done, off, nQuestions), vocabulary);
    grid.style.setProperty("--panel", now.task === "tables" ? "260px" : "145px");
    panels.forEach((panel, i) =>
      panel.show(i < now.n_heads ? done.weights.map((heads) => heads[i]) : null, now, example),
    );
    words.show(describe(now, off, score, layer.d_k));
  }

  const another = button(TEXT.another, () =>
    assign(model, { example: (model.get("example") + 1) % (limits.example.max + 1) }),
  );
  const content = [
    task.node,
    readouts([width, right, all], "attn-three"),
    count.node,
    settings([], another, resetButton(model, names)),
    words.node,
    caption(TEXT.answers),
    given,
    caption(TEXT.maps),
    grid,
  ];
  return mount(el, model, names, content, { layout: () => {}, draw });
}

/** For a task and a number of heads: the layer, and what its heads do in every test. */
function layers(model) {
  const [packed, data] = [model.get("_models"), model.get("_data")];
  const made = {};
  return (task, n_heads) => {
    const [tests, examples] = (made[task] ??= ["tests", "examples"].map((name) =>
      examplesOf(data[task][name]),
    ));
    made[`${task} ${n_heads}`] ??= run(prepare({ packed: packed[task][n_heads], n_heads }), tests);
    return { ...made[`${task} ${n_heads}`], examples };
  };
}

function run(layer, { inputs, targets }) {
  return { layer, tests: { targets, done: inputs.map((input) => attend(layer, input)) } };
}

/** From columns over all examples to one input each. */
function examplesOf({ inputs, targets }) {
  return { targets, inputs: targets.map((_, b) => inputs.map((column) => column[b])) };
}

/** A switch for one head, and its map. */
function headPanel(model, i, vocabulary) {
  const isOn = () => !model.get("off").includes(i);
  const turn = (on) => {
    const others = model.get("off").filter((head) => head !== i);
    assign(model, { off: on ? others : [...others, i].sort() });
  };
  const bound = { name: `head_${i}`, get: isOn, set: turn };
  const control = toggle(bound, say(TEXT.head, { head: i + 1 }));
  const map = headMap();
  const most = element("span", { class: "attn-most", "aria-hidden": "true" });
  const head = element("div", { class: "attn-head" }, control.node, most);
  const node = element("div", {}, head, map.node);
  const show = (weights, { task }, example) => {
    node.hidden = weights === null;
    if (weights === null) return;
    control.show();
    const names = namesOf(task, example, vocabulary);
    map.show(weights, names, isOn());
    const rows = inWords(weights, names);
    most.textContent = weights.length === 1 ? largestOf(weights[0], names) : "";
    move(map.node, { "aria-label": say(TEXT.weights, { head: i + 1, rows }) });
  };
  return { node, show };
}

/** What stands beside the rows and above the columns of a map. */
function namesOf(task, { input }, vocabulary) {
  if (task !== "tables") {
    const said = input[0].map((word) => vocabulary[word]);
    return { rows: said, columns: said, tilted: true, asked: [], values: null };
  }
  const [keys, values, asked] = input;
  const columns = keys.map((key, j) => `${LETTERS[key]}${values[j]}`);
  return {
    rows: [],
    columns,
    tilted: false,
    asked: keys.map((key) => asked.includes(key)),
    values,
  };
}

/** The map of one head, as wide as there is room; the keys that are asked for are bold. */
function headMap() {
  const map = heatMap({
    side: { x: -6, class: "attn-of-query" },
    head: { class: "attn-of-key" },
    gap: 1,
  });
  const frame = shape("rect", { class: "attn-frame" });
  const node = shape("svg", { role: "img", class: "attn-glides" }, map.node, frame);
  const show = (weights, { rows, columns, tilted, asked, values }, on) => {
    const [left, top] = tilted ? [62, 58] : [0, 18];
    const height = weights.length * ROW;
    const box = { left, top, height };
    map.show({ weights, rows, columns, box, above: 5, turn: tilted ? 70 : 0 });
    [...map.heads.children].forEach((name, j) => {
      move(name, { "data-chosen": !!asked[j] });
      if (values && name.childElementCount === 0) {
        const key = columns[j].slice(0, -1);
        const value = shape("tspan", { class: "attn-of-value" }, String(values[j]));
        name.replaceChildren(key, value);
      }
    });
    move(frame, { style: `x: ${left}px; width: calc(100% - ${left}px)`, y: top, height });
    move(node, { height: top + height + 6, "data-off": !on });
  };
  return { node, show };
}

function largestOf(row, { columns }) {
  const share = Math.max(...row);
  return say(TEXT.reads, { key: columns[row.indexOf(share)], share: brief(share) });
}

function inWords(weights, { rows, columns }) {
  const most = weights.map((row, i) => {
    const j = row.indexOf(Math.max(...row));
    const places = { query: rows[i], key: columns[j], share: percent(row[j]) };
    return say(rows[i] ? TEXT.mostOf : TEXT.most, places);
  });
  return most.join(TEXT.between);
}

function showAnswers(node, task, { input, targets }, found, vocabulary) {
  const table = task === "tables";
  const name = (answer) => (table ? String(answer) : vocabulary[answer]);
  const parts = targets.map((target, i) => {
    const question = table
      ? say(TEXT.questions.tables, { key: LETTERS[input[2][i]] })
      : say(TEXT.questions[task][i % 2], { word: vocabulary[input[0][i >> 1]] });
    const right = found[i] === target;
    const said = right ? [name(target)] : [element("s", {}, name(found[i])), ` ${name(target)}`];
    return element(
      "span",
      { "data-right": right, "data-answer": found[i] },
      ...said,
      element("small", {}, question),
    );
  });
  move(node, { "data-task": task });
  node.replaceChildren(...parts);
}

function describe({ task, n_heads }, off, { right, all }, d_k) {
  const heads = n_heads === 1 ? TEXT.one : TEXT.several[plural(d_k)];
  const on = n_heads - off.length;
  let state = heads.some;
  if (on === 1) state = heads.single;
  if (on === n_heads) state = heads.on;
  if (on === 0) state = heads.off;
  return paragraph(
    say(state, { n_heads, d_k, on }),
    say(TEXT.score[task], { right: share(right), all: share(all) }),
  );
}

const share = (x) => (x === 1 ? ALL : percent(x));

const TEXT = {
  task: "What the layer was trained for",
  tasks: {
    tables: "four look-ups in a table",
    neighbors: "words: my neighbors",
    ends: "words: the ends",
  },
  count: "heads of the layer",
  width: "width of a head, d{k}",
  right: "share of answers right",
  everyRight: "share of tests all right",
  another: "Another example",
  answers: "Answers in one example; what is wrong is struck out, with the right answer beside",
  questions: {
    tables: "{key}?",
    neighbors: ["{word}: before?", "{word}: after?"],
    ends: ["{word}: first?", "{word}: last?"],
  },
  maps: "Where each head looks: a row for each query, a column for each thing to look at",
  head: "head {head}",
  weights: "Weights of head {head}: {rows}",
  reads: "{key} {share}",
  mostOf: "{query} most on {key}, {share}",
  most: "most on {key}, {share}",
  between: "; ",
  one: {
    on: "One head, {d_k} numbers wide.",
    off: "One head, {d_k} numbers wide, switched off.",
  },
  // By the width of a head.
  several: {
    one: {
      on: "{n_heads} heads, each {d_k} number wide.",
      some: "{n_heads} heads, each {d_k} number wide, of which {on} are on.",
      single: "{n_heads} heads, each {d_k} number wide, of which {on} is on.",
      off: "{n_heads} heads, each {d_k} number wide, switched off.",
    },
    other: {
      on: "{n_heads} heads, each {d_k} numbers wide.",
      some: "{n_heads} heads, each {d_k} numbers wide, of which {on} are on.",
      single: "{n_heads} heads, each {d_k} numbers wide, of which {on} is on.",
      off: "{n_heads} heads, each {d_k} numbers wide, switched off.",
    },
  },
  score: {
    tables: "{right} of the answers are right, and in {all} of the tables all of them.",
    neighbors: "{right} of the answers are right, and in {all} of the sentences all of them.",
    ends: "{right} of the answers are right, and in {all} of the sentences all of them.",
  },
};

export default { render };
