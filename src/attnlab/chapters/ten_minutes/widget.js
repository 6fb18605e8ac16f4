// A sentence whose last word asks: arcs to what it reads, as thick as much is read.
import { ask, prepare } from "./mathematics.js";
import { read, trait } from "../../widgets/js/bindings.js";
import {
  caption,
  chooser,
  mount,
  plainKey,
  resetButton,
  sentence,
  settings,
  toggle,
} from "../../widgets/js/controls.js";
import { element, move, shape } from "../../widgets/js/svg.js";
import { brief, paragraph, percent, say } from "../../widgets/js/words.js";

const THICKEST = 16; // pixels, for a weight of 1
const SEEN = 0.005; // a weight below has neither an arc nor a number
const NARROW = 600; // pixels, below which a sentence takes two lines
const BREAK = 6; // words before “because”, where a narrow page goes on below
const ARC = { least: 34, rise: 0.42, most: 178 };

/**
 * @import { Binding, Limited, Packed, Part, Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {{ words: string[], frames: string[], n_of_animals: number, held_out: [string, string][] }} Known
 * @typedef {{
 *   adjective: string, animal: string, place: string, place_first: boolean, _model: Packed,
 * } & Sent<Known>} Traits
 * @typedef {{ left: number, right: number, top: number, bottom: number }} Box
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["adjective", "animal", "place", "place_first"]);
  const known = model.get("_constants");
  const adjectives = known.limits.adjective.values;
  const groups = [adjectives.slice(0, known.n_of_animals), adjectives.slice(known.n_of_animals)];
  const trained = prepare(model.get("_model"));
  const asking = trait(model, "adjective");
  const controls = [
    chooser(asking, TEXT.adjective, groups, TEXT.groups),
    chooser(trait(model, "animal"), TEXT.animal, [known.limits.animal.values]),
    chooser(trait(model, "place"), TEXT.place, [known.limits.place.values]),
    toggle(trait(model, "place_first"), TEXT.placeFirst),
  ];
  const drawing = arcs(known.frames[0].split(" ").length, asking, groups);
  const words = sentence();

  function draw() {
    const now = read(model, names);
    const said = known.frames[Number(now.place_first)]
      .replace("{animal}", now.animal)
      .replace("{place}", now.place)
      .replace("{adjective}", now.adjective)
      .split(" ");
    const tokens = said.map((word) => known.words.indexOf(word));
    const { weights, probabilities } = ask(trained, tokens);
    const answer = probabilities.indexOf(Math.max(...probabilities));
    controls.forEach((control) => control.show());
    drawing.show(said, weights);
    words.show(describe(now, said, weights, known.words[answer], known));
  }

  const content = [
    caption(TEXT.caption),
    drawing.node,
    words.node,
    settings(controls, resetButton(model, names)),
  ];
  return mount(el, model, names, content, { layout: drawing.layout, draw });
}

/**
 * The words, of which the last can be pressed, and an arc from it to each.
 * @param {number} count
 * @param {Limited<string>} asking
 * @param {string[][]} groups
 */
function arcs(count, asking, groups) {
  const last = count - 1;
  const names = Array.from({ length: count }, () => element("span", { class: "attn-said" }));
  const shares = names.map(() => element("data", { class: "attn-share" }));
  const press = wordButton(asking, groups, names[last]);
  const ending = element("span", {}, press, TEXT.end);
  const parts = names.map((name, i) =>
    element("span", { class: "attn-read" }, i === last ? ending : name, shares[i]),
  );
  const clauses = [parts.slice(0, BREAK), parts.slice(BREAK)].map((clause) =>
    element("span", { class: "attn-clause" }, ...clause),
  );
  const lines = names.map(() => shape("path", { class: "attn-reads", pathLength: 1 }));
  const svg = shape("svg", { "aria-hidden": "true" }, ...lines);
  const node = element("div", { class: "attn-asks" }, svg, ...clauses);

  function place() {
    const [first, second] = clauses.map((clause) => clause.offsetTop);
    move(node, { "data-folded": first !== second });
    const boxes = parts.map(boxOf);
    const from = { ...boxes[last], bottom: boxes[last].top };
    lines.forEach((line, i) => move(line, { d: arc(from, boxes[i]) }));
  }

  // A word gets another width when it is another word, and when the page's font arrives.
  const resize = new ResizeObserver(place);
  clauses.forEach((clause) => resize.observe(clause));
  const layout = (/** @type {number} */ width) =>
    move(node, { style: `--width: ${width}px; --size: ${sizeIn(width)}px` });

  /** @type {(said: string[], weights: Float64Array) => void} */
  function show(said, weights) {
    said.forEach((word, i) => {
      const [share, name] = [weights[i], i === 0 ? capitalized(word) : word];
      if (names[i].textContent !== name) names[i].textContent = name;
      shares[i].textContent = share < SEEN ? "" : brief(share);
      move(shares[i], { value: share });
      move(parts[i], { style: `--share: ${share.toFixed(4)}` });
      const drawn = share < SEEN ? 0 : 1;
      const style = `stroke-width: ${(THICKEST * share).toFixed(2)}; stroke-dashoffset: ${1 - drawn}`;
      move(lines[i], { style, "data-weight": share });
    });
    place();
  }
  return { node, layout, show };
}

