// Click series one after the other: how what was watched is weighed, and what is expected next.
import { chancesOf, firstOf, seenOf, unpackModels, weightsOf } from "./mathematics.js";
import { assign, read, trait } from "../../widgets/js/bindings.js";
import {
  button,
  caption,
  mount,
  resetButton,
  sentence,
  settings,
  toggle,
} from "../../widgets/js/controls.js";
import { PLOT, element, move, picture, scale, shape } from "../../widgets/js/svg.js";
import { brief, paragraph, percent, plural, say } from "../../widgets/js/words.js";

const HEIGHT = 130;
const GROUND = 108;
const SHOWN = 5; // of what a method expects

/**
 * @import { Sent, View } from "../../widgets/js/types.d.ts"
 * @import { Method, Models, Sealed } from "./mathematics.js"
 * @typedef {{ decay: number, n_episodes: number, n_items: number, longest: number }} Fixed
 * @typedef {{ history: number[], shuffled: boolean }} State
 * @typedef {State & { _models: Sealed } & Sent<Fixed>} Traits
 * @typedef {{ item: number, chance: number }} First what a method puts first
 */

/** @type {Method[]} */
const METHODS = ["decay", "weights", "attention"];

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["history", "shuffled"]);
  const fixed = model.get("_constants");
  const models = unpackModels(model.get("_models"));
  const shuffled = toggle(trait(model, "shuffled"), TEXT.shuffle);
  const words = sentence();
  const view = picture(TEXT.picture, { height: HEIGHT });
  const lists = METHODS.map((method) => expectation(method));
  const series = Array.from({ length: fixed.n_items / fixed.n_episodes }, (_, s) =>
    button(letter(s), () => watch(s)),
  );
  let width = 0;

  function draw() {
    const now = read(model, names);
    const seen = seenOf(now);
    shuffled.show();
    series.forEach((each, s) => {
      const next = nextOf(s, now.history, fixed);
      const full = now.history.length === fixed.longest;
      each.disabled = full || next === null;
      move(each, {
        "aria-label":
          next === null
            ? say(TEXT.over, { series: letter(s) })
            : say(TEXT.watch, { episode: title(next, fixed) }),
      });
    });
    drawWeights(view, { seen, models, width, fixed });
    const firsts = METHODS.map((method, i) => {
      const chances = chancesOf(method, seen, models, fixed);
      const items = firstOf(chances, SHOWN);
      lists[i].show(items, chances, fixed);
      return items.length > 0 ? { item: items[0], chance: chances[items[0]] } : null;
    });
    words.show(describe(now, firsts, fixed));
  }

  /** The next episode of a series. @param {number} s */
  function watch(s) {
    const history = model.get("history");
    const next = nextOf(s, history, fixed);
    if (next !== null) assign(model, { history: [...history, next] });
  }

  const back = button(TEXT.back, () =>
    assign(model, { history: model.get("history").slice(0, -1) }),
  );
  const clear = button(TEXT.clear, () => assign(model, { history: [] }));
  const keypad = { class: "attn-series", role: "group", "aria-label": TEXT.keypad };
  const content = [
    caption(TEXT.caption),
    view,
    element("div", { class: "attn-expected" }, ...lists.map(({ node }) => node)),
    element("div", keypad, ...series),
    settings([shuffled], back, clear, resetButton(model, names)),
    words.node,
  ];
  const layout = (/** @type {number} */ next) => (width = next);
  return mount(el, model, names, content, { layout, draw });
}

/** @param {number} s */
const letter = (s) => String.fromCharCode(65 + s);

/** An episode's name. @type {(item: number, fixed: Fixed) => string} */
const title = (item, { n_episodes }) =>
  `${letter(Math.floor(item / n_episodes))}${(item % n_episodes) + 1}`;

/** The first episode of a series after all that was watched of it; none behind the last.
 * @type {(s: number, history: number[], fixed: Fixed) => number | null} */
function nextOf(s, history, { n_episodes }) {
  const own = history.filter((item) => Math.floor(item / n_episodes) === s);
  const next = own.length === 0 ? s * n_episodes : Math.max(...own) + 1;
  return next < (s + 1) * n_episodes ? next : null;
}

