// Two trained Transformers: type a sentence or a date, and watch it being written, head by head.
import { decodeGreedily, unpackTransformer } from "../../widgets/js/transformer.js";
import { assign, local, trait } from "../../widgets/js/bindings.js";
import {
  button,
  caption,
  mount,
  radios,
  readout,
  readouts,
  resetButton,
  sentence,
  settings,
  slider,
} from "../../widgets/js/controls.js";
import { heatMap } from "../../widgets/js/heat_map.js";
import { element, picture, shape } from "../../widgets/js/svg.js";
import { paragraph, say } from "../../widgets/js/words.js";
import { readTokens } from "./reading.js";
import { drawMap, labelsOf, largest, weightsOf } from "./weight_map.js";
import { START, TEXT, whatIsSeen, whatIsWritten } from "./words.js";

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
const LIKELY = { count: 5, row: 22, left: 64, right: 110 }; // tokens with their probabilities

/**
 * @import { Heads, PackedTransformer, Transformer, Sent, View } from "../../widgets/js/types.d.ts"
 * @import { Readable } from "./reading.js"
 * @import { Kind } from "./weight_map.js"
 * @typedef {{
 *   task: string, source: string, step: number, heads_off: string[],
 *   _models: Record<string, PackedTransformer & Readable & { tgt: string[] }>,
 * } & Sent<{ bos: number, eos: number, end: string }>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["task", "source", "step", "heads_off"]);
  const { bos, eos, end, limits } = model.get("_constants");
  const maxLen = limits.step.max;
  const models = Object.fromEntries(
    Object.entries(model.get("_models")).map(([name, packed]) => [
      name,
      { ...packed, machine: unpackTransformer(packed) },
    ]),
  );
  const heads = Array.from({ length: models.dates.n_heads }, (_, h) => h + 1);
  // What the map shows is the page's own affair; head 0 is the mean of all.
  const kind = local("kind", /** @type {Kind} */ ("cross"), () => draw());
  const head = local("head", "0", () => draw());
  const view = () => ({ kind: kind.get(), head: Number(head.get()) });
  const read = (text) => assign(model, { source: text, step: maxLen });
  const task = radios(
    {
      ...trait(model, "task"),
      set: (name) => assign(model, { task: name, source: EXAMPLES[name][0], step: maxLen }),
    },
    TEXT.task,
    TEXT.tasks,
  );
  const source = textField({ ...trait(model, "source"), set: read });
  let length = maxLen; // of what the model writes, at whose end the slider ends
  const last = () => Math.max(1, length);
  const step = slider(trait(model, "step"), {
    letter: "i",
    meaning: TEXT.step,
    track: (i) => (i < last() ? (i - 1) / (last() - 1) : 1),
    value: (place) => 1 + Math.round(place * (last() - 1)),
    nudge: (now, sign, page) => Math.min(now, last()) + sign * (page ? 4 : 1),
    text: (i) => say(TEXT.steps, { i: Math.min(i, length), length }),
  });
  const kinds = radios(kind, TEXT.kind, TEXT.kinds);
  const each = Object.fromEntries(heads.map((h) => [h, String(h)]));
  const headChoice = radios(head, TEXT.head, { 0: TEXT.mean, ...each });
  const switches = headSwitches(model, heads, kind);
  const written = element("div", { class: "attn-written" });
  const likely = picture(TEXT.likely, { height: LIKELY.count * LIKELY.row });
  const map = heatMap();
  const grid = picture(TEXT.map, {}, map.node);
  const sureness = readout("probability", TEXT.probability);
  const place = document.createTextNode("");
  const attention = readout("largest_weight", place);
  const words = sentence();
  let width = 0;

  function draw() {
    const now = models[model.get("task")];
    const { tokens, leftOut, message } = readTokens(now, model.get("source"));
    const off = new Set(model.get("heads_off"));
    const settings = { bos, eos, end, maxLen, heads: headNumbers(heads, off) };
    const found = message ? NOTHING : run(now, tokens, settings);
    length = found.tokens.length;
    [task, step, kinds, headChoice, source, switches].forEach((one) => one.show());
    const i = Math.min(model.get("step"), found.tokens.length);
    drawWritten(written, found, i);
    drawLikely(likely, now, { eos, end }, found.probabilities[i - 1], width);
    const shown = view();
    const rows = weightsOf(found, shown);
    const names = labelsOf(found, shown.kind);
    drawMap(grid, map, rows, names, i, shown, width);
    const most = largest(rows, names, shown, i);
    sureness.show(i > 0 ? found.probabilities[i - 1][found.tokens[i - 1]] : 0);
    place.data = shown.kind === "encoder" ? TEXT.largest : TEXT.largestInRow;
    attention.show(most.weight);
    const text = () =>
      paragraph(
        ...whatIsWritten(found, off, leftOut, model.get("task"), end),
        whatIsSeen(found, i, most, shown, end),
      );
    words.show(message || text());
  }

  let timer;
  const writeIt = () => {
    clearTimeout(timer);
    const next = (i) => {
      assign(model, { step: i });
      if (i < maxLen) timer = setTimeout(goOn, 400, i + 1);
    };
    // Not if the reader has gone to another step meanwhile, or to another source.
    const goOn = (i) => model.get("step") === i - 1 && next(i);
    next(1);
  };
  const another = () => {
    const examples = EXAMPLES[model.get("task")];
    const at = examples.indexOf(model.get("source"));
    read(examples[(at + 1) % examples.length]);
  };
  const reset = resetButton(model, names);
  reset.addEventListener("click", () => {
    kind.set("cross");
    head.set("0");
  });
  const buttons = [button(TEXT.write, writeIt), button(TEXT.another, another), reset];
  const content = [
    task.node,
    settings([source], ...buttons),
    words.node,
    readouts([sureness, attention]),
    written,
    step.node,
    caption(TEXT.likelyCaption),
    likely,
    kinds.node,
    headChoice.node,
    switches.node,
    caption(say(TEXT.mapCaption, { start: START, end })),
    grid,
  ];
  const layout = (next) => (width = next);
  const unmount = mount(el, model, names, content, { layout, draw });
  return () => {
    clearTimeout(timer);
    unmount();
  };
}

