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
  toggle,
} from "../../widgets/js/controls.js";
import { paragraph, say } from "../../widgets/js/words.js";
import { browser, headSwitches, likelyTokens, textField, writtenTokens } from "./parts.js";
import { readTokens, remarksOn } from "./reading.js";
import { headsInUse, labelsOf, largest, weightMap, weightsOf } from "./weight_map.js";
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

/**
 * @import { Heads, PackedTransformer, Transformer, Sent, View } from "../../widgets/js/types.d.ts"
 * @import { Grammar } from "../../widgets/js/grammar.js"
 * @import { Readable } from "./reading.js"
 * @import { Kind } from "./weight_map.js"
 * @typedef {{
 *   bos: number, eos: number, end: string, never_written: number[], max_asked: number,
 *   grammar: Grammar,
 * }} Known
 * @typedef {{
 *   task: string, source: string, step: number, heads_off: string[], anyway: boolean,
 *   _models: Record<string, PackedTransformer & Readable & { tgt: string[] }>,
 * } & Sent<Known>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["task", "source", "step", "heads_off", "anyway"]);
  const { bos, eos, end, never_written, max_asked, grammar, limits } = model.get("_constants");
  const maxLen = limits.step.max;
  const models = Object.fromEntries(
    Object.entries(model.get("_models")).map(([name, packed]) => [
      name,
      { ...packed, machine: unpackTransformer(packed) },
    ]),
  );
  const remark = remarksOn(grammar, models.translation);
  const heads = Array.from({ length: models.dates.n_heads }, (_, h) => h + 1);
  // What the map shows is the page's own affair; head 0 is the mean of those in use. Of the
  // encoder's rows, which are not written one by one, none is looked at before one is chosen.
  const kind = local("kind", /** @type {Kind} */ ("cross"), () => draw());
  const head = local("head", "0", () => draw());
  const asking = local("asking", 0, () => draw());
  let writtenAt = 0; // the step that is being written, token by token, or none
  const read = (text) => {
    asking.set(0);
    assign(model, { source: text, step: maxLen });
  };
  const task = radios(
    {
      ...trait(model, "task"),
      set: (name) => {
        asking.set(0);
        assign(model, { task: name, source: EXAMPLES[name][0], step: maxLen });
      },
    },
    TEXT.task,
    TEXT.tasks,
  );
  const source = textField({ ...trait(model, "source"), set: read });
  const anyway = toggle(trait(model, "anyway"), TEXT.anyway);
  const known = browser(source);
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
  const goTo = (i) => assign(model, { step: i });
  const written = writtenTokens(goTo);
  const likely = likelyTokens(never_written);
  const map = weightMap((i) => (kind.get() === "encoder" ? asking.set(i) : goTo(i)));
  const sureness = readout("probability", TEXT.probability);
  const place = document.createTextNode("");
  const attention = readout("largest_weight", place);
  const words = sentence();
  let width = 0;

  function draw() {
    const now = models[model.get("task")];
    const { tokens, unknown, leftOut, message } = readTokens(now, model.get("source"));
    const off = new Set(model.get("heads_off"));
    const settings = { bos, eos, end, maxLen, heads: headNumbers(heads, off) };
    const asked = model.get("anyway") && tokens.length > 0 && tokens.length <= max_asked;
    const found = message && !asked ? NOTHING : run(now, tokens, settings);
    length = found.tokens.length;
    known.show(now);
    [task, step, kinds, headChoice, source, anyway, switches].forEach((one) => one.show());
    const i = Math.min(model.get("step"), found.tokens.length);
    if (i !== writtenAt) writtenAt = 0; // the reader has gone elsewhere, if only for a moment
    const writing = i === writtenAt && i < length; // what comes later is not there yet
    written.show(found, i, writing);
    likely.show(now, { eos, end }, found.probabilities[i - 1] ?? new Float64Array(), width);
    const shown = { kind: kind.get(), head: Number(head.get()), off, heads: heads.length };
    headChoice.node.querySelectorAll("label").forEach((label, h) => {
      label.dataset.off = String(off.has(`${shown.kind} ${h}`));
    });
    const rows = weightsOf(found, shown);
    const names = labelsOf(found, shown.kind);
    const row = shown.kind === "encoder" ? asking.get() : i;
    map.show(rows, names, row, shown, writing, width);
    const most = largest(rows, names, row);
    sureness.show(i > 0 ? found.probabilities[i - 1][found.tokens[i - 1]] : 0);
    place.data = row > 0 ? TEXT.largestInRow : TEXT.largest;
    attention.show(most.weight);
    const text = () =>
      paragraph(
        message,
        message && (unknown ? TEXT.askedUnknown : TEXT.asked),
        ...whatIsWritten(found, off, leftOut, model.get("task"), end),
        now.words && !message ? remark(found.source.join(" ")) : "",
        whatIsSeen(found, i, most, shown, headsInUse(shown).length > 0, end),
      );
    words.show(found === NOTHING ? message : text());
  }

  let timer;
  const writeIt = () => {
    clearTimeout(timer);
    const next = (i) => {
      writtenAt = i < length ? i : 0;
      assign(model, { step: i });
      draw();
      if (i < length) timer = setTimeout(goOn, 400, i + 1);
    };
    const goOn = (i) => writtenAt === i - 1 && next(i);
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
    asking.set(0);
  });
  const buttons = [button(TEXT.write, writeIt), button(TEXT.another, another), reset];
  const content = [
    task.node,
    settings([source], ...buttons),
    settings([anyway]),
    known.node,
    words.node,
    readouts([sureness, attention]),
    written.node,
    step.node,
    caption(TEXT.likelyCaption),
    likely.node,
    kinds.node,
    headChoice.node,
    switches.node,
    caption(say(TEXT.mapCaption, { start: START, end })),
    map.node,
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

export default { render };
