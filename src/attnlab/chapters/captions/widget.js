// Two digits to drag about, what a speaker says of them, and where each of its words looks.
import { boxOf, captionOf, imageOf, mapOf, pictureOf, speak } from "./mathematics.js";
import { assign, entry, read, trait } from "../../widgets/js/bindings.js";
import {
  button,
  caption,
  evenly,
  mount,
  readout,
  readouts,
  resetButton,
  sentence,
  settings,
  slider,
  toggle,
} from "../../widgets/js/controls.js";
import { dragging } from "../../widgets/js/dragging.js";
import { unpack } from "../../widgets/js/packing.js";
import { move, picture, put, shape } from "../../widgets/js/svg.js";
import { tokenButtons } from "../../widgets/js/token_buttons.js";
import { paragraph, percent, say } from "../../widgets/js/words.js";

const PIXEL = 10; // of the screen, for one of the picture

/**
 * @import { Packed, Sent, View } from "../../widgets/js/types.d.ts"
 * @import { Layers, Marks, Scene, Sizes, Step } from "./mathematics.js"
 * @typedef {{ words: string[], relations: string[], marks: Marks, sizes: Sizes, known: number[], end: string }} Known
 * @typedef {Scene & { chosen: number, word: number, backwards: boolean }} Now
 * @typedef {Now & { _model: Packed & Layers, _hands: string } & Sent<Known>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ ([
    "digits",
    "down",
    "across",
    "hand",
    "chosen",
    "word",
    "backwards",
  ]);
  const known = model.get("_constants");
  const { sizes, limits } = known;
  const packed = model.get("_model");
  const hands = model.get("_hands");
  const trained = unpack(packed);
  const chosen = () => model.get("chosen");
  const sliders = /** @type {const} */ (["digits", "down", "across"]).map((row) =>
    slider(entry(model, row, chosen, row), {
      letter: TEXT.letters[row],
      meaning: TEXT.sliders[row],
      ...evenly({ page: 4 }),
    }),
  );
  const backwards = toggle(trait(model, "backwards"), TEXT.backwards);
  const said = tokenButtons((word) => assign(model, { word }));
  said.node.addEventListener("pointerover", ({ target }) => {
    const over = /** @type {Element} */ (target).closest("button");
    const word = [...said.node.children].indexOf(/** @type {Element} */ (over));
    if (word >= 0) assign(model, { word });
  });
  const shares = [readout("in-solid", TEXT.inSolid), readout("in-dashed", TEXT.inDashed)];
  const words = sentence();
  const cells = Array.from({ length: sizes.side ** 2 }, (_, j) =>
    shape("rect", {
      class: "attn-cell",
      x: (j % sizes.side) * sizes.cell * PIXEL,
      y: Math.floor(j / sizes.side) * sizes.cell * PIXEL,
      width: sizes.cell * PIXEL,
      height: sizes.cell * PIXEL,
    }),
  );
  const edge = sizes.width * PIXEL;
  const paper = shape("rect", { class: "attn-paper", width: edge, height: edge });
  let left = 0; // of the picture, in the widget
  const images = [0, 1].map((which) => digitOf(model, which, sizes, limits.down.max, () => left));
  const all = shape("g", {}, paper, ...cells, ...images.map(({ node }) => node));
  const drawn = picture(TEXT.picture, { height: edge + 2 }, all);

  function layout(/** @type {number} */ width) {
    left = Math.max(0, Math.floor((width - edge) / 2));
    put(all, left, 1);
  }

  function draw() {
    const now = read(model, names);
    const steps = speak(trained, packed, pictureOf(now, hands, sizes), sizes, known.marks);
    const looked = Math.min(now.word, steps.length - 1);
    const map = mapOf(steps, looked, now.backwards);
    const inBoxes = [0, 1].map((which) => {
      const box = boxOf(now.down[which], now.across[which], sizes);
      return box.reduce((sum, j) => sum + steps[looked].weights[j], 0);
    });
    [...sliders, backwards].forEach((control) => control.show());
    said.show(
      steps.map(({ token }) => [token === known.marks.eos ? known.end : known.words[token]]),
      looked,
    );
    cells.forEach((cell, j) =>
      move(cell, { "fill-opacity": map[j].toFixed(3), "data-weight": map[j] }),
    );
    images.forEach((image, which) =>
      image.show(imageOf(hands, now.hand, now.digits[which], sizes), now, which === now.chosen),
    );
    shares[0].show(inBoxes[now.chosen]);
    shares[1].show(inBoxes[1 - now.chosen]);
    words.show(describe(now, steps, looked, inBoxes, known));
  }

  const another = button(TEXT.another, () =>
    assign(model, { hand: (model.get("hand") + 1) % (limits.hand.max + 1) }),
  );
  const other = button(TEXT.other, () => assign(model, { chosen: 1 - chosen() }));
  const content = [
    caption(TEXT.caption),
    said.node,
    drawn,
    sliders[0].node,
    sliders[1].node,
    sliders[2].node,
    readouts(shares, "attn-three"),
    settings([backwards], other, another, resetButton(model, names)),
    words.node,
  ];
  return mount(el, model, names, content, { layout, draw });
}

