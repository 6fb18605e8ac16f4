// How much of a gradient is left after many steps through a recurrent matrix, beside attention.
import { gradientSizes, recurrentNetwork } from "./mathematics.js";
import { read, trait } from "../../widgets/js/bindings.js";
import { grip, knob, seeking } from "../../widgets/js/chart_handle.js";
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
  put,
  rules,
  scale,
  shape,
  ticks,
} from "../../widgets/js/svg.js";
import { format, paragraph, plural, power, say } from "../../widgets/js/words.js";

const CHAIN = { height: 76, ground: 48 };
const PICTURE = { height: 260, top: 6, bottom: 24 };
const DECADES = /** @type {const} */ ([-12, 9]); // powers of ten in the picture
const FLOAT32 = 2 ** -24; // adding less than this fraction of a float32 number changes nothing

/**
 * @import { Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {{ lag: number, gain: number, tanh: boolean } & Sent<{ d: number, input_size: number }>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["lag", "gain", "tanh"]);
  const { d, input_size, limits } = model.get("_constants");
  const maxLag = limits.lag.max;
  const lag = slider(trait(model, "lag"), {
    letter: "k",
    meaning: TEXT.lag,
    ...evenly({ page: 10 }),
  });
  const gain = slider(trait(model, "gain"), {
    letter: "g",
    meaning: TEXT.gain,
    ...evenly({ step: 0.01, page: 0.1 }),
    text: (now) => now.toFixed(2),
  });
  const tanh = toggle(trait(model, "tanh"), TEXT.tanh);
  const left = readout("gradient", TEXT.left);
  const found = readout("attention_found", TEXT.found);
  const even = readout("attention_even", TEXT.even);
  const chain = picture(TEXT.chain, { height: CHAIN.height });
  const curve = picture(TEXT.curve, { height: PICTURE.height });
  const words = sentence();
  const network = recurrentNetwork(maxLag, d, input_size);

  let sizes; // at every lag: they change with gain and tanh alone
  let parts; // what moves in the pictures: it changes with the width of the widget alone

  function layout(width) {
    const x = scale([0, maxLag], [PLOT.left, width - PLOT.right]);
    const back = scale([x(0), x(maxLag)], [0, maxLag]);
    const seek = seeking(trait(model, "lag"), (left) => Math.round(back(left)));
    parts = {
      x,
      ...layOutChain(chain, x, maxLag, seek),
      ...layOutPicture(curve, x, maxLag, seek),
    };
    sizes = undefined;
  }

  function draw() {
    const now = read(model, names);
    if (sizes?.gain !== now.gain || sizes.tanh !== now.tanh) {
      const { gain: g, tanh: squash } = now;
      sizes = { gain: g, tanh: squash, at: gradientSizes(network, g, squash) };
      const points = sizes.at.map((at, k) => [parts.x(k), parts.y(Math.log10(at))]);
      move(parts.line, { d: path(points) });
    }
    const size = sizes.at[now.lag];
    [lag, gain, tanh].forEach((control) => control.show());
    left.show(size);
    found.show(1);
    even.show(1 / (now.lag + 1));
    drawChain(parts, sizes.at, now.lag);
    drawMarker(parts, size, now.lag);
    words.show(
      paragraph(
        say(fate(size)[plural(now.lag)], {
          lag: now.lag,
          gain: now.gain.toFixed(2),
          times: format(size),
          percent: Math.round(100 * size),
          parts: format(1 / size),
        }),
        say(now.lag === 0 ? TEXT.only : TEXT.attends, { parts: now.lag + 1 }),
      ),
    );
  }

  const content = [
    readouts([left, found, even], "attn-reach"),
    chain,
    caption(TEXT.curveCaption),
    curve,
    lag.node,
    gain.node,
    settings([tanh], resetButton(model, names)),
    words.node,
  ];
  return mount(el, model, names, content, { layout, draw });
}

/** What is said of a gradient of this size. */
function fate(size) {
  if (size > 1.005) return TEXT.grown;
  if (size > 0.995) return TEXT.kept;
  return size > 0.1 ? TEXT.shrunk : TEXT.vanished;
}

function layOutChain(svg, x, maxLag, seek) {
  const dots = Array.from({ length: maxLag + 1 }, (_, k) =>
    shape("circle", { class: "attn-step", cx: x(k), cy: CHAIN.ground }),
  );
  const arc = shape("path", { class: "attn-arc attn-glide" });
  const arcName = shape("text", { class: "attn-arc-name" }, TEXT.arc);
  const chainName = shape("text", { class: "attn-name", y: CHAIN.ground + 20 });
  const beside = { x: PLOT.left - 8, y: CHAIN.ground + 4, "text-anchor": "end" };
  const now = shape("text", { class: "attn-of-query", ...beside }, TEXT.now);
  const asks = shape("circle", { class: "attn-now", cx: x(0), cy: CHAIN.ground, r: 5 });
  const step = knob("attn-of-key");
  const box = { left: x(0), right: x(maxLag), top: 0, bottom: CHAIN.height };
  svg.replaceChildren(now, ...dots, arc, arcName, chainName, asks, step, grip(box, seek));
  return { dots, arc, arcName, chainName, step };
}