/** @type {ReturnType<typeof run>} */
const NOTHING = {
  source: [],
  written: [],
  tokens: [],
  probabilities: [],
  encoder: [],
  self: [],
  cross: [],
};

/**
 * What the model writes, in words, and the weights of its one layer.
 * @param {Readable & { machine: Transformer, tgt: string[] }} model
 * @param {{ text: string, number: number }[]} source
 * @param {{ bos: number, eos: number, end: string, maxLen: number, heads: Heads }} settings
 */
function run({ machine, tgt }, source, settings) {
  const found = decodeGreedily(
    machine,
    source.map(({ number }) => number),
    settings,
  );
  return {
    ...found,
    source: source.map(({ text }) => text),
    written: found.tokens.map((token) => (token === settings.eos ? settings.end : tgt[token])),
  };
}

/** What each head contributes, 1 or 0, for the one layer of encoder and decoder. */
function headNumbers(heads, off) {
  const row = (kind) => heads.map((h) => (off.has(`${kind} ${h}`) ? 0 : 1));
  return { encoder: [row("encoder")], decoder: [[row("decoder"), row("cross")]] };
}

/** A percentage in little room. */
const brief = (p) => (p > 0.9995 ? TEXT.almostAll : `${(100 * p).toFixed(1)}%`);

function drawWritten(node, { written, probabilities, tokens }, i) {
  const parts = written.slice(0, i).map((text, k) => {
    const p = probabilities[k][tokens[k]];
    const share = element("small", { "data-probability": p }, brief(p));
    return element("span", { "data-token": text, "data-chosen": k === i - 1 }, text, share);
  });
  node.replaceChildren(...parts);
}

function drawLikely(svg, { tgt }, { eos, end }, p, width) {
  const order = [...(p ?? []).keys()].sort((a, b) => p[b] - p[a]).slice(0, LIKELY.count);
  const scale = Math.max(0, width - LIKELY.left - LIKELY.right);
  const parts = order.flatMap((token, k) => {
    const [x, y] = [LIKELY.left, k * LIKELY.row];
    const name = token === eos ? end : tgt[token];
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
function headSwitches(model, heads, kind) {
  const nameOf = (h) => `${kind.get()} ${h}`;
  const inputs = heads.map((h) =>
    element("input", {
      type: "checkbox",
      "data-name": `head-${h}`,
      change: ({ target }) => {
        const others = model.get("heads_off").filter((each) => each !== nameOf(h));
        assign(model, { heads_off: target.checked ? others : [...others, nameOf(h)] });
      },
    }),
  );
  const labels = inputs.map((input, k) => element("label", {}, input, String(heads[k])));
  const legend = element("legend", {}, TEXT.inUse);
  const node = element("fieldset", { class: "attn-choice" }, legend, ...labels);
  const isOn = (h) => !model.get("heads_off").includes(nameOf(h));
  return { node, show: () => inputs.forEach((input, k) => (input.checked = isOn(heads[k]))) };
}

function textField(bound) {
  const input = element("input", {
    type: "text",
    "data-name": bound.name,
    "aria-label": TEXT.source,
    input: () => bound.set(input.value),
  });
  const show = () => {
    // Changing what is being typed would move the reader's cursor.
    if (input.value !== bound.get()) input.value = bound.get();
  };
  const kind = { class: "attn-field attn-source" };
  return { node: element("label", kind, element("span", {}, TEXT.read), input), show };
}

export default { render };
