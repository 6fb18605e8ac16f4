// Trained layers with 1, 2, 4 and 8 heads: what each head looks at, and what is lost without it.
import { answers, attend, prepare, scoreAnswers } from "./mathematics.js";
import {
  button,
  caption,
  element,
  mount,
  move,
  percent,
  radios,
  readout,
  resetButton,
  sentence,
  shape,
  slider,
} from "../../widgets/js/controls.js";

const TASKS = {
  tables: "four look-ups in a table",
  neighbors: "words: my neighbors",
  ends: "words: the ends",
};
const LETTERS = "ABCDEFGH";
const QUESTIONS = { neighbors: ["before", "after"], ends: ["first", "last"] };
const ROW = 22;

function render({ model, el }) {
  const names = ["task", "n_heads", "off", "example"];
  const { words: vocabulary, n_questions, limits } = model.get("_constants");
  const trained = layers(model);
  const task = radios(model, "task", "What the layer was trained for", TASKS);
  const count = slider(model, "n_heads", {
    letter: "h",
    meaning: "heads of the layer",
    track: Math.log2,
    value: (place) => 2 ** Math.round(place),
    nudge: (now, sign) => now * 2 ** sign,
    text: String,
  });
  const width = readout("d_k", "width of a head, d", element("sub", {}, "k"));
  const right = readout("right", "share of answers right");
  const all = readout("all_right", "share of tests all right");
  const words = sentence();
  const given = element("div", { class: "attn-written attn-given" });
  const panels = Array.from({ length: limits.n_heads.max }, (_, i) =>
    headPanel(model, i, vocabulary),
  );
  const grid = element("div", { class: "attn-heads" }, ...panels.map((panel) => panel.node));

  function draw() {
    const now = Object.fromEntries(names.map((name) => [name, model.get(name)]));
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

  const next = () => {
    model.set("example", (model.get("example") + 1) % (limits.example.max + 1));
    model.save_changes();
  };
  const buttons = element(
    "div",
    { class: "attn-buttons" },
    button("Another example", next),
    resetButton(model, names),
  );
  const content = [
    task.node,
    element("div", { class: "attn-readouts attn-three" }, width.node, right.node, all.node),
    count.node,
    element("div", { class: "attn-settings" }, buttons),
    words.node,
    caption("Answers in one example; what is wrong is struck out, with the right answer beside"),
    given,
    caption("Where each head looks: a row for each query, a column for each thing to look at"),
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
  const change = () => {
    const others = model.get("off").filter((head) => head !== i);
    model.set("off", input.checked ? others : [...others, i].sort());
    model.save_changes();
  };
  const attributes = { type: "checkbox", role: "switch", "data-name": `head_${i}`, change };
  const input = element("input", attributes);
  const words = element("span", {}, `head ${i + 1}`);
  const label = element("label", { class: "attn-toggle" }, input, words);
  const map = shape("svg", { role: "img" });
  const node = element("div", {}, label, map);
  const show = (weights, { task, off }, example) => {
    node.hidden = weights === null;
    if (weights === null) return;
    input.checked = !off.includes(i);
    const names = namesOf(task, example, vocabulary);
    drawMap(map, weights, names, input.checked);
    move(map, { "aria-label": `Weights of head ${i + 1}: ${inWords(weights, names)}` });
  };
  return { node, show };
}

/** What stands beside the rows and above the columns of a map. */
function namesOf(task, { input }, vocabulary) {
  if (task !== "tables") {
    const said = input[0].map((word) => vocabulary[word]);
    return { rows: said, columns: said, tilted: true };
  }
  const [keys, values, asked] = input;
  const columns = keys.map((key, j) => `${LETTERS[key]}${values[j]}`);
  return { rows: [""], columns, asked: keys.map((key) => asked.includes(key)) };
}

/** Draws anew: a map has at most forty parts, and their number changes with the task. */
function drawMap(svg, weights, { rows, columns, tilted, asked }, on) {
  const [left, top] = tilted ? [62, 58] : [0, 18];
  const n = columns.length;
  const x = (j) => `calc(${left}px + (100% - ${left}px) * ${j / n})`;
  const size = `calc((100% - ${left}px) / ${n})`;
  const text = (words, attributes) => shape("text", attributes, words);
  const cells = weights.flatMap((row, i) =>
    Array.from(row, (weight, j) =>
      shape("rect", {
        class: "attn-bar",
        style: `x: ${x(j)}; width: ${size}`,
        y: top + i * ROW,
        height: ROW,
        opacity: (on ? weight : weight / 4).toFixed(3),
        "data-weight": weight,
      }),
    ),
  );
  const frame = shape("rect", {
    class: "attn-frame",
    style: `x: ${left}px; width: calc(100% - ${left}px)`,
    y: top,
    height: rows.length * ROW,
  });
  const heads = columns.map((words, j) => {
    const middle = `translate: ${x(j + 0.5)} ${top - 5}px`;
    const turned = tilted ? "rotate: -70deg" : "text-anchor: middle";
    const bold = asked?.[j] ? "; font-weight: 700; fill: var(--ink)" : "";
    return text(words, { style: `${middle}; ${turned}${bold}` });
  });
  const sides = rows.map((words, i) =>
    text(words, { x: left - 6, y: top + i * ROW + 15, "text-anchor": "end" }),
  );
  move(svg, { height: top + rows.length * ROW + 6 });
  svg.replaceChildren(...cells, frame, ...heads, ...sides);
}

function inWords(weights, { rows, columns }) {
  const most = weights.map((row, i) => {
    const j = row.indexOf(Math.max(...row));
    return `${rows[i] ? `${rows[i]} ` : ""}most on ${columns[j]}, ${percent(row[j])}`;
  });
  return most.join("; ");
}

function showAnswers(node, task, { input, targets }, found, vocabulary) {
  const table = task === "tables";
  const name = (answer) => (table ? String(answer) : vocabulary[answer]);
  const parts = targets.map((target, i) => {
    const question = table
      ? `${LETTERS[input[2][i]]}?`
      : `${vocabulary[input[0][i >> 1]]}: ${QUESTIONS[task][i % 2]}?`;
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
  const heads = n_heads === 1 ? "One head," : `${n_heads} heads, each`;
  const left = n_heads - off.length;
  const some = `of which ${left} ${left === 1 ? "is" : "are"} on`;
  const without = off.length === 0 ? "" : `, ${left === 0 ? "switched off" : some}`;
  const whole = task === "tables" ? "tables" : "sentences";
  return (
    `${heads} ${d_k} ${d_k === 1 ? "number" : "numbers"} wide${without}: ${share(right)} of the ` +
    `answers are right, and in ${share(all)} of the ${whole} all of them.`
  );
}

const share = (x) => (x === 1 ? "100%" : percent(x));

export default { render };
