// A keypad says digits; two recognizers write them down, and show where they look.
import { digitField } from "./keypad.js";
import { collapsed, mark, mistakes, noisy, spell, utter, wordsOf } from "./mathematics.js";
import { player, whisper } from "./sound.js";
import { unpack } from "../../widgets/js/packing.js";
import { read, trait } from "../../widgets/js/bindings.js";
import {
  button,
  caption,
  evenly,
  mount,
  readout,
  radios,
  readouts,
  resetButton,
  sentence,
  settings,
  slider,
} from "../../widgets/js/controls.js";
import { PLOT, colorOf, element, picture, scale, shape } from "../../widgets/js/svg.js";
import { paragraph, plural, say } from "../../widgets/js/words.js";

const BANDS = { top: 18, height: 60 };
const MAP = 187; // 17 rows of 11: sixteen digits and the end
const STRIP = 22;
const DIGIT = 12; // the least width of a box with a digit in it
const STRIDE = 2; // frames to a state

/**
 * @import { Packed, Sent, View } from "../../widgets/js/types.d.ts"
 * @import { Recorded } from "./sound.js"
 * @import { Voice } from "./mathematics.js"
 * @typedef {{ bos: number, eos: number, n_special: number, longest: number, noise: number, silence: number, end: string, voice: string, recorded: Recorded }} Constants
 * @typedef {{ digits: number[], length: number, pause: number, writes: string, _models: Record<string, Packed>, _voice: Voice } & Sent<Constants>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["digits", "length", "pause", "writes"]);
  const constants = model.get("_constants");
  const { bos, eos, n_special, longest, noise, recorded, limits } = constants;
  const most = limits.length.max;
  const models = Object.fromEntries(
    Object.entries(model.get("_models")).map(([name, packed]) => [name, unpack(packed)]),
  );
  const voice = wordsOf(model.get("_voice"), recorded.edges.length - 2);
  const numbers = [
    readout("mistakes_speller", TEXT.mistakesSpeller),
    readout("mistakes_ctc", TEXT.mistakesCtc),
    readout("inside", TEXT.inside),
  ];
  const heard = layer("attn-bands", TEXT.bands, BANDS.top + BANDS.height);
  const looked = layer("attn-looked", TEXT.map, MAP);
  const strip = picture(TEXT.strip, { height: STRIP });
  const pause = slider(trait(model, "pause"), {
    letter: "p",
    meaning: TEXT.pause,
    ...evenly({ page: 4 }),
  });
  const writes = radios(trait(model, "writes"), TEXT.writes, TEXT.orders);
  const words = sentence();
  const own = digitField(model, most, (reason) =>
    words.show(reason ? say(TEXT[reason], { most }) : described),
  );
  const play = player();
  let width;
  let frames;
  let described = "";
  let drawn = "";

  function draw() {
    const now = read(model, names);
    const said = now.digits.slice(0, now.length);
    // A key that adds a digit changes two traits: what changes nothing that is said can wait.
    const asked = JSON.stringify([said, now.pause, now.writes, width]);
    if (asked === drawn) return;
    drawn = asked;
    const backwards = now.writes === "backwards";
    const utterance = utter(voice, said, now.pause, constants.silence);
    frames = noisy(utterance.frames, noise);
    const maxLen = said.length + 1 + longest;
    const { tokens, weights } = spell(models[now.writes], frames, { bos, eos, maxLen });
    const written = tokens.filter((token) => token >= n_special).map((token) => token - n_special);
    const { path } = mark(models.ctc, frames);
    const marked = collapsed(path);
    const [wanted, spans] = [said, utterance.spans].map((row) =>
      backwards ? row.toReversed() : row,
    );
    const tops = weights.map((row) => STRIDE * row.indexOf(Math.max(...row)));
    const inside = spans.filter(([start, end], i) => start <= tops[i] && tops[i] < end).length;
    const wrong = [mistakes(wanted, written), mistakes(said, marked)];
    numbers.forEach((number, i) => number.show([...wrong, inside][i]));
    const x = scale([0, STRIDE * path.length], [PLOT.left, width - PLOT.right]);
    drawBands(heard, frames, utterance.spans, said, x);
    const names_ = tokens.map((token) =>
      token === eos ? constants.end : String(token - n_special),
    );
    drawMap(looked, weights, names_, spans, x);
    drawStrip(strip, path, x);
    own.show();
    pause.show();
    writes.show();
    described = describe(now, { written, marked, wrong, inside });
    words.show(described);
  }

  const hear = () => {
    try {
      play(whisper(frames, recorded), recorded.rate);
    } catch {
      words.show(TEXT.noSound);
    }
  };
  const content = [
    own.pad,
    readouts(numbers),
    caption(say(TEXT.bandsCaption, { voice: constants.voice })),
    heard.node,
    caption(TEXT.mapCaption),
    looked.node,
    caption(TEXT.stripCaption),
    strip,
    pause.node,
    settings([writes, own], button(TEXT.hear, hear), resetButton(model, names)),
    words.node,
  ];
  const layout = (/** @type {number} */ next) => (width = next);
  return mount(el, model, names, content, { layout, draw });
}

function describe({ length, pause }, { written, marked, wrong, inside }) {
  if (length === 0) return say(TEXT.silence, { speller: listed(written), ctc: listed(marked) });
  const trained = length >= 2 && length <= 4 && pause <= 4;
  const [speller, ctc] = wrong;
  return paragraph(
    say(TEXT.writesThat[plural(length)], {
      length,
      written: listed(written),
      marked: listed(marked),
    }),
    say(TEXT.counts, { speller, ctc, inside, length }),
    trained ? "" : TEXT.untrained,
  );
}

