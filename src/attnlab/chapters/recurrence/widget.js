// How much of a gradient is left after many steps through a recurrent matrix, beside attention.
import { gradientSizes, recurrentNetwork } from "../../widgets/js/mathematics.js";
import {
  PLOT,
  caption,
  element,
  format,
  mount,
  move,
  path,
  readout,
  resetButton,
  scale,
  sentence,
  shape,
  slider,
  superscript,
  toggle,
} from "../../widgets/js/controls.js";

const CHAIN = { height: 76, ground: 48 };
const PICTURE = { height: 260, top: 6, bottom: 24 };
const DECADES = [-12, 9]; // powers of ten in the picture
const FLOAT32 = 2 ** -24; // adding less than this fraction of a float32 number changes nothing

function render({ model, el }) {
  const names = ["lag", "gain", "tanh"];
  const { d, input_size, limits } = model.get("_constants");
  const maxLag = limits.lag.max;
  const lag = slider(model, "lag", {
    letter: "k",
    meaning: "lag: steps back in time",
    track: Number,
    value: Math.round,
    nudge: (now, sign, page) => now + sign * (page ? 10 : 1),
    text: String,
  });
  const hundredths = (x) => Math.round(100 * x) / 100;
  const gain = slider(model, "gain", {
    letter: "g",
    meaning: "gain of the recurrent matrix",
    track: Number,
    value: hundredths,
    nudge: (now, sign, page) => hundredths(now + sign * (page ? 0.1 : 0.01)),
    text: (now) => now.toFixed(2),
  });
  const tanh = toggle(model, "tanh", "tanh after each step");
  const left = readout("gradient", "through recurrence");
  const found = readout("attention_found", "attention, on that step");
  const even = readout("attention_even", "attention, on all alike");
  const numbers = { class: "attn-readouts attn-reach" };
  const readouts = element("div", numbers, left.node, found.node, even.node);
  const chain = shape("svg", {
    role: "img",
    height: CHAIN.height,
    "aria-label": "A chain of steps, which recurrence takes one by one, and one arc: attention.",
  });
  const picture = shape("svg", {
    role: "img",
    height: PICTURE.height,
    "aria-label": "A curve: size of the gradient against the lag, on a logarithmic scale.",
  });
  const pictureCaption = caption("Size of the gradient that arrives: 1 is all of it");
  const words = sentence();
  const network = recurrentNetwork(maxLag, d, input_size);

  let sizes; // at every lag: they change with gain and tanh alone
  let parts; // what moves in the pictures: it changes with the width of the widget alone

  function layout(width) {
    parts = { ...layOutChain(chain, width, maxLag), ...layOutPicture(picture, width, maxLag) };
    sizes = undefined;
  }

  function draw() {
    const now = { lag: model.get("lag"), gain: model.get("gain"), tanh: model.get("tanh") };
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
    const looks =
      now.lag === 0
        ? ", for there is no other to look at"
        : ` where it looks at that step alone, 1 part in ${now.lag + 1} where it looks at all alike`;
    words.show(
      `After ${steps(now.lag)} at gain ${now.gain.toFixed(2)}, ${fate(size)}. ` +
        `Attention needs one step: all of it arrives${looks}.`,
    );
  }

  const buttons = element("div", { class: "attn-buttons" }, resetButton(model, names));
  const settings = element("div", { class: "attn-settings" }, tanh.node, buttons);
  const pictures = [chain, pictureCaption, picture];
  const content = [readouts, ...pictures, lag.node, gain.node, settings, words.node];
  return mount(el, model, names, content, { layout, draw });
}

const power = (decade) => (decade === 0 ? "1" : `10${superscript(decade)}`);
const steps = (n) => (n === 1 ? "1 step" : `${n} steps`);

function fate(size) {
  if (size > 1.005) return `the gradient has grown to ${format(size)} times its size`;
  if (size > 0.995) return "the gradient is as large as it was";
  if (size > 0.1) return `${Math.round(100 * size)}% of the gradient is left`;
  return `1 part in ${format(1 / size)} of the gradient is left`;
}

