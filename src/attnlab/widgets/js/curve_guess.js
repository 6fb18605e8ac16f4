// A guess at a curve: a value for each place, drawn by pointer or point by point with the arrows.
import { plainKey } from "./controls.js";
import { dragging } from "./dragging.js";
import { nudged, placeOf, told, valueAt } from "./guesses.js";
import { PLOT, element, move, path, rules, scale, shape, ticks } from "./svg.js";
import { plural, say } from "./words.js";

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
  const middle = valueAt(quantity, 0.5);
  /** Until each place has a value it is no guess yet. @type {(number | undefined)[]} */
  let drawn = [];
  const values = () => bound.get() ?? places.map((_, i) => drawn[i]);
  const set = (/** @type {(number | undefined)[]} */ next) => {
    if (bound.isLocked()) return;
    const made = next.filter((value) => value !== undefined);
    const all = made.length === places.length;
    drawn = all ? [] : next;
    if (all) bound.set(made);
    else show();
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
          const aside = { ArrowLeft: -1, ArrowRight: 1 }[plainKey(event)];
          const next = afterKey(plainKey(event), values()[i]);
          if (aside === undefined && next === null) return;
          event.preventDefault();
          if (aside !== undefined) points[i + aside]?.focus();
          else if (next !== null) set(values().with(i, next));
        },
      },
      shape("circle", { class: "attn-reach", r: 14 }),
      shape("circle", { r: 8 }),
    ),
  );

  /** @type {(key: string, value: number | undefined) => number | null} */
  function afterKey(key, value) {
    if (key === "Home") return low;
    if (key === "End") return high;
    const sign = { ArrowUp: 1, PageUp: 1, ArrowDown: -1, PageDown: -1 }[key];
    if (sign === undefined) return null;
    return value === undefined ? middle : nudged(quantity, value, sign, key.startsWith("Page"));
  }

  /** At which place a pointer is, and how high. @type {(left: number, top: number) => { i: number, share: number }} */
  const penAt = (left, top) => {
    const nearest = Math.round((left - x(0)) / (x(1) - x(0)));
    const i = Math.min(places.length - 1, Math.max(0, nearest));
    return { i, share: (top - y(0)) / (y(1) - y(0)) };
  };
  let pen = penAt(0, 0);
  /** Draws on to there, over all places on the way. @type {(left: number, top: number) => void} */
  const draw = (left, top) => {
    const [from, to] = [pen, penAt(left, top)];
    const next = [...values()];
    const steps = Math.max(1, Math.abs(to.i - from.i));
    for (let step = 1; step <= steps; step++) {
      const t = step / steps;
      const i = from.i + Math.round(t * (to.i - from.i));
      next[i] = valueAt(quantity, from.share + t * (to.share - from.share));
    }
    pen = to;
    set(next);
  };
  /** @type {(left: number, top: number) => void} */
  const begin = (left, top) => {
    if (bound.isLocked()) return;
    pen = penAt(left, top);
    draw(left, top);
    points[pen.i].focus({ preventScroll: true });
  };
  const svg = shape(
    "svg",
    { class: "attn-guess-curve", height: SIZE.height, ...dragging(draw, begin) },
    axes,
    line,
    ...points,
  );
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
    const isDrawn = values().map((value) => value !== undefined);
    const now = values().map((value) => value ?? middle);
    const sums = { left: isDrawn.filter((yes) => !yes).length, all: places.length };
    const words = sums.left < sums.all ? say(TEXT.left[plural(sums.left)], sums) : TEXT.begin;
    hint.textContent = guess || bound.isLocked() ? "" : words;
    move(line, { d: path(now.map((value, i) => [x(i), level(value)])) });
    points.forEach((point, i) => {
      point.setAttribute("tabindex", bound.isLocked() ? "-1" : "0");
      move(point, {
        transform: `translate(${x(i)} ${level(now[i])})`,
        "aria-valuenow": now[i],
        "aria-valuetext": isDrawn[i] ? told(now[i]) : TEXT.none,
        "data-made": isDrawn[i],
        "aria-disabled": bound.isLocked(),
      });
    });
  }

  const focus = () => points[Math.max(0, values().indexOf(undefined))].focus();
  return { node, show, focus, stop: () => resize.disconnect() };
}

const TEXT = {
  point: "{label}, at {x}",
  none: "no guess yet",
  begin: "Draw the line, or move its points with the arrow keys.",
  left: {
    one: "One of {all} points still has no guess: draw the line on, or move it with the arrow keys.",
    other:
      "{left} of {all} points still have no guess: draw the line on, or move them with the arrow keys.",
  },
};