/** What one method expects, as a list with bars. @param {Method} method */
function expectation(method) {
  const list = element("ol", { "aria-label": TEXT.methods[method] });
  const node = element("div", {}, element("p", {}, TEXT.methods[method]), list);
  /** @type {(items: number[], chances: Float64Array, fixed: Fixed) => void} */
  const show = (items, chances, fixed) => {
    list.replaceChildren(
      ...items.map((item) => {
        // A bar is compared with the longest of its list: those of counts are all short.
        const bar = element("i", { style: `width: ${(100 * chances[item]) / chances[items[0]]}%` });
        const share = element("data", { value: chances[item] }, brief(chances[item]));
        const data = { "data-item": item };
        return element(
          "li",
          data,
          title(item, fixed),
          element("span", { class: "attn-share" }, bar, share),
        );
      }),
    );
  };
  return { node, show };
}

/**
 * What was watched, and above it the learned weights, and in outline those of the decay.
 * @param {SVGElement} view
 * @param {{ seen: number[], models: Models, width: number, fixed: Fixed }} state
 */
function drawWeights(view, { seen, models, width, fixed }) {
  const places = Math.max(seen.length, 6); // a single episode need not be as wide as the picture
  const x = scale([-0.5, places - 0.5], [PLOT.left - 24, width - PLOT.right]);
  const weights = {
    weights: weightsOf("weights", seen.length, models, fixed.decay),
    decay: weightsOf("decay", seen.length, models, fixed.decay),
  };
  const largest = Math.max(0.5, ...weights.weights, ...weights.decay);
  const y = scale([0, largest], [GROUND, 8]);
  const room = Math.min(34, x(1) - x(0));
  const bars = (/** @type {"decay" | "weights"} */ method, /** @type {string} */ look) =>
    weights[method].map((weight, t) =>
      shape("rect", {
        class: look,
        "data-weight": weight,
        x: x(t) - 0.35 * room,
        width: 0.7 * room,
        y: y(weight),
        height: GROUND - y(weight),
      }),
    );
  const labels = seen.map((item, t) => {
    const low = seen.length > 12 && t % 2 === 1 ? 12 : 0; // names of many stand in two rows
    const place = { x: x(t), y: GROUND + 12 + low / 1.3, "text-anchor": "middle" };
    return shape("text", place, title(item, fixed));
  });
  const ground = { x1: x(-0.5), x2: x(places - 0.5), y1: GROUND, y2: GROUND };
  view.replaceChildren(
    shape("line", { class: "attn-grid", ...ground }),
    ...bars("weights", "attn-bar"),
    ...bars("decay", "attn-decay"),
    ...labels,
  );
}

/** @type {(now: State, firsts: (First | null)[], fixed: Fixed) => string} */
function describe({ history, shuffled }, firsts, fixed) {
  const [decay, weights, attention] = firsts.map((first) =>
    first === null
      ? TEXT.nothing
      : say(TEXT.first, { episode: title(first.item, fixed), share: percent(first.chance) }),
  );
  if (history.length === 0) return TEXT.empty;
  const end = history.length === fixed.longest ? TEXT.full : "";
  const order = shuffled ? TEXT.mixed : "";
  const places = { count: history.length, decay, weights, attention };
  return paragraph(order, say(TEXT.after[plural(history.length)], places), end);
}

const TEXT = {
  shuffle: "shuffle what they are told",
  back: "Take back",
  clear: "Clear",
  keypad: "Watch the next episode of a series",
  watch: "Watch {episode}",
  over: "Series {series} is over",
  methods: {
    decay: "Counts, weighed by decay",
    weights: "Counts, learned weights",
    attention: "Attention, own vectors",
  },
  caption:
    "What was watched, the newest at the right: filled bars are the learned weights, outlines those of the decay. Below, what each method expects next, each list with a scale of its own",
  picture: "A bar above each episode that was watched, as high as its weight.",
  first: "{episode} ({share})",
  nothing: "nothing",
  empty:
    "Nobody has watched anything, so there is nothing to weigh. Press a letter to watch the first episode of a series.",
  full: "These are as many as the weights reach back: take one back to go on.",
  mixed: "The methods are told of the same episodes in another order.",
  after: {
    one: "After one evening, counts weighed by decay put first {decay}, counts with learned weights {weights}, and attention with vectors of its own {attention}.",
    other:
      "After {count} evenings, counts weighed by decay put first {decay}, counts with learned weights {weights}, and attention with vectors of its own {attention}.",
  },
};

export default { render };
