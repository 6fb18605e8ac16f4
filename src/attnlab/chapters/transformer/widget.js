// Two trained Transformers: type a sentence or a date, and watch it being written, head by head.
import { decodeGreedily, unpackTransformer } from "../../widgets/js/transformer.js";
import {
  button,
  caption,
  element,
  mount,
  percent,
  radios,
  readout,
  resetButton,
  sentence,
  shape,
  slider,
} from "../../widgets/js/controls.js";
import { isDay, readTokens } from "./reading.js";
import { drawMap, labelsOf, largest, weightsOf } from "./weight_map.js";

const EXAMPLES = {
  translation: [
    "I love programming",
    "my mother plays the piano every day",
    "why does he study history ?",
    "the children do not want to eat fish",
    "the doctor will buy flowers tomorrow",
  ],
  dates: ["Sonntag, 8. März 2026", "2026年3月8日星期日", "Sun, Mar 8, 2026", "8.3.2026"],
};
const TASKS = { translation: "English to Chinese", dates: "date to ISO" };
const KINDS = { cross: "cross-attention", encoder: "encoder’s own", decoder: "decoder’s own" };
const LIKELY = { count: 5, row: 22, left: 64, right: 110 }; // tokens with their probabilities

function render({ model, el }) {
  const names = ["task", "source", "step", "heads_off"];
  const { bos, eos, limits } = model.get("_constants");
  const maxLen = limits.step.max;
  const models = Object.fromEntries(
    Object.entries(model.get("_models")).map(([name, packed]) => [
      name,
      { ...packed, machine: unpackTransformer(packed) },
    ]),
  );
  const heads = Array.from({ length: models.dates.n_heads }, (_, h) => h + 1);
  const set = (values) => {
    Object.keys(values).forEach((name) => model.set(name, values[name]));
    model.save_changes();
  };
  // What the map shows is the page's own affair; head 0 is the mean of all.
  const view = { kind: "cross", head: 0 };
  const chosen = {
    get: (name) => String(view[name]),
    set: (name, value) => (view[name] = name === "head" ? Number(value) : value),
    save_changes: () => draw(),
  };
  const tasks = {
    get: (name) => model.get(name),
    set: (name, task) => set({ [name]: task, source: EXAMPLES[task][0], step: maxLen }),
    save_changes: () => {},
  };
  const task = radios(tasks, "task", "Task", TASKS);
  const source = sourceField(set, maxLen);
  let length = maxLen; // of what the model writes, at whose end the slider ends
  const last = () => Math.max(1, length);
  const step = slider(model, "step", {
    letter: "i",
    meaning: "tokens written so far",
    track: (i) => (i < last() ? (i - 1) / (last() - 1) : 1),
    value: (place) => 1 + Math.round(place * (last() - 1)),
    nudge: (now, sign, page) => Math.min(now, last()) + sign * (page ? 4 : 1),
    text: (i) => `${Math.min(i, length)} of ${length}`,
  });
  const kind = radios(chosen, "kind", "Whose weights", KINDS);
  const each = Object.fromEntries(heads.map((h) => [h, String(h)]));
  const head = radios(chosen, "head", "Which head", { 0: "mean of all", ...each });
  const switches = headSwitches(heads, (h, on) => {
    const name = `${view.kind} ${h}`;
    const others = model.get("heads_off").filter((each) => each !== name);
    set({ heads_off: on ? others : [...others, name] });
  });
  const written = element("div", { class: "attn-written" });
  const likely = shape("svg", {
    role: "img",
    height: LIKELY.count * LIKELY.row,
    "aria-label": "The most probable tokens of the step.",
  });
  const map = shape("svg", {
    role: "img",
    "aria-label": "A grid of weights: a row for each token that asks, a column for each it asks.",
  });
  const sureness = readout("probability", "probability of this step’s token");
  const place = document.createTextNode("");
  const attention = readout("largest_weight", place);
  const words = sentence();
  let width = 0;

  function draw() {
    const now = models[model.get("task")];
    const { tokens, leftOut, message } = readTokens(now, model.get("source"));
    const off = new Set(model.get("heads_off"));
    const found = message
      ? NOTHING
      : run(now, tokens, { bos, eos, maxLen, heads: headNumbers(heads, off) });
    length = found.tokens.length;
    [task, step, kind, head].forEach((one) => one.show());
    source.show(model.get("source"));
    switches.show((h) => !off.has(`${view.kind} ${h}`));
    const i = Math.min(model.get("step"), found.tokens.length);
    drawWritten(written, found, i);
    drawLikely(likely, now, eos, found.probabilities[i - 1], width);
    const rows = weightsOf(found, view);
    const names = labelsOf(found, view.kind);
    drawMap(map, rows, names, i, view, width);
    const most = largest(rows, view, i);
    sureness.show(i > 0 ? found.probabilities[i - 1][found.tokens[i - 1]] : 0);
    place.data = `largest weight ${view.kind === "encoder" ? "of the map" : "in the framed row"}`;
    attention.show(most.weight);
    const text = () =>
      whatIsWritten(found, off, leftOut, model.get("task")) +
      whatIsSeen(found, i, whereTo(most, names, view));
    words.show(message || text());
  }

  let timer;
  const write = () => {
    clearTimeout(timer);
    const next = (i) => {
      set({ step: i });
      if (i < maxLen) timer = setTimeout(goOn, 400, i + 1);
    };
    // Not if the reader has gone to another step meanwhile, or to another source.
    const goOn = (i) => model.get("step") === i - 1 && next(i);
    next(1);
  };
  const another = () => {
    const examples = EXAMPLES[model.get("task")];
    const at = examples.indexOf(model.get("source"));
    set({ source: examples[(at + 1) % examples.length], step: maxLen });
  };
  const reset = resetButton(model, names);
  reset.addEventListener("click", () => {
    Object.assign(view, { kind: "cross", head: 0 });
    draw();
  });
  const buttons = element(
    "div",
    { class: "attn-buttons" },
    button("Write it", write),
    button("Another", another),
    reset,
  );
  const content = [
    task.node,
    element("div", { class: "attn-settings" }, source.node, buttons),
    words.node,
    element("div", { class: "attn-readouts" }, sureness.node, attention.node),
    written,
    step.node,
    caption("The most probable tokens of this step"),
    likely,
    kind.node,
    head.node,
    switches.node,
    caption(
      "A row is a token that asks, a column one that is asked (▸ the start, ■ the end); " +
        "strong color is much weight",
    ),
    map,
  ];
  const layout = (next) => (width = next);
  const unmount = mount(el, model, names, content, { layout, draw });
  return () => {
    clearTimeout(timer);
    unmount();
  };
}

