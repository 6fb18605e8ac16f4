// Two trained Transformers: type a sentence or a date, and watch it being written, head by head.
import { decodeGreedily, unpackTransformer } from "./math_transformer.js";
import {
  button, caption, element, mount, move, percent, radios, readout, resetButton, sentence, shape,
  slider,
} from "./controls.js";
import { isDay, readTokens } from "./readable.js";

const MAX_STEPS = 12;
const [BOS, EOS] = [1, 2]; // as in attnlab/tasks/vocabulary.py
const EXAMPLES = {
  translation: [
    "I love programming", "my mother plays the piano every day", "why does he study history ?",
    "the children do not want to eat fish", "the doctor will buy flowers tomorrow",
  ],
  dates: ["Sonntag, 8. März 2026", "2026年3月8日星期日", "Sun, Mar 8, 2026", "8.3.2026"],
};
const TASKS = { translation: "English to Chinese", dates: "date to ISO" };
const KINDS = { cross: "cross-attention", encoder: "encoder's own", decoder: "decoder's own" };
const LIKELY = 5; // how many tokens are shown with their probabilities
const ROW = 22;
const MAP = { height: 300, top: 92, left: 64, tallest: 24 };

function render({ model, el }) {
  const names = ["task", "source", "step", "heads_off"];
  const models = Object.fromEntries(
    Object.entries(model.get("_models")).map(([name, packed]) => [
      name, { ...packed, machine: unpackTransformer(packed) },
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
    set: (name, task) => set({ [name]: task, source: EXAMPLES[task][0], step: MAX_STEPS }),
    save_changes: () => {},
  };
  const task = radios(tasks, "task", "Task", TASKS);
  const source = sourceField(set);
  let length = MAX_STEPS; // of what the model writes
  const step = slider(model, "step", {
    ...{ letter: "i", meaning: "tokens written so far", min: 1, max: MAX_STEPS },
    track: Number,
    value: Math.round,
    nudge: (now, sign, page) => now + sign * (page ? 4 : 1),
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
    role: "img", height: LIKELY * ROW, "aria-label": "The most probable tokens of the last step.",
  });
  const map = shape("svg", {
    role: "img", height: MAP.height + MAP.top,
    "aria-label": "A grid of weights: a row for each token that asks, a column for each it asks.",
  });
  const sureness = readout("probability", "probability of the token at step i");
  const attention = readout("largest_weight", "largest weight in its row of the map");
  const words = sentence();
  let width = 0;

  function draw() {
    const now = models[model.get("task")];
    const { tokens, message } = readTokens(now, model.get("source"));
    const off = new Set(model.get("heads_off"));
    const found = message ? NOTHING : run(now, tokens, headNumbers(heads, off));
    length = found.tokens.length;
    [task, step, kind, head].forEach((one) => one.show());
    source.show(model.get("source"));
    switches.show((h) => !off.has(`${view.kind} ${h}`));
    const i = Math.min(model.get("step"), found.tokens.length);
    drawWritten(written, found, i);
    drawLikely(likely, now, found.probabilities[i - 1], width);
    const rows = weightsOf(found, view);
    drawMap(map, rows, labelsOf(found, view.kind, i), i, view, width);
    sureness.show(i > 0 ? found.probabilities[i - 1][found.tokens[i - 1]] : 0);
    attention.show(i > 0 ? Math.max(...(rows[i - 1] ?? rows.at(-1))) : 0);
    words.show(message || whatIsSeen(found, i, off, view, model.get("task")));
  }

  let timer;
  const write = () => {
    clearTimeout(timer);
    const next = (i) => {
      set({ step: i });
      if (i < MAX_STEPS) timer = setTimeout(next, 400, i + 1);
    };
    next(1);
  };
  const another = () => {
    const examples = EXAMPLES[model.get("task")];
    const at = examples.indexOf(model.get("source"));
    set({ source: examples[(at + 1) % examples.length], step: MAX_STEPS });
  };
  const buttons = element(
    "div", { class: "attn-buttons" },
    button("Write it", write), button("Another", another), resetButton(model, names),
  );
  const content = [
    task.node,
    element("div", { class: "attn-settings" }, source.node, buttons),
    words.node,
    element("div", { class: "attn-readouts" }, sureness.node, attention.node),
    written,
    step.node,
    caption("The most probable tokens of step i"),
    likely,
    kind.node,
    head.node,
    switches.node,
    caption("A row is a token that asks, a column one that is asked; strong color is much weight"),
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
function run({ machine, tgt }, source, on) {
  const limits = { bos: BOS, eos: EOS, maxLen: MAX_STEPS, heads: on };
  const found = decodeGreedily(machine, source.map(({ number }) => number), limits);
  return {
    ...found,
    source: source.map(({ text }) => text),
    written: found.tokens.map((token) => (token === EOS ? "■" : tgt[token])),
  };
}

/** What each head contributes, 1 or 0, for the one layer of encoder and decoder. */
function headNumbers(heads, off) {
  const row = (kind) => heads.map((h) => (off.has(`${kind} ${h}`) ? 0 : 1));
  return { encoder: [row("encoder")], decoder: [[row("decoder"), row("cross")]] };
}

/** Rows of weights: those of one head, or the mean of all. */
function weightsOf({ encoder, self, cross }, { kind, head }) {
  if (self.length === 0) return [];
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

/** The names of rows and columns. A token of the decoder asks as the one that is written next. */
function labelsOf({ source, written = [] }, kind, i) {
  if (kind === "encoder") return { rows: source, columns: source };
  const rows = written.slice(0, i);
  return { rows, columns: kind === "cross" ? source : ["▸", ...written].slice(0, i) };
}

function whatIsSeen(found, i, off, view, task) {
  const { written, source, probabilities, tokens } = found;
  const row = weightsOf(found, { kind: "cross", head: view.kind === "cross" ? view.head : 0 })[i - 1];
  const top = row.indexOf(Math.max(...row));
  const who = view.kind === "cross" && view.head > 0 ? `head ${view.head}` : "mean of all heads";
  const without = off.size === 0 ? "" : ` with ${off.size} ${off.size === 1 ? "head" : "heads"} off`;
  const text = written.join("").replace("■", "");
  const token = tokens[i - 1] === EOS ? "■, the end mark" : `“${written[i - 1]}”`;
  const ended = tokens.at(-1) === EOS ? "" : " It does not come to an end.";
  const none = task === "dates" && !isDay(text) ? " That is no day of the calendar." : "";
  return (
    `The model writes “${text}”${without}.${ended}${none} ` +
    `Step ${i} is ${token}, with probability ${percent(probabilities[i - 1][tokens[i - 1]])}; ` +
    `the largest weight of cross-attention (${who}) is on “${source[top]}”, ${percent(row[top])}.`
  );
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

function drawLikely(svg, { tgt }, p, width) {
  const order = [...(p ?? []).keys()].sort((a, b) => p[b] - p[a]).slice(0, LIKELY);
  const scale = Math.max(0, width - MAP.left - 110);
  const parts = order.flatMap((token, k) => {
    const y = k * ROW;
    const name = token === EOS ? "■" : tgt[token];
    const end = MAP.left + p[token] * scale;
    return [
      shape("text", { class: "attn-digit", x: MAP.left - 10, y: y + 16, "text-anchor": "end" }, name),
      shape("rect", { class: "attn-bar", x: MAP.left, y: y + 4, width: end - MAP.left, height: ROW - 8 }),
      shape("text", { x: end + 8, y: y + 16 }, brief(p[token])),
    ];
  });
  svg.replaceChildren(...parts);
}

function drawMap(svg, rows, names, i, { kind }, width) {
  const w = Math.min((width - MAP.left) / Math.max(names.columns.length, 1), 60);
  const h = Math.min(MAP.height / Math.max(names.rows.length, 1), MAP.tallest);
  const size = Math.min(14, h + 2);
  const columns = names.columns.map((text, j) => {
    const at = [MAP.left + (j + 0.5) * w, MAP.top - 8];
    const turned = [...text].length > 1 ? { transform: `rotate(-60 ${at[0]} ${at[1]})` } : {};
    const anchor = turned.transform ? "start" : "middle";
    return shape("text", { x: at[0], y: at[1], "text-anchor": anchor, ...turned }, text);
  });
  const lines = names.rows.flatMap((text, k) => {
    const y = MAP.top + k * h;
    const style = `font-size: ${size}px`;
    const name = { x: MAP.left - 8, y: y + h / 2 + size / 3, "text-anchor": "end", style };
    const cells = names.columns.map((_, j) => {
      const weight = rows[k][j] ?? 0; // nothing that is written later
      const box = { x: MAP.left + j * w, y, width: w, height: h, opacity: weight.toFixed(3) };
      return shape("rect", { class: "attn-bar", "data-weight": weight, ...box });
    });
    const chosen = kind !== "encoder" && k === i - 1;
    const frame = { x: MAP.left, y, width: w * names.columns.length, height: h };
    const rim = chosen ? [shape("rect", { class: "attn-truth", ...frame })] : [];
    return [shape("text", name, text), ...cells, ...rim];
  });
  svg.replaceChildren(...columns, ...lines);
  move(svg, { "data-kind": kind });
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

function sourceField(set) {
  const input = element("input", {
    type: "text",
    "data-name": "source",
    "aria-label": "what the model reads",
    input: () => set({ source: input.value, step: MAX_STEPS }),
  });
  const show = (text) => {
    // Changing what is being typed would move the reader's cursor.
    if (input.value !== text) input.value = text;
  };
  const node = element("label", { class: "attn-field attn-source" }, element("span", {}, "read"), input);
  return { node, show };
}

export default { render };
