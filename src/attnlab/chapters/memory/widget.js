// A walk through a T-shaped maze: what is right in front, and the weights on all that was seen.
import { attend, carry, sightsOf } from "./mathematics.js";
import { assign, read, trait } from "../../widgets/js/bindings.js";
import {
  button,
  caption,
  evenly,
  mount,
  plainKey,
  radios,
  readout,
  readouts,
  resetButton,
  sentence,
  settings,
  slider,
} from "../../widgets/js/controls.js";
import { unpack } from "../../widgets/js/packing.js";
import { PLOT, element, move, path, picture, put, scale, shape } from "../../widgets/js/svg.js";
import { brief, paragraph, percent, plural, say } from "../../widgets/js/words.js";

const PICTURE = { height: 150, ground: 112, corridor: 130 };
const BARS = [0, 1]; // weights from the ground to the top

/**
 * @import { Packed, Sent, View } from "../../widgets/js/types.d.ts"
 * @import { Fixed, Maze } from "./mathematics.js"
 * @typedef {Maze & { at: number, bumps: number, turned: string }} State
 * @typedef {State & { _policies: Record<string, Packed> } & Sent<Fixed>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["length", "at", "sign", "maze", "bumps", "turned"]);
  const fixed = model.get("_constants");
  const [attention, gru] = ["attention", "gru"].map((kind) => unpack(model.get("_policies")[kind]));
  const length = slider(restarting(model, "length"), {
    letter: "L",
    meaning: TEXT.length,
    ...evenly({ page: 10 }),
  });
  const at = slider(restarting(model, "at"), {
    letter: "t",
    meaning: TEXT.at,
    ...evenly({ page: 10 }),
    text: (now) => String(Math.min(now, model.get("length") + 1)),
  });
  const sign = radios(trait(model, "sign"), TEXT.sign, TEXT.signs);
  const onSign = share("on_sign", TEXT.onSign);
  const right = [share("right_attention", TEXT.rightAttention), share("right_gru", TEXT.rightGru)];
  const collected = readout("collected", TEXT.collected);
  const words = sentence();
  const view = picture(TEXT.picture, { height: PICTURE.height });
  let width = 0;

  function draw() {
    const now = read(model, names);
    const seen = sightsOf(now, fixed);
    [length, at, sign].forEach((control) => control.show());
    collected.show(returned(now, fixed.bump));
    if (now.length === 0) {
      [onSign, ...right].forEach((number) => number.show(NaN));
      view.replaceChildren();
      words.show(TEXT.empty);
      return;
    }
    const step = Math.min(now.at, now.length + 1);
    const past = seen.slice(0, step + 1);
    const { weights, chances } = attend(attention, past);
    const wanted = step > now.length ? fixed.signs[now.sign] : fixed.forward;
    const both = [chances[wanted], carry(gru, past)[wanted]];
    onSign.show(weights[0]);
    right.forEach((number, i) => number.show(both[i]));
    drawWalk(view, { seen, step, weights, width });
    words.show(describe(now, step, { weight: weights[0], both }));
  }

  /** One action of the reader's. @param {string} action */
  function walk(action) {
    const { length: end, at: before, bumps, turned } = read(model, names);
    const step = Math.min(before, end + 1);
    if (end === 0 || turned !== "no") return;
    if (step > end && action !== "forward") return assign(model, { turned: action });
    const hit = action === "forward" ? step > end : true;
    assign(model, {
      at: Math.min(step + 1, end + 1),
      bumps: Math.min(bumps + Number(hit), fixed.limits.bumps.max),
    });
  }

  const actions = /** @type {const} */ (["left", "forward", "right"]);
  const keypad = element(
    "div",
    {
      class: "attn-walk",
      role: "group",
      "aria-label": TEXT.walk,
      keydown: (/** @type {KeyboardEvent} */ event) => {
        const action = ARROWS.get(plainKey(event));
        if (!action) return;
        event.preventDefault();
        walk(action);
      },
    },
    ...actions.map((action) => button(TEXT.actions[action], () => walk(action))),
  );
  const another = button(TEXT.another, () => {
    const next = (model.get("maze") + 1) % (fixed.limits.maze.max + 1);
    assign(model, { maze: next, at: 0, bumps: 0, turned: "no" });
  });
  const content = [
    readouts([onSign, ...right, collected], "attn-four"),
    caption(TEXT.caption),
    view,
    keypad,
    at.node,
    length.node,
    settings([sign], another, resetButton(model, names)),
    words.node,
  ];
  const layout = (/** @type {number} */ next) => (width = next);
  return mount(el, model, names, content, { layout, draw });
}

const ARROWS = new Map([
  ["ArrowUp", "forward"],
  ["ArrowLeft", "left"],
  ["ArrowRight", "right"],
]);

/** A trait of the maze; set, a walk begins anew at that step. */
function restarting(model, name) {
  const whole = trait(model, name);
  const set = (/** @type {number} */ next) =>
    assign(model, { [name]: next, bumps: 0, turned: "no" });
  return { ...whole, set };
}