function drawChain({ x, dots, arc, arcName, chainName, step }, sizes, lag) {
  put(step, x(lag), CHAIN.ground);
  dots.forEach((dot, k) => {
    const decades = Math.log10(sizes[k]);
    // A step fades as far as float32 can see it, and swells as its gradient grows.
    const opacity = k > lag ? 0.1 : Math.max(0.1, 1 - decades / Math.log10(FLOAT32));
    const r = k > lag ? 1.2 : 1.2 + Math.min(4, Math.max(0, decades / 2));
    move(dot, { r: r.toFixed(2), opacity: Math.min(1, opacity).toFixed(2) });
  });
  const [from, to] = [x(lag), x(0)];
  const top = CHAIN.ground - 8;
  const rise = Math.min(42, 10 + (from - to) / 4);
  const curve = `M${from} ${top}C${from} ${top - rise} ${to} ${top - rise} ${to} ${top}`;
  move(arc, { d: `${curve}m-4 -6l4 6l4 -6` });
  // Under the arc if the name fits there, else beside it.
  const fits = from - to > 150;
  const middle = { x: (from + to) / 2, "text-anchor": "middle" };
  move(arcName, { y: top - 4, ...(fits ? middle : { x: from + 10, "text-anchor": "start" }) });
  move(chainName, fits ? middle : { x: to, "text-anchor": "start" });
  chainName.textContent = say(TEXT.steps[plural(lag)], { lag });
}

function layOutPicture(svg, x, maxLag, seek) {
  const y = scale(DECADES, [PICTURE.height - PICTURE.bottom, PICTURE.top]);
  const end = x(maxLag);
  const grid = rules([x(0), end], y, numbersFrom(...DECADES, 4), power);
  // Attention's gradient is its weight: 1 where it found the step, 1/(k + 1) where all share alike.
  const even = Array.from({ length: maxLag + 1 }, (_, k) => [x(k), y(-Math.log10(k + 1))]);
  const band = shape("path", { class: "attn-band", d: `${path(even)}L${end} ${y(0)}Z` });
  const limit = y(Math.log10(FLOAT32));
  const clip = `attn-clip-${Math.random().toString(36).slice(2)}`;
  const [top, bottom] = [y(DECADES[1]), y(DECADES[0])];
  const line = shape("path", { class: "attn-line", "data-chosen": "true" });
  const needle = shape("line", { class: "attn-needle attn-glide", y1: top, y2: bottom });
  const handle = knob();
  const number = shape("text", { class: "attn-number attn-glide" });
  const note = (height, words) =>
    shape("text", { class: "attn-note", x: x(0) + 6, y: height }, words);
  const inside = { x: x(0), y: top, width: end - x(0), height: bottom - top };
  const above = { class: "attn-arc-name", x: end, y: y(0) - 6, "text-anchor": "end" };
  svg.replaceChildren(
    shape("clipPath", { id: clip }, shape("rect", inside)),
    ...grid,
    ...ticks(x, PICTURE.height - 6, numbersFrom(0, maxLag, 50)),
    band,
    shape("line", { class: "attn-even", x1: x(0), x2: end, y1: limit, y2: limit }),
    needle,
    shape("g", { "clip-path": `url(#${clip})` }, line),
    note(top + 14, TEXT.explodes),
    note(limit + 16, TEXT.lost),
    note(bottom - 6, TEXT.vanishes),
    shape("text", above, TEXT.attention),
    handle,
    number,
    grip({ left: x(0), right: end, top, bottom }, seek),
  );
  return { y, maxLag, line, needle, handle, number };
}

function drawMarker({ x, y, maxLag, needle, handle, number }, size, lag) {
  const decades = Math.log10(size);
  const held = Math.min(DECADES[1], Math.max(DECADES[0], decades)); // off the picture: on its edge
  const right = lag < maxLag / 2;
  // Clear of the curve, which comes from 1 and goes on, and of the word beside the line at 1.
  const above = decades < -1 ? right : !right && decades > 0.9;
  const [highest, lowest] = [PICTURE.top + 14, PICTURE.height - PICTURE.bottom - 4];
  put(needle, x(lag));
  put(handle, x(lag), y(held));
  const height = Math.max(highest, Math.min(lowest, y(held) + (above ? -10 : 22)));
  put(number, x(lag) + (right ? 12 : -12), height);
  move(number, { "text-anchor": right ? "start" : "end" });
  const arrow = decades < held ? " ↓" : decades > held ? " ↑" : "";
  number.textContent = format(size) + arrow;
}

const TEXT = {
  lag: "lag: steps back in time",
  gain: "gain of the recurrent matrix",
  tanh: "tanh after each step",
  left: "through recurrence",
  found: "attention, on that step",
  even: "attention, on all alike",
  chain: "A chain of steps, which recurrence takes one by one, and one arc: attention.",
  arc: "attention: 1 step",
  now: "now",
  steps: { one: "recurrence: {lag} step", other: "recurrence: {lag} steps" },
  curveCaption:
    "Size of the gradient that arrives: 1 is all of it. Drag a handle, or click, to change the lag.",
  curve: "A curve: size of the gradient against the lag, on a logarithmic scale.",
  attention: "attention",
  explodes: "explodes",
  lost: "lost in float32 sums",
  vanishes: "vanishes",
  grown: {
    one: "After {lag} step at gain {gain}, the gradient has grown to {times} times its size.",
    other: "After {lag} steps at gain {gain}, the gradient has grown to {times} times its size.",
  },
  kept: {
    one: "After {lag} step at gain {gain}, the gradient is as large as it was.",
    other: "After {lag} steps at gain {gain}, the gradient is as large as it was.",
  },
  shrunk: {
    one: "After {lag} step at gain {gain}, {percent}% of the gradient is left.",
    other: "After {lag} steps at gain {gain}, {percent}% of the gradient is left.",
  },
  vanished: {
    one: "After {lag} step at gain {gain}, 1 part in {parts} of the gradient is left.",
    other: "After {lag} steps at gain {gain}, 1 part in {parts} of the gradient is left.",
  },
  only: "Attention needs one step: all of it arrives, for there is no other to look at.",
  attends:
    "Attention needs one step: all of it arrives where it looks at that step alone, 1 part in {parts} where it looks at all alike.",
};

export default { render };
