// Ten facts that can be changed, a question, and a bar for each hop beside each fact.
import { answer, neededFacts } from "./hops_mathematics.js";
import { unpack } from "../../widgets/js/packing.js";
import { assign, read, trait } from "../../widgets/js/bindings.js";
import {
  button,
  caption,
  chooser,
  mount,
  resetButton,
  sentence,
  settings,
} from "../../widgets/js/controls.js";
import { element, move } from "../../widgets/js/svg.js";
import { brief, paragraph, percent, say } from "../../widgets/js/words.js";

const SEEN = 0.005; // a weight below has no number

/**
 * @import { Binding, Packed, Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {{ facts: string[][], words: string[], places: string[], n_things: number, n_hops: number }} Known
 * @typedef {{ facts: number[], asked: string, fact: number, _model: Packed } & Sent<Known>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["facts", "asked", "fact"]);
  const known = model.get("_constants");
  const trained = unpack(model.get("_model"));
  const questions = known.limits.asked.values;
  const groups = [questions.slice(0, known.n_things), questions.slice(known.n_things)];
  const asked = chooser(trait(model, "asked"), TEXT.asked, groups, TEXT.groups);
  const sentences = known.facts.map(told);
  const taken = known.facts.filter(([did]) => did === "took").length;
  const kinds = [sentences.slice(0, taken), sentences.slice(taken)];
  /** @type {Binding<string>} */
  const chosen = {
    name: "chosen",
    get: () => sentences[model.get("facts")[model.get("fact")]],
    set: (words) =>
      assign(model, {
        facts: model.get("facts").with(model.get("fact"), sentences.indexOf(words)),
      }),
  };
  const change = chooser(chosen, TEXT.change, kinds, TEXT.kinds);
  const list = factList(model.get("facts").length, known.n_hops, (fact) => assign(model, { fact }));
  const words = sentence();

  function draw() {
    const now = read(model, names);
    /** @type {string[][]} */
    const story = now.facts.map((/** @type {number} */ number) => known.facts[number]);
    const numbers = story.map((fact) => fact.map((word) => known.words.indexOf(word)));
    const found = answer(trained, numbers, known.words.indexOf(now.asked), known.n_hops);
    const needed = neededFacts(story, now.asked, groups[0].includes(now.asked));
    asked.show();
    change.show();
    list.show(story.map(told), now.fact, found.weights);
    words.show(describe(now.asked, story, found, needed, known.places));
  }

  const another = () =>
    assign(model, {
      facts: model.get("facts").map(() => Math.floor(known.facts.length * Math.random())),
    });
  const content = [
    settings([asked]),
    caption(TEXT.caption),
    list.node,
    settings([change], button(TEXT.another, another), resetButton(model, names)),
    words.node,
  ];
  return mount(el, model, names, content, { layout: () => {}, draw });
}

/** A fact as a sentence. @param {string[]} fact */
function told([did, who, what]) {
  return say(did === "took" ? TEXT.took : TEXT.went, { who, what });
}

/**
 * A button for each fact, and beside it a bar for each hop.
 * @param {number} count
 * @param {number} nHops
 * @param {(fact: number) => void} press
 */
function factList(count, nHops, press) {
  const heads = [TEXT.facts, ...TEXT.hops].map((words) => element("span", {}, words));
  const rows = Array.from({ length: count }, (_, i) => {
    const name = element("button", { type: "button", class: "attn-fact", click: () => press(i) });
    const bars = Array.from({ length: nHops }, () => element("data", { class: "attn-hop" }));
    return { name, bars };
  });
  const parts = rows.flatMap(({ name, bars }) => [name, ...bars]);
  const node = element("div", { class: "attn-facts" }, ...heads, ...parts);
  /** @type {(said: string[], fact: number, weights: Float64Array[]) => void} */
  const show = (said, fact, weights) => {
    rows.forEach(({ name, bars }, i) => {
      name.textContent = said[i];
      move(name, { "aria-pressed": i === fact });
      bars.forEach((bar, hop) => {
        const weight = weights[hop][i];
        bar.textContent = weight < SEEN ? "" : brief(weight);
        move(bar, { value: weight, style: `--share: ${(100 * weight).toFixed(2)}%` });
      });
    });
  };
  return { node, show };
}

/**
 * @param {string} asked
 * @param {string[][]} story
 * @param {ReturnType<typeof answer>} found
 * @param {number[] | null} needed
 * @param {string[]} places
 */
function describe(asked, story, { weights, probabilities }, needed, places) {
  const most = (/** @type {Float64Array} */ shares) => shares.indexOf(Math.max(...shares));
  const [first, second] = weights.map((shares) => told(story[most(shares)]));
  const said = places[most(probabilities)];
  const right = needed && story[needed[needed.length - 1]][2];
  const filled = {
    asked,
    said,
    share: percent(Math.max(...probabilities)),
    right: right ?? "",
    first,
    second,
  };
  const verdict = right === null ? TEXT.unknown : right === said ? TEXT.right : TEXT.wrong;
  return paragraph(say(verdict, filled), say(TEXT.looks, filled));
}

const TEXT = {
  asked: "where is the",
  groups: ["a thing: two facts", "a person: one fact"],
  change: "make it",
  kinds: ["taking", "going"],
  caption:
    "The story, oldest fact first, and how much each hop reads of each; press one to change it",
  facts: "fact",
  hops: ["hop 1", "hop 2"],
  took: "the {who} took the {what}",
  went: "the {who} went to the {what}",
  another: "Another story",
  right: "Where is the {asked}? “{said}”, it says with {share}, and that is right.",
  wrong: "Where is the {asked}? “{said}”, it says with {share}; the right answer is “{right}”.",
  unknown:
    "The story doesn’t say where the {asked} is; the network says “{said}” all the same, with {share}.",
  looks: "The first hop looks most at “{first}”, the second at “{second}”.",
};

export default { render };