/** The walker's own return, so far. @param {State} now @param {number} bump */
function returned({ bumps, turned, sign }, bump) {
  if (turned === "no") return bump * bumps;
  return bump * bumps + (turned === sign ? 1 : -1);
}

/** A share that there may be none of. @param {string} name @param {string} words */
function share(name, words) {
  const part = readout(name, words);
  const number = /** @type {HTMLElement} */ (part.node.lastElementChild);
  const show = (/** @type {number} */ x) => {
    part.show(x);
    number.textContent = Number.isNaN(x) ? TEXT.nothing : brief(x);
  };
  return { node: part.node, show };
}

/** The corridor, what hangs in it, where the walker is, and the weights above what was seen. */
function drawWalk(view, { seen, step, weights, width }) {
  const end = seen.length - 1;
  const x = scale([0, end], [PLOT.left, width - PLOT.right]);
  const y = scale(BARS, [PICTURE.ground, 8]);
  const room = Math.min(18, x(1) - x(0));
  const bars = Array.from(weights, (weight, t) =>
    shape("rect", {
      class: "attn-bar",
      "data-weight": weight,
      x: x(t) - 0.35 * room,
      width: 0.7 * room,
      y: y(weight),
      height: PICTURE.ground - y(weight),
    }),
  );
  const marks = seen.map((sight, t) => {
    const mark = t === 0 || t === end ? letter(sight) : figure(sight, Math.min(5, 0.4 * room));
    put(mark, x(t), PICTURE.corridor);
    move(mark, { opacity: t > step ? 0.3 : 1 });
    return mark;
  });
  const walker = shape("circle", { class: "attn-walker", r: 11 });
  put(walker, x(step), PICTURE.corridor);
  const ground = { x1: PLOT.left, x2: x(end), y1: PICTURE.ground, y2: PICTURE.ground };
  const all = { x: PLOT.left - 14, y: y(1) + 4, "text-anchor": "end" };
  view.replaceChildren(
    shape("line", { class: "attn-grid", ...ground }),
    shape("text", all, TEXT.all),
    ...bars,
    ...marks,
    walker,
  );
}

/** The sign's arrow, or the junction. @param {number} sight */
function letter(sight) {
  const look = { class: "attn-sign", "text-anchor": "middle", dy: 5 };
  return shape("text", look, TEXT.sights[sight]);
}

/** One of the four pictures. @type {(sight: number, r: number) => SVGElement} */
function figure(sight, r) {
  const corners = [
    [[-r, -r], [r, -r], [r, r], [-r, r]],
    [[0, -r], [r, r], [-r, r]],
    [[0, -r], [r, 0], [0, r], [-r, 0]],
  ]; // prettier-ignore
  if (sight === 3) return shape("circle", { class: "attn-step", r });
  return shape("path", { class: "attn-step", d: `${path(corners[sight - 4])}Z` });
}

function describe(now, step, { weight, both }) {
  const [attention, gru] = both.map(percent);
  const places = { step, attention, gru, weight: percent(weight), sign: TEXT.words[now.sign] };
  if (step === 0) return say(TEXT.atDoor, places);
  if (step <= now.length) return say(TEXT.inCorridor[plural(step)], places);
  const end = now.turned === "no" ? "" : now.turned === now.sign ? TEXT.won : TEXT.lost;
  return paragraph(end, say(TEXT.atJunction, places));
}

const TEXT = {
  length: "places in the corridor",
  at: "steps from the door",
  sign: "The sign at the door says",
  signs: { left: "← left", right: "→ right" },
  words: { left: "left", right: "right" },
  sights: ["⊤", "←", "→"],
  onSign: "weight on the sign",
  rightAttention: "attention does right",
  rightGru: "GRU does right",
  collected: "your return",
  nothing: "–",
  all: "1",
  walk: "Walk: buttons, or the arrow keys",
  actions: { left: "← Turn left", forward: "↑ Forward", right: "Turn right →" },
  another: "Another maze",
  caption:
    "How the step where you are (ring) weighs all that was seen; what is to come is pale. Walk with the buttons or, on them, with the arrow keys",
  picture:
    "The corridor from the sign to the junction; above each place that was seen, its weight.",
  empty:
    "A maze of length 0 has no corridor: the sign hangs at the junction itself, and nobody has to remember anything.",
  atDoor:
    "You are at the door, and the sign says {sign}. Walk on: attention does so with a probability of {attention}, the GRU with {gru}.",
  inCorridor: {
    one: "You passed the sign {step} step ago. A turn here is a bump; attention walks on with a probability of {attention}, the GRU with {gru}.",
    other:
      "You passed the sign {step} steps ago. A turn here is a bump; attention walks on with a probability of {attention}, the GRU with {gru}.",
  },
  atJunction:
    "At the junction, {step} steps behind the sign: attention gives it {weight} of the weight and turns {sign} with a probability of {attention}; the GRU does with {gru}.",
  won: "Right: you get 1.",
  lost: "Wrong: that costs 1.",
};

export default { render };