const NOTHING = { source: [], tokens: [], probabilities: [], encoder: [], self: [], cross: [] };

/** What the model writes, in words, and the weights of its one layer. */
function run({ machine, tgt }, source, limits) {
  const found = decodeGreedily(
    machine,
    source.map(({ number }) => number),
    limits,
  );
  return {
    ...found,
    source: source.map(({ text }) => text),
    written: found.tokens.map((token) => (token === limits.eos ? "■" : tgt[token])),
  };
}

/** What each head contributes, 1 or 0, for the one layer of encoder and decoder. */
function headNumbers(heads, off) {
  const row = (kind) => heads.map((h) => (off.has(`${kind} ${h}`) ? 0 : 1));
  return { encoder: [row("encoder")], decoder: [[row("decoder"), row("cross")]] };
}

function whatIsWritten({ written }, off, leftOut, task) {
  const text = written.join("").replace("■", "");
  const without =
    off.size === 0 ? "" : ` with ${off.size} ${off.size === 1 ? "head" : "heads"} off`;
  const ended = written.at(-1) === "■" ? "" : " It does not come to an end.";
  const none = task === "dates" && !isDay(text) ? " That is no day of the calendar." : "";
  const unread = leftOut ? ` It was not given the “${leftOut}”, which it has never read.` : "";
  return `The model writes “${text}”${without}.${unread}${ended}${none} `;
}

function whatIsSeen({ written, probabilities, tokens }, i, where) {
  const token = written[i - 1] === "■" ? "■, the end mark" : `“${written[i - 1]}”`;
  const p = percent(probabilities[i - 1][tokens[i - 1]]);
  return `Step ${i} is ${token}, with probability ${p}; ${where}.`;
}

/** Where the largest weight is that the map shows. */
function whereTo({ weight, row, column }, { rows, columns }, { kind, head }) {
  const who = head > 0 ? `head ${head}` : "mean of all heads";
  const whose = kind === "cross" ? KINDS[kind] : `the ${KINDS[kind]} attention`;
  const asker = kind === "encoder" ? `that of “${rows[row]}” ` : "";
  const asked = columns[column] === "▸" ? "▸, the start" : `“${columns[column]}”`;
  return `the largest weight of ${whose} (${who}) is ${asker}on ${asked}, ${percent(weight)}`;
}

/** A percentage in little room. */
const brief = (p) => (p > 0.9995 ? ">99.9%" : `${(100 * p).toFixed(1)}%`);

function drawWritten(node, { written = [], probabilities, tokens }, i) {
  const parts = written.slice(0, i).map((text, k) => {
    const p = probabilities[k][tokens[k]];
    const share = element("small", { "data-probability": p }, brief(p));
    return element("span", { "data-token": text, "data-chosen": k === i - 1 }, text, share);
  });
  node.replaceChildren(...parts);
}

function drawLikely(svg, { tgt }, eos, p, width) {
  const order = [...(p ?? []).keys()].sort((a, b) => p[b] - p[a]).slice(0, LIKELY.count);
  const scale = Math.max(0, width - LIKELY.left - LIKELY.right);
  const parts = order.flatMap((token, k) => {
    const [x, y] = [LIKELY.left, k * LIKELY.row];
    const name = token === eos ? "■" : tgt[token];
    const box = { x, y: y + 4, width: p[token] * scale, height: LIKELY.row - 8 };
    return [
      shape("text", { class: "attn-digit", x: x - 10, y: y + 16, "text-anchor": "end" }, name),
      shape("rect", { class: "attn-bar", ...box }),
      shape("text", { x: x + box.width + 8, y: y + 16 }, brief(p[token])),
    ];
  });
  svg.replaceChildren(...parts);
}

/** A box for each head of the attention that is shown. */
function headSwitches(heads, press) {
  const inputs = heads.map((h) =>
    element("input", {
      type: "checkbox",
      "data-name": `head-${h}`,
      change: ({ target }) => press(h, target.checked),
    }),
  );
  const labels = inputs.map((input, k) => element("label", {}, input, String(heads[k])));
  const legend = element("legend", {}, "Heads of this attention that are in use");
  const node = element("fieldset", { class: "attn-choice" }, legend, ...labels);
  return { node, show: (isOn) => inputs.forEach((input, k) => (input.checked = isOn(heads[k]))) };
}

function sourceField(set, maxLen) {
  const input = element("input", {
    type: "text",
    "data-name": "source",
    "aria-label": "what the model reads",
    input: () => set({ source: input.value, step: maxLen }),
  });
  const show = (text) => {
    // Changing what is being typed would move the reader's cursor.
    if (input.value !== text) input.value = text;
  };
  const node = element(
    "label",
    { class: "attn-field attn-source" },
    element("span", {}, "read"),
    input,
  );
  return { node, show };
}

export default { render };
