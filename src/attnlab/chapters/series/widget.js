// Sixty years of the sea, a window that can be dragged over them, and four forecasts of what follows.
import { errorOf, forecasts, unpackModels, windowOf } from "./mathematics.js";
import { read, trait } from "../../widgets/js/bindings.js";
import { dragging } from "../../widgets/js/dragging.js";
import {
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
import {
  PLOT,
  move,
  numbersFrom,
  path,
  picture,
  rules,
  scale,
  shape,
  ticks,
} from "../../widgets/js/svg.js";
import { paragraph, plural, say } from "../../widgets/js/words.js";

const HEIGHT = 190;
const STRIP = 46;
const RANGE = [17, 30]; // °C
const METHODS = /** @type {const} */ (["season", "autoregression", "ridge", "attention"]);

/**
 * @import { Sent, View } from "../../widgets/js/types.d.ts"
 * @import { Sealed, Series } from "./mathematics.js"
 * @typedef {Series & { first_year: number }} Fixed
 * @typedef {{ start: number, shuffled: boolean, _models: Sealed } & Sent<Fixed>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["start", "shuffled"]);
  const fixed = model.get("_constants");
  const { values, past, future, limits } = fixed;
  const models = unpackModels(model.get("_models"));
  const numbers = METHODS.map((name) => methodNumber(name));
  const words = sentence();
  const start = slider(trait(model, "start"), {
    letter: "t",
    meaning: TEXT.start,
    ...evenly({ page: 12 }),
    text: (first) => monthName(first + past, fixed),
  });
  const shuffled = toggle(trait(model, "shuffled"), TEXT.shuffled);
  const pane = shape("rect", { class: "attn-pane", y: 1, height: STRIP - 2 });
  const whole = shape("path", { class: "attn-faint" });
  let across = scale([0, values.length], [0, 1]);
  const seek = (/** @type {number} */ left) => {
    const [from, to] = [across(0), across(values.length)];
    const middle = ((left - from) / (to - from)) * values.length;
    const first = Math.round(middle - past / 2);
    trait(model, "start").set(Math.min(limits.start.max, Math.max(limits.start.min, first)));
  };
  const strip = picture(
    TEXT.strip,
    { class: "attn-series attn-strip", height: STRIP, ...dragging(seek) },
    shape("rect", { width: "100%", height: STRIP, fill: "transparent" }),
    whole,
    pane,
  );
  const frame = shape("g", {});
  const now = shape("line", { class: "attn-now", y1: 0, y2: HEIGHT - 18 });
  const sea = shape("path", { class: "attn-sea" });
  const lines = METHODS.map((name) => shape("path", { "data-method": name }));
  const chart = picture(
    TEXT.chart,
    { class: "attn-series", height: HEIGHT },
    frame,
    now,
    ...lines,
    sea,
  );
  const y = scale(RANGE, [HEIGHT - 20, 4]);
  let x = scale([0, past + future - 1], [0, 1]);

  function layout(/** @type {number} */ width) {
    const ends = [PLOT.left, width - PLOT.right];
    x = scale([0, past + future - 1], ends);
    across = scale([0, values.length], ends);
    const low = scale([Math.min(...values), Math.max(...values)], [STRIP - 4, 4]);
    move(whole, { d: path(values.map((value, i) => [across(i), low(value)])) });
    move(pane, { width: across(past) - across(0) });
    move(now, { x1: x(past - 0.5), x2: x(past - 0.5) });
    frame.replaceChildren(...rules(ends, y, numbersFrom(18, 30, 4), TEXT.degrees));
  }

  function draw() {
    const state = read(model, names);
    const { past: seen, truth } = windowOf(state, fixed);
    const found = forecasts(seen, models, fixed);
    start.show();
    shuffled.show();
    move(pane, { x: across(state.start) });
    const years = numbersFrom(0, past + future - 1, 1).filter((i) => (state.start + i) % 12 === 0);
    const yearNames = years.map((i) => fixed.first_year + (state.start + i) / 12);
    frame.querySelectorAll("[data-year]").forEach((node) => node.remove());
    const marks = ticks((year) => x(years[yearNames.indexOf(year)]), HEIGHT - 2, yearNames);
    marks.forEach((mark) => mark.setAttribute("data-year", ""));
    frame.append(...marks);
    move(sea, { d: path([...seen, ...truth].map((value, i) => [x(i), y(value)])) });
    const last = [x(past - 1), y(seen[past - 1])];
    METHODS.forEach((name, m) => {
      const points = found[name].map((value, i) => [x(past + i), y(value)]);
      move(lines[m], { d: path([last, ...points]) });
    });
    const errors = METHODS.map((name) => errorOf(found[name], truth));
    numbers.forEach((number, m) => number.show(errors[m]));
    words.show(describe(state, errors, truth.length, fixed));
  }

  const content = [
    caption(TEXT.stripCaption),
    strip,
    chart,
    start.node,
    caption(TEXT.numbers),
    readouts(numbers, "attn-four"),
    settings([shuffled], resetButton(model, names)),
    words.node,
  ];
  return mount(el, model, names, content, { layout, draw });
}