/**
 * The word that asks: pressed, it is said of the other noun; arrow keys go through all of them.
 * @type {(asking: Limited<string>, groups: string[][], name: HTMLElement) => HTMLButtonElement}
 */
function wordButton(asking, groups, name) {
  const all = groups.flat();
  const by = (/** @type {number} */ step) => {
    const next = all.indexOf(asking.get()) + step;
    asking.set(all[(next + all.length) % all.length]);
  };
  /** @type {Record<string, number>} */
  const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
  return element(
    "button",
    {
      type: "button",
      class: "attn-asking",
      title: TEXT.press,
      click: () => by(groups[0].length),
      keydown: (/** @type {KeyboardEvent} */ event) => {
        if (!(plainKey(event) in steps)) return;
        event.preventDefault();
        by(steps[plainKey(event)]);
      },
    },
    name,
  );
}

/** Of the type, in pixels: the longest sentence fits on one line, or on two where it is narrow. */
const sizeIn = (/** @type {number} */ width) =>
  width < NARROW ? Math.min(16, width / 20) : Math.min(22, width / 32);

/** Where a word stands in the picture. @param {HTMLElement} node @returns {Box} */
function boxOf({ offsetLeft, offsetTop, offsetWidth, offsetHeight }) {
  return {
    left: offsetLeft,
    right: offsetLeft + offsetWidth,
    top: offsetTop,
    bottom: offsetTop + offsetHeight,
  };
}

/**
 * From the top of the word that asks: over words of its own line, up to those of a line above it,
 * and in a loop to itself.
 * @type {(from: Box, to: Box) => string}
 */
function arc(from, to) {
  const [x, end] = [from, to].map(({ left, right }) => (left + right) / 2);
  if (to.top < from.top) {
    const middle = (from.top + to.bottom) / 2;
    return `M${x} ${from.top}C${x} ${middle} ${end} ${middle} ${end} ${to.bottom}`;
  }
  const spread = x === end ? 10 : 0;
  const height = Math.min(ARC.most, ARC.least + ARC.rise * Math.abs(end - x));
  const y = from.top - height;
  return `M${x + spread} ${from.top}C${x + spread} ${y} ${end - spread} ${y} ${end - spread} ${to.top}`;
}

/** @param {string} word */
const capitalized = (word) => word[0].toUpperCase() + word.slice(1);

/**
 * @param {Pick<Traits, "adjective" | "animal" | "place">} now
 * @param {string[]} said
 * @param {Float64Array} weights
 * @param {string} answer
 * @param {Known & Traits["_constants"]} known
 */
function describe({ adjective, animal, place }, said, weights, answer, known) {
  const ofAnimal = known.limits.adjective.values.indexOf(adjective) < known.n_of_animals;
  const meant = ofAnimal ? animal : place;
  const most = weights.indexOf(Math.max(...weights));
  const isNew = known.held_out.some(([noun, word]) => noun === meant && word === adjective);
  const places = {
    adjective,
    answer,
    meant,
    word: said[most],
    share: percent(weights[most]),
  };
  return paragraph(
    say(TEXT.reads, places),
    say(answer === meant ? TEXT.right : TEXT.wrong, places),
    isNew ? say(TEXT.isNew, places) : "",
  );
}

const TEXT = {
  caption:
    "The last word asks; the thicker an arc, the more it reads there. Press the word to change it.",
  press: "Press, and another word asks. Arrow keys go through all sixteen.",
  end: ".",
  adjective: "last word",
  groups: ["said of animals", "said of places"],
  animal: "animal",
  place: "place",
  placeFirst: "place first",
  reads: "“{adjective}” puts {share} of its weight on “{word}”.",
  right: "The model says: the {answer} is too {adjective}.",
  wrong: "The model says: the {answer} is too {adjective}. It should be the {meant}.",
  isNew: "In training it never met “{adjective}” said of “{meant}”.",
};

export default { render };
