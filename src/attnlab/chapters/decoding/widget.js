// A beam, stepped by hand through a trained model: a tree of beginnings, and what is left of it.
import { searchByBeam, speaker } from "./mathematics.js";
import { beamTree, spokenBy, write } from "./tree.js";
import { unpackTransformer } from "../../widgets/js/transformer.js";
import { assign, local, read, trait } from "../../widgets/js/bindings.js";
import {
  button,
  caption,
  chooser,
  evenly,
  mount,
  radioInputs,
  readout,
  readouts,
  resetButton,
  sentence,
  settings,
  slider,
} from "../../widgets/js/controls.js";
import { element, move } from "../../widgets/js/svg.js";
import { decimals, paragraph, plural, say } from "../../widgets/js/words.js";

/**
 * @import { PackedTransformer, Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {{ bos: number, eos: number, end: string, words: string[], sources: Record<string, number> }} Known
 * @typedef {{
 *   topic: string, beams: number, length_penalty: number, steps: number, _model: PackedTransformer,
 * } & Sent<Known>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["topic", "beams", "length_penalty", "steps"]);
  const machine = unpackTransformer(model.get("_model"));
  const { bos, eos, end, words, sources, limits } = model.get("_constants");
  const called = words.map((word, token) => (token === eos ? end : word));
  const topic = chooser(trait(model, "topic"), TEXT.topic, [limits.topic.values]);
  const whole = evenly({ page: 4 });
  const sliders = [
    slider(trait(model, "beams"), { letter: "K", meaning: TEXT.sliders.beams, ...whole }),
    slider(trait(model, "length_penalty"), {
      letter: "α",
      meaning: TEXT.sliders.length_penalty,
      ...evenly({ step: 0.05, page: 0.25 }),
    }),
    slider(trait(model, "steps"), { letter: "t", meaning: TEXT.sliders.steps, ...whole }),
  ];
  const shown = ["log_p", "score", "words"].map((name) => readout(name, TEXT.readouts[name]));
  const picked = local("picked", 0, () => draw()); // which beam is looked at, the best is 0
  const list = beamList(limits.beams.max, picked);
  const tree = beamTree((place) => picked.set(place));
  const live = sentence();
  const speakers = {}; // by topic
  let width = 0;

  function draw() {
    const { topic: about, beams, length_penalty: alpha, steps } = read(model, names);
    const said = (speakers[about] ??= speaker(machine, [sources[about]], bos));
    const rows = searchByBeam(said, { eos, beams, alpha, steps });
    const found = rows[rows.length - 1].map((beam, place) => {
      const spoken = spokenBy(rows, place).filter((token) => token !== eos);
      return { ...beam, text: spoken.map((token) => words[token]).join(" "), n: spoken.length };
    });
    const at = Math.min(picked.get(), found.length - 1);
    [...sliders, topic].forEach((control) => control.show());
    shown[0].show(found[0].logP);
    shown[1].show(found[0].score);
    shown[2].show(found[0].n);
    step.disabled = steps === limits.steps.max || found.every((beam) => beam.ended);
    tree.show(rows, at, [about, called], width);
    list.show(found, at, end);
    move(list.node, { "data-penalized": alpha > 0 });
    live.show(describe(found, at));
  }

  const step = button(TEXT.step, () =>
    assign(model, { steps: Math.min(limits.steps.max, model.get("steps") + 1) }),
  );
  const reset = resetButton(model, names);
  reset.addEventListener("click", () => picked.set(0));
  const content = [
    readouts(shown),
    ...sliders.map((one) => one.node),
    settings([topic], step, reset),
    caption(say(TEXT.treeCaption, { end })),
    tree.node,
    caption(TEXT.listCaption),
    list.node,
    live.node,
  ];
  return mount(el, model, names, content, { layout: (next) => (width = next), draw });
}

/** @type {(found: { text: string, n: number, ended: boolean }[], at: number) => string} */
function describe(found, at) {
  const [best, looked] = [found[0], found[at]];
  if (best.n === 0 && !best.ended) return TEXT.nothing;
  const places = { text: looked.text, n: looked.n, rank: at + 1, of: found.length };
  const which = at === 0 ? TEXT.best : TEXT.other;
  const ended = found.filter((beam) => beam.ended).length;
  const fate = ended === found.length ? TEXT.allEnded : TEXT.ended[plural(ended)];
  return paragraph(say(which[plural(looked.n)], places), say(fate, { ended }));
}

/** The beams in words, the best first; one of them is looked at. */
function beamList(most, picked) {
  const { inputs } = radioInputs(
    picked,
    Array.from({ length: most }, (_, k) => k),
  );
  const rows = inputs.map((input) => {
    const text = element("span");
    const numbers = ["n", "logP", "score"].map((name) => ({ name, cell: element("td") }));
    const label = element("td", {}, element("label", {}, input, text));
    const node = element("tr", {}, label, ...numbers.map(({ cell }) => cell));
    return { node, input, text, numbers };
  });
  const head = TEXT.columns.map((name) => element("th", { scope: "col" }, name));
  const table = element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...rows.map(({ node }) => node)),
  );
  const show = (found, at, end) =>
    rows.forEach(({ node, input, text, numbers }, k) => {
      node.hidden = k >= found.length;
      if (node.hidden) return;
      const beam = found[k];
      input.checked = k === at;
      move(node, { "data-chosen": k === at });
      write(text, say(beam.ended ? TEXT.whole : TEXT.part, { text: beam.text, end }).trim());
      numbers.forEach(({ name, cell }) => {
        write(cell, name === "n" ? String(beam.n) : decimals(beam[name]));
        move(cell, { "data-beam": name, "data-value": beam[name] });
      });
    });
  return { node: element("div", { class: "attn-list" }, table), show };
}

const TEXT = {
  topic: "topic",
  sliders: { beams: "width of the beam", length_penalty: "length penalty", steps: "steps" },
  step: "Step",
  readouts: { log_p: "best beam, log p", score: "its score", words: "its words" },
  treeCaption:
    "Every beginning, step by step; the thicker a line, the more probable the word at its end, and {end} is an end. Faint: dropped. Press one to follow it.",
  listCaption: "What the beam holds now, the best first",
  columns: ["sentence", "words", "log p", "score"],
  whole: "{text} {end}",
  part: "{text} …",
  nothing: "Nothing has been written yet.",
  best: {
    one: "The best of {of} is “{text}”, {n} word.",
    other: "The best of {of} is “{text}”, {n} words.",
  },
  other: {
    one: "Number {rank} of {of} is “{text}”, {n} word.",
    other: "Number {rank} of {of} is “{text}”, {n} words.",
  },
  ended: { one: "{ended} beam has ended.", other: "{ended} beams have ended." },
  allEnded: "All beams have ended.",
};

export default { render };