function layOutChain(svg, width, maxLag) {
  const x = scale([0, maxLag], [PLOT.left, width - PLOT.right]);
  const dots = Array.from({ length: maxLag + 1 }, (_, k) =>
    shape("circle", { class: "attn-step", cx: x(k), cy: CHAIN.ground }),
  );
  const arc = shape("path", { class: "attn-arc" });
  const arcName = shape("text", { class: "attn-arc-name" }, "attention: 1 step");
  const chainName = shape("text", { class: "attn-name", y: CHAIN.ground + 20 });
  const beside = { x: PLOT.left - 8, y: CHAIN.ground + 4, "text-anchor": "end" };
  const now = shape("text", beside, "now");
  svg.replaceChildren(now, ...dots, arc, arcName, chainName);
  return { dots, arc, arcName, chainName };
}

function drawChain({ x, dots, arc, arcName, chainName }, sizes, lag) {
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
  chainName.textContent = `recurrence: ${steps(lag)}`;
}

function layOutPicture(svg, width, maxLag) {
  const x = scale([0, maxLag], [PLOT.left, width - PLOT.right]);
  const y = scale(DECADES, [PICTURE.height - PICTURE.bottom, PICTURE.top]);
  const end = x(maxLag);
  const grid = [-12, -8, -4, 0, 4, 8].flatMap((decade) => [
    shape("line", { class: "attn-grid", x1: x(0), x2: end, y1: y(decade), y2: y(decade) }),
    shape("text", { x: PLOT.left - 8, y: y(decade) + 4, "text-anchor": "end" }, power(decade)),
  ]);
  const ticks = [0, 50, 100, 150, 200].map((k) =>
    shape("text", { x: x(k), y: PICTURE.height - 6, "text-anchor": "middle" }, String(k)),
  );
  // Attention's gradient is its weight: 1 where it found the step, 1/(k + 1) where all share alike.
  const even = Array.from({ length: maxLag + 1 }, (_, k) => [x(k), y(-Math.log10(k + 1))]);
  const band = shape("path", { class: "attn-band", d: `${path(even)}L${end} ${y(0)}Z` });
  const limit = y(Math.log10(FLOAT32));
  const clip = `attn-clip-${Math.random().toString(36).slice(2)}`;
  const [top, bottom] = [y(DECADES[1]), y(DECADES[0])];
  const line = shape("path", { class: "attn-line", "data-chosen": "true" });
  const needle = shape("line", { class: "attn-needle", y1: top, y2: bottom });
  const dot = shape("circle", { class: "attn-dot", r: 5, "data-chosen": "true" });
  const number = shape("text", { class: "attn-number" });
  const note = (height, words) =>
    shape("text", { class: "attn-note", x: x(0) + 6, y: height }, words);
  const inside = { x: x(0), y: top, width: end - x(0), height: bottom - top };
  const above = { class: "attn-arc-name", x: end, y: y(0) - 6, "text-anchor": "end" };
  svg.replaceChildren(
    shape("clipPath", { id: clip }, shape("rect", inside)),
    ...grid,
    ...ticks,
    band,
    shape("line", { class: "attn-even", x1: x(0), x2: end, y1: limit, y2: limit }),
    needle,
    shape("g", { "clip-path": `url(#${clip})` }, line),
    note(top + 14, "explodes"),
    note(limit + 16, "lost in float32 sums"),
    note(bottom - 6, "vanishes"),
    shape("text", above, "attention"),
    dot,
    number,
  );
  return { x, y, maxLag, line, needle, dot, number };
}

function drawMarker({ x, y, maxLag, needle, dot, number }, size, lag) {
  const decades = Math.log10(size);
  const held = Math.min(DECADES[1], Math.max(DECADES[0], decades)); // off the picture: on its edge
  const right = lag < maxLag / 2;
  // Clear of the curve, which comes from 1 and goes on, and of the word beside the line at 1.
  const above = decades < -1 ? right : !right && decades > 0.9;
  const [highest, lowest] = [PICTURE.top + 14, PICTURE.height - PICTURE.bottom - 4];
  move(needle, { x1: x(lag), x2: x(lag) });
  move(dot, { cx: x(lag), cy: y(held) });
  move(number, {
    x: x(lag) + (right ? 10 : -10),
    y: Math.max(highest, Math.min(lowest, y(held) + (above ? -8 : 20))),
    "text-anchor": right ? "start" : "end",
  });
  const arrow = decades < held ? " ↓" : decades > held ? " ↑" : "";
  number.textContent = format(size) + arrow;
}

export default { render };