/** How far a method is off, with its color; a dash where nothing is known. @param {string} name */
function methodNumber(name) {
  const part = readout(`error_${name}`, TEXT.methods[name]);
  part.node.setAttribute("data-method", name);
  const number = /** @type {HTMLElement} */ (part.node.lastElementChild);
  const show = (/** @type {number} */ error) => {
    part.show(error);
    number.textContent = Number.isNaN(error) ? TEXT.nothing : TEXT.off(error);
  };
  return { node: part.node, show };
}

/** @type {(month: number, fixed: Fixed) => string} */
function monthName(month, { first_year }) {
  const places = { month: TEXT.months[month % 12], year: first_year + Math.floor(month / 12) };
  return say(TEXT.date, places);
}

/** @type {(state: { start: number, shuffled: boolean }, errors: number[], known: number, fixed: Fixed) => any} */
function describe({ start, shuffled }, errors, known, fixed) {
  const { past, future, ends } = fixed;
  const first = start + past;
  const end = monthName(fixed.values.length - 1, fixed);
  if (known === 0) return say(TEXT.nothingKnown, { end });
  const best = METHODS[errors.indexOf(Math.min(...errors))];
  const nearest = say(TEXT.nearest[best], { from: monthName(first, fixed) });
  const last = first + known;
  const part = last <= ends[0] ? "train" : last <= ends[1] ? "validation" : "test";
  const partly = known < future ? say(TEXT.partly[plural(known)], { end, known }) : "";
  return paragraph(nearest, partly, TEXT.parts[part], shuffled ? TEXT.isShuffled : "");
}

const TEXT = {
  start: "the first month that is forecast",
  shuffled: "shuffle the past, but for its last month",
  stripCaption:
    "The sea off Peru, 1950 to 2010. Drag the window: four years are seen, the next one is forecast",
  strip: "Sixty-one years of sea temperature, and the window that the methods see.",
  chart:
    "Four years of sea temperature in black, and four forecasts of the fifth beside what came.",
  numbers: "How far the forecasts are off, root mean square",
  nothing: "–",
  methods: {
    season: "last year again",
    autoregression: "autoregression",
    ridge: "ridge",
    attention: "attention",
  },
  degrees: (/** @type {number} */ value) => `${value} °C`,
  off: (/** @type {number} */ error) => `${error.toFixed(2)} °C`,
  months: [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
  ],
  date: "{month} {year}",
  nearest: {
    season: "From {from} on, nobody is nearer than last year’s months again.",
    autoregression: "From {from} on, the autoregression of 1927 is nearest.",
    ridge: "From {from} on, ridge regression is nearest.",
    attention: "From {from} on, attention is nearest.",
  },
  partly: {
    one: "The series ends in {end}: one of the twelve months can be compared.",
    other: "The series ends in {end}: {known} of the twelve months can be compared.",
  },
  nothingKnown:
    "The series ends in {end}, so nobody can say yet which of the four forecasts is best.",
  parts: {
    train: "Those that learn have learned from this part of the series.",
    validation: "Orders, penalties and steps were chosen on this part of the series.",
    test: "None of them has learned from what comes here.",
  },
  isShuffled: "The past is in another order; the last month alone is where it was.",
};

export default { render };
