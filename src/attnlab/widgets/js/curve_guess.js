// A guess at a curve: a value for each place, drawn by pointer or point by point with the arrows.
import { nudged, placeOf, told, valueAt } from "./guesses.js";
import { PLOT, element, move, path, rules, scale, shape, ticks } from "./svg.js";
import { say } from "./words.js";

/**
 * @import { CurveQuantity } from "./types.d.ts"
 * @typedef {{ name: string, get(): number[] | undefined, set(guess: number[]): void, isLocked(): boolean }} Bound
 */

const SIZE = { height: 260, top: 16, bottom: 30, aside: 16 };

/**
 * Points above the places, and the line through them.
 * @param {CurveQuantity} quantity
 * @param {Bound} bound
 */
export function curveControl(quantity, bound) {
  const { x: places, low, high } = quantity;
  const y = scale([0, 1], [SIZE.height - SIZE.bottom, SIZE.top]);
  const level = (/** @type {number} */ value) => y(placeOf(quantity, value));
  const start = valueAt(quantity, 0.5);
  const values = () => bound.get() ?? places.map(() => start);
  const set = (/** @type {number} */ i, /** @type {number} */ value) => {
    if (!bound.isLocked()) bound.set(values().with(i, value));
  };
  let x = (/** @type {number} */ i) => i; // from a place's number to pixels, once there is a width
  const axes = shape("g");
  const line = shape("path", { class: "attn-guess-line" });
  const points = places.map((place, i) =>
    shape(
      "g",
      {
        role: "slider",
        tabindex: 0,
        class: "attn-guess-point",
        "data-name": `${bound.name}-${i}`,
        "aria-label": say(TEXT.point, { label: quantity.label, x: told(place) }),
        "aria-orientation": "vertical",
        "aria-valuemin": low,
        "aria-valuemax": high,
        keydown: (/** @type {KeyboardEvent} */ event) => {
          const aside = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
          const next = afterKey(event.key, values()[i]);
          if (aside === undefined && next === null) return;
          event.preventDefault();
          if (aside !== undefined) points[i + aside]?.focus();
          else if (next !== null) set(i, next);
        },
      },
      shape("circle", { class: "attn-reach", r: 14 }),
      shape("circle", { r: 8 }),
    ),
  );

  /** @type {(key: string, value: number) => number | null} */
  function afterKey(key, value) {
    if (key === "Home") return low;
    if (key === "End") return high;
    const sign = { ArrowUp: 1, PageUp: 1, ArrowDown: -1, PageDown: -1 }[key];
    return sign === undefined ? null : nudged(quantity, value, sign, key.startsWith("Page"));
  }

  let drawing = false;
  const svg = shape(
    "svg",
    { class: "attn-guess-curve", height: SIZE.height },
    axes,
    line,
    ...points,
  );
  const draw = (/** @type {PointerEvent} */ event) => {
    const box = svg.getBoundingClientRect();
    const i = Math.round((event.clientX - box.left - x(0)) / (x(1) - x(0)));
    const nearest = Math.min(places.length - 1, Math.max(0, i));
    set(nearest, valueAt(quantity, (event.clientY - box.top - y(0)) / (y(1) - y(0))));
    return nearest;
  };
  svg.addEventListener("pointerdown", (event) => {
    if (bound.isLocked() || event.button !== 0) return;
    event.preventDefault();
    drawing = true;
    svg.setPointerCapture(event.pointerId);
    points[draw(event)].focus({ preventScroll: true });
  });
  svg.addEventListener("pointermove", (event) => {
    if (drawing) draw(event);
  });
  svg.addEventListener("lostpointercapture", () => (drawing = false));
  const levels = [0, 0.5, 1].map((share) => valueAt(quantity, share));
  const resize = new ResizeObserver(([entry]) => {
    const ends = [PLOT.left, entry.contentRect.width - PLOT.right];
    const inner = [ends[0] + SIZE.aside, ends[1] - SIZE.aside];
    x = scale([0, places.length - 1], inner);
    const named = ticks((place) => x(places.indexOf(place)), SIZE.height - 8, places);
    axes.replaceChildren(...rules(ends, level, levels, told), ...named);
    show();
  });
  resize.observe(svg);
  const hint = element("p", { class: "attn-interval-words" });
  const node = element(
    "div",
    { class: "attn-quantity", role: "group", "aria-label": quantity.label },
    element("div", { class: "attn-asked" }, element("span", {}, quantity.label)),
    svg,
    hint,
  );

  function show() {
    const guess = bound.get();
    node.dataset.made = String(Boolean(guess));
    hint.textContent = guess || bound.isLocked() ? "" : TEXT.begin;
    const now = values();
    move(line, { d: path(now.map((value, i) => [x(i), level(value)])) });
    points.forEach((point, i) => {
      point.setAttribute("tabindex", bound.isLocked() ? "-1" : "0");
      move(point, {
        transform: `translate(${x(i)} ${level(now[i])})`,
        "aria-valuenow": now[i],
        "aria-valuetext": guess ? told(now[i]) : TEXT.none,
        "aria-disabled": bound.isLocked(),
      });
    });
  }

  return { node, show, focus: () => points[0].focus(), stop: () => resize.disconnect() };
}

const TEXT = {
  point: "{label}, at {x}",
  none: "no guess yet",
  begin: "Draw the line, or move its points with the arrow keys.",
};