/** @param {number[]} digits */
function listed(digits) {
  return digits.length ? digits.join(" ") : TEXT.nothing;
}

/** A canvas, and marks on top of it. */
function layer(kind, words, height) {
  const canvas = element("canvas", { class: kind, "aria-hidden": "true" });
  const marks = picture(words, { height });
  return { node: element("div", { class: "attn-heard" }, canvas, marks), canvas, marks };
}

/** Shades a canvas: `rows` from the top, each with as many numbers from 0 to 1 as `wide`. */
function paint(canvas, rows, wide) {
  Object.assign(canvas, { width: wide, height: rows.length });
  const context = canvas.getContext("2d");
  const image = context.createImageData(wide, rows.length);
  const ink = colorOf(canvas);
  rows.forEach((row, i) =>
    row.forEach((x, j) => image.data.set([...ink, Math.round(255 * x)], 4 * (i * wide + j))),
  );
  context.putImageData(image, 0, 0);
}

function drawBands({ canvas, marks }, frames, spans, said, x) {
  const bands = Array.from(frames[0], (_, b) => frames.map((frame) => frame[b])).reverse();
  paint(canvas, bands, STRIDE * Math.ceil(frames.length / STRIDE));
  const names = spans.map(([start, end], i) =>
    shape(
      "text",
      { class: "attn-digit", x: x((start + end) / 2), y: 13, "text-anchor": "middle" },
      String(said[i]),
    ),
  );
  marks.replaceChildren(...names, ...spans.map((span) => frame(span, x, BANDS.top, BANDS.height)));
}

function drawMap({ canvas, marks }, weights, tokens, spans, x) {
  const shades = weights.map((row) => {
    const largest = Math.max(...row);
    return row.map((weight) => weight / largest);
  });
  paint(canvas, shades, weights[0].length);
  const high = MAP / tokens.length;
  const size = Math.min(14, high);
  const names = tokens.map((token, i) =>
    shape(
      "text",
      {
        class: "attn-of-query",
        x: PLOT.left - 8,
        y: (i + 0.5) * high,
        dy: "0.35em",
        "text-anchor": "end",
        style: `font-size: ${size}px`,
      },
      token,
    ),
  );
  const frames = spans.slice(0, tokens.length).map((span, i) => frame(span, x, i * high, high));
  marks.replaceChildren(...names, ...frames);
}

/** Where a word is. */
function frame([start, end], x, y, height) {
  return shape("rect", { class: "attn-truth", x: x(start), width: x(end) - x(start), y, height });
}

/** A box for each run of states that say the same digit; a line where they say none. */
function drawStrip(svg, path, place) {
  const starts = path.flatMap((mark, i) => (mark === path[i - 1] ? [] : [i]));
  const parts = starts.flatMap((start, r) => {
    const [from, to] = [start, starts[r + 1] ?? path.length].map((i) => place(STRIDE * i));
    if (path[start] === 0)
      return [
        shape("line", { class: "attn-grid", x1: from, x2: to, y1: STRIP / 2, y2: STRIP / 2 }),
      ];
    const [x, width] = [(from + to) / 2, Math.max(to - from, DIGIT)];
    const middle = { x, y: STRIP - 6, "text-anchor": "middle" };
    return [
      shape("rect", { class: "attn-run", x: x - width / 2, width, y: 1, height: STRIP - 2 }),
      shape("text", { class: "attn-digit", ...middle }, String(path[start] - 1)),
    ];
  });
  svg.replaceChildren(...parts);
}

const TEXT = {
  pause: "pause, in frames; 0 to 4 in training",
  writes: "the speller writes",
  orders: { forwards: "in order", backwards: "backwards" },
  hear: "Hear it",
  mistakesSpeller: "mistakes of the speller",
  mistakesCtc: "mistakes of CTC",
  inside: "looks inside the right word",
  bandsCaption: "What is heard, low bands below, in the voice {voice}, which no training had",
  bands:
    "Twenty bands over time, more ink where it is louder, with the digit of each word above it.",
  mapCaption:
    "Where the speller looks, each row’s largest weight in full color; dashed is the right word",
  map: "A grid of weights: a row for each digit written, time from left to right.",
  stripCaption: "What CTC says at each moment; a line is the blank",
  strip: "A row of boxes over time, one for each run of moments that say the same digit.",
  nothing: "nothing",
  writesThat: {
    one: "One digit is said. The speller writes {written}, CTC writes {marked}.",
    other: "{length} digits are said. The speller writes {written}, CTC writes {marked}.",
  },
  counts:
    "Mistakes of the speller: {speller}. Mistakes of CTC: {ctc}. Steps of the speller with the largest weight inside the right word: {inside} of {length}.",
  untrained: "Training had 2 to 4 digits, and pauses of 0 to 4 frames.",
  silence:
    "Nothing is said, and there is only noise. The speller writes {speller}, CTC writes {ctc}. Press a digit.",
  noDigit: "There is no digit in what you typed: only 0 to 9 can be said.",
  leftOut: "Only the digits 0 to 9 are said; all else that you typed is left out.",
  tooMany: "At most {most} digits can be said; the rest is left out.",
  noSound: "This browser plays no sound.",
};

export default { render };