/**
 * A digit that can be dragged.
 * @param {View<Traits>["model"]} model
 * @param {number} which
 * @param {Sizes} sizes
 * @param {number} farthest
 * @param {() => number} left where the picture begins
 */
function digitOf(model, which, { digit: size }, farthest, left) {
  const pixels = Array.from({ length: size * size }, (_, i) =>
    shape("rect", {
      x: (i % size) * PIXEL,
      y: Math.floor(i / size) * PIXEL,
      width: PIXEL,
      height: PIXEL,
    }),
  );
  const box = shape("rect", { class: "attn-box", width: size * PIXEL, height: size * PIXEL });
  let [gripX, gripY] = [0, 0]; // where in the digit the pointer holds it
  const corner = () => [model.get("across")[which], model.get("down")[which]];
  const start = (/** @type {number} */ x, /** @type {number} */ y) => {
    const [across, down] = corner();
    [gripX, gripY] = [x - left() - across * PIXEL, y - down * PIXEL];
    assign(model, { chosen: which });
  };
  const drag = (/** @type {number} */ x, /** @type {number} */ y) => {
    const to = (/** @type {number} */ at) =>
      Math.min(farthest, Math.max(0, Math.round(at / PIXEL)));
    assign(model, {
      across: model.get("across").with(which, to(x - left() - gripX)),
      down: model.get("down").with(which, to(y - gripY)),
    });
  };
  const node = shape(
    "g",
    { class: "attn-digit", "data-digit": which, ...dragging(drag, start) },
    ...pixels,
    box,
  );
  /** @type {(image: number[], now: Now, chosen: boolean) => void} */
  const show = (image, { across, down }, chosen) => {
    pixels.forEach((pixel, i) => move(pixel, { "fill-opacity": image[i] }));
    put(node, across[which] * PIXEL, down[which] * PIXEL);
    move(node, { "data-chosen": chosen });
  };
  return { node, show };
}

/**
 * @param {Now} now
 * @param {Step[]} steps
 * @param {number} looked
 * @param {number[]} inBoxes
 * @param {Known} known
 */
function describe(now, steps, looked, inBoxes, { words, relations, marks, known, sizes }) {
  const name = (/** @type {number} */ digit) => words[marks.special + digit];
  const right = captionOf(now);
  const wanted = [name(right.first), relations[right.between], name(right.second)];
  const said = steps.filter(({ token }) => token !== marks.eos).map(({ token }) => words[token]);
  const [down, across] = [now.down, now.across].map(([a, b]) => Math.abs(b - a));
  const token = steps[looked].token;
  const one = { word: words[token], one: percent(inBoxes[0]), other: percent(inBoxes[1]) };
  const places = {
    a: name(now.digits[0]),
    b: (now.digits[0] === now.digits[1] ? TEXT.same : "") + name(now.digits[1]),
    wanted: wanted.join(" "),
    ...one,
  };
  const verdict = said.join(" ") === wanted.join(" ") ? TEXT.right : TEXT.wrong;
  return paragraph(
    say(token === marks.eos ? TEXT.ends : TEXT.looks, places),
    down === across ? TEXT.tie : say(verdict, places),
    Math.max(down, across) < sizes.digit ? TEXT.overlap : "",
    known.includes(10 * now.digits[0] + now.digits[1]) ? "" : TEXT.isNew,
  );
}

const TEXT = {
  letters: { digits: "k", down: "y", across: "x" },
  sliders: {
    digits: "which digit, in the box with the solid line",
    down: "how far down it is, in pixels",
    across: "how far across",
  },
  backwards: "read backwards: each cell’s share for this word",
  caption: "What it says; point at a word to see where it looks. Drag the digits",
  picture: "Two digits in a picture of six by six cells, each as deep in color as its weight.",
  inSolid: "weight in the solid box",
  inDashed: "in the dashed box",
  other: "Other digit",
  another: "Another hand",
  looks: "For “{word}” it looks at the {a} with {one} of its weight, at the {b} with {other}.",
  ends: "Here the caption ends; it looks at the {a} with {one} of its weight, at the {b} with {other}.",
  same: "other ",
  right: "The caption is right.",
  wrong: "The caption is wrong: it should say {wanted}.",
  tie: "The digits are as far apart down as across, so neither “above” nor “left of” is right here.",
  overlap: "The boxes overlap, which training never showed.",
  isNew: "Training never had these two digits together.",
};

export default { render };
