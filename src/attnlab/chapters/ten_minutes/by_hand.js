// One look-up by hand: a query and three keys of two numbers, to be moved, and every step from them
// to what is read, with its numbers.
import { byHand } from "./by_hand_steps.js";
import { assign, read, trait } from "../../widgets/js/bindings.js";
import {
  caption,
  coordinate,
  mount,
  plainKey,
  radios,
  resetButton,
  sentence,
  settings,
} from "../../widgets/js/controls.js";
import { dragging } from "../../widgets/js/dragging.js";
import { axes, element, move, path, put, scale, shape } from "../../widgets/js/svg.js";
import {
  brief,
  compose,
  decimals,
  format,
  paragraph,
  percent,
  say,
} from "../../widgets/js/words.js";

const EDGE = 2.25; // of the plane, a little more than a number can be
const WIDEST = 264; // pixels of the plane
const REACH = 22; // pixels: how far a finger may be from a point to take it
const QUERY = "query";

/**
 * @import { Child, Model, Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {{
 *   query: number[], places: number[][], point: string,
 * } & Sent<{ values: number[][] }>} Traits
 * @typedef {ReturnType<typeof byHand>} Steps
 * @typedef {(name: string) => number[]} Places
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["query", "places", "point"]);
  const { limits, values } = model.get("_constants");
  const points = limits.point.values;
  const keys = points.filter((name) => name !== QUERY);
  const which = radios(trait(model, "point"), TEXT.which, {
    [QUERY]: TEXT.query,
    ...Object.fromEntries(keys.map((name) => [name, say(TEXT.key, { name })])),
  });
  const sliders = [TEXT.across, TEXT.up].map((meaning, i) => {
    const bound = {
      name: `point_${i + 1}`,
      limits: limits.query,
      get: () => placeOf(model, model.get("point"))[i],
      set: (/** @type {number} */ to) => {
        const point = model.get("point");
        assign(model, moved(model, point, placeOf(model, point).with(i, to)));
      },
    };
    return coordinate(bound, { letter: "x", index: String(i + 1), meaning });
  });
  const svg = shape("svg", { role: "group", "aria-label": TEXT.plane });
  const plane = element("div", { class: "attn-hand-plane" }, svg);
  const steps = stepsOf(keys);
  const words = sentence();
  const moves = element(
    "div",
    { class: "attn-hand-moves" },
    which.node,
    ...sliders.map(({ node }) => node),
  );
  /** @type {ReturnType<typeof layOut>} */
  let parts;

  function layout(/** @type {number} */ width) {
    const side = Math.min(width - 2, WIDEST);
    plane.style.width = `${side + 2}px`;
    parts = layOut(svg, side, model, points);
  }

  function draw() {
    const { query, places, point } = read(model, names);
    const found = byHand(query, places, values);
    which.show();
    sliders.forEach((slider) => slider.show());
    move(moves, { "data-point": point });
    parts.show(found.weights);
    steps.show(query, places, values, found);
    words.show(describe(query, places, keys, found));
  }

  const content = [
    caption(TEXT.caption),
    element("div", { class: "attn-hand" }, plane, steps.node),
    words.node,
    moves,
    settings([], resetButton(model, names)),
  ];
  return mount(el, model, names, content, { layout, draw });
}

/** Where the query is, or the key of this name. @type {(model: Model<Traits>, name: string) => number[]} */
function placeOf(model, name) {
  return name === QUERY ? model.get("query") : model.get("places")[numberOf(model, name)];
}

/** What must be set to take it to another place. @type {(model: Model<Traits>, name: string, place: number[]) => Partial<Traits>} */
function moved(model, name, place) {
  if (name === QUERY) return { query: place };
  return { places: model.get("places").with(numberOf(model, name), place) };
}

/** @type {(model: Model<Traits>, name: string) => number} */
const numberOf = (model, name) => model.get("_constants").limits.point.values.indexOf(name) - 1;

/** @type {Record<string, [number, number]>} */
const ARROWS = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/**
 * The plane: a point for the query and for each key, all of which can be moved.
 * @type {(svg: SVGElement, side: number, model: Model<Traits>, points: string[]) => { show: (weights: Float64Array) => void }}
 */
function layOut(svg, side, model, points) {
  const { min, max } = model.get("_constants").limits.query;
  const x = scale([-EDGE, EDGE], [0, side]);
  const y = scale([-EDGE, EDGE], [side, 0]);
  const within = (/** @type {number[]} */ place) =>
    place.map((at) => Math.round(100 * Math.min(max, Math.max(min, at))) / 100 || 0);
  const set = (/** @type {string} */ name, /** @type {number[]} */ place) =>
    assign(model, { ...moved(model, name, within(place)), point: name });
  const handles = points.map((name) =>
    shape("circle", {
      class: "attn-hand-point attn-glide",
      r: name === QUERY ? 9 : 7,
      tabindex: 0,
      role: "application",
      ...(name === QUERY ? { "data-query": "" } : {}),
      keydown: (/** @type {KeyboardEvent} */ event) => {
        const step = ARROWS[plainKey(event)];
        if (!step) return;
        event.preventDefault();
        set(
          name,
          placeOf(model, name).map((at, i) => at + 0.1 * step[i]),
        );
      },
    }),
  );
  let held = QUERY;
  const carry = (/** @type {number} */ left, /** @type {number} */ top) =>
    set(
      held,
      [left, side - top].map((pixels) => EDGE * ((2 * pixels) / side - 1)),
    );
  const take = (/** @type {number} */ left, /** @type {number} */ top) => {
    const away = points.map((name) => {
      const [a, b] = placeOf(model, name);
      return Math.hypot(x(a) - left, y(b) - top);
    });
    const nearest = Math.min(...away);
    held = nearest < REACH ? points[away.indexOf(nearest)] : QUERY;
    handles[points.indexOf(held)].focus({ preventScroll: true });
    if (nearest < REACH)
      assign(model, { point: held }); // a click moves no point
    else carry(left, top);
  };
  // The whole plane takes the pointer, so that a finger need not hit a point.
  const surface = shape("rect", {
    class: "attn-grip",
    width: side,
    height: side,
    ...dragging(carry, take),
  });
  const discs = points.slice(1).map(() => shape("circle", { class: "attn-hand-share attn-glide" }));
  const labels = points.map((name) => {
    const own = { "text-anchor": "middle", "data-query": name === QUERY };
    return shape("text", { class: "attn-number attn-glide", ...own });
  });
  const ray = shape("path", { class: "attn-hand-ray attn-glide" });
  svg.setAttribute("height", String(side));
  svg.replaceChildren(axes(x, y, EDGE), ...discs, ray, ...labels, ...handles.toReversed(), surface);

  function show(/** @type {Float64Array} */ weights) {
    points.forEach((name, i) => {
      const place = placeOf(model, name);
      const [cx, cy] = [x(place[0]), y(place[1])];
      const spoken = { name, x: decimals(place[0]), y: decimals(place[1]) };
      move(handles[i], {
        cx,
        cy,
        "data-chosen": name === model.get("point"),
        "aria-label": say(name === QUERY ? TEXT.queryHandle : TEXT.keyHandle, spoken),
      });
      // The query's name is above it and a key's below, unless the plane's edge is in the way.
      const above = name === QUERY ? cy > 30 : cy > side - 30;
      put(labels[i], Math.min(side - 28, Math.max(28, cx)), above ? cy - 13 : cy + 23);
      if (name === QUERY) {
        labels[i].textContent = TEXT.q;
        move(ray, {
          d: path([
            [x(0), y(0)],
            [cx, cy],
          ]),
        });
        return;
      }
      const weight = weights[i - 1];
      labels[i].textContent = say(TEXT.share, { name, share: brief(weight) });
      // The area of a disc is its share of the weight.
      move(discs[i - 1], { cx, cy, r: (side / 8) * Math.sqrt(weight), "data-weight": weight });
    });
  }
  return { show };
}

/** The five steps, a line for each key, and the two sums. @param {string[]} keys */
function stepsOf(keys) {
  const lines = (/** @type {string} */ step) =>
    keys.map((name) => element("p", { "data-name": `${step}_${name}` }));
  const all = {
    product: lines("product"),
    divided: lines("divided"),
    power: lines("power"),
    share: lines("share"),
    part: lines("part"),
  };
  const total = element("p", { class: "attn-hand-total", "data-name": "total" });
  const sum = element("p", { class: "attn-hand-total", "data-name": "read" });
  /** @type {Partial<typeof all>} */
  const ends = { power: [total], part: [sum] };
  const steps = /** @type {(keyof typeof all)[]} */ (Object.keys(all));
  const blocks = steps.map((step) =>
    element(
      "div",
      {
        class: "attn-hand-step",
        role: "group",
        "aria-label": TEXT.steps[step],
        style: `--wide: ${WIDE[step]}`,
      },
      caption(TEXT.steps[step]),
      ...all[step],
      ...(ends[step] ?? []),
    ),
  );
  const node = element("div", { class: "attn-hand-steps" }, ...blocks);

  /** @type {(query: number[], places: number[][], values: number[][], found: Steps) => void} */
  function show(query, places, values, found) {
    const [q1, q2] = query.map((x) => colored("query", decimals(x)));
    keys.forEach((name, j) => {
      const [k1, k2] = places[j].map((x) => colored("key", decimals(x)));
      const value = colored("value", pair(values[j], String));
      const numbers = {
        product: exactly(found.products[j], decimals),
        scaled: exactly(found.scaled[j], decimals),
        power: exactly(found.powers[j], format),
        share: exactly(found.weights[j], decimals, "weight"),
        part: colored("value", pair(found.parts[j], decimals)),
      };
      const key = element("b", {}, name);
      const fill = (/** @type {Element} */ row, /** @type {string} */ line, more = {}) =>
        row.replaceChildren(key.cloneNode(true), ...again(compose(line, { ...numbers, ...more })));
      fill(all.product[j], TEXT.product, { q1, k1, q2, k2 });
      fill(all.divided[j], TEXT.divided);
      fill(all.power[j], TEXT.power);
      fill(all.share[j], TEXT.shareOf, { total: format(found.total) });
      fill(all.part[j], TEXT.part, { value });
    });
    total.replaceChildren(...compose(TEXT.total, { total: exactly(found.total, format) }));
    sum.replaceChildren(
      ...compose(TEXT.read, { read: colored("value", pair(found.read, decimals)) }),
    );
  }
  return { node, show };
}

/** The same nodes once more: a node stands in one place. @param {Child[]} parts */
const again = (parts) =>
  parts.map((part) => (typeof part === "string" ? part : part.cloneNode(true)));

/** @type {(kind: string, words: string) => HTMLElement} */
const colored = (kind, words) => element("span", { class: `attn-of-${kind}` }, words);

/** A number, whose full precision can be read from `value`. @type {(x: number, text: (x: number) => string, kind?: string) => HTMLElement} */
function exactly(x, text, kind = "ink") {
  return element("data", { value: x, class: `attn-of-${kind}` }, text(x));
}

/** @type {(numbers: ArrayLike<number>, text: (x: number) => string) => string} */
const pair = ({ 0: a, 1: b }, text) => say(TEXT.pair, { a: text(a), b: text(b) });

/**
 * @param {number[]} query
 * @param {number[][]} places
 * @param {string[]} names
 * @param {Steps} found
 */
function describe(query, places, names, { products, weights, read: sum }) {
  const top = products.indexOf(Math.max(...products));
  const distances = places.map(([a, b]) => Math.hypot(a - query[0], b - query[1]));
  const nearest = distances.indexOf(Math.min(...distances));
  const flat = Math.max(...products) - Math.min(...products) < 1e-9;
  const ahead = products[top] - products[nearest] > 1e-9;
  const shares = Object.fromEntries(names.map((name, j) => [name, percent(weights[j])]));
  const [x, y] = [decimals(sum[0]), decimals(sum[1])];
  return paragraph(
    say(TEXT.reads, { ...shares, x, y }),
    flat ? TEXT.flat : "",
    ahead ? say(TEXT.notNearest, { nearest: names[nearest], top: names[top] }) : "",
  );
}

// How wide each step is at its widest numbers.
const WIDE = { product: "19.5em", divided: "9.5em", power: "8em", share: "9.5em", part: "13.5em" };

const TEXT = {
  caption:
    "Drag the query (blue) or a key (orange), or move them by arrow keys. The page computes with all digits and shows two or three.",
  plane: "The plane with the query and three keys, A to C, all of which can be moved.",
  q: "q",
  query: "the query",
  key: "key {name}",
  which: "Move without dragging",
  across: "from left to right",
  up: "from bottom to top",
  queryHandle: "The query, at {x} across and {y} up: arrow keys move it.",
  keyHandle: "Key {name}, at {x} across and {y} up: arrow keys move it.",
  share: "{name} {share}",
  steps: {
    product: "1. Multiply query and key, and add",
    divided: "2. Divide by √2",
    power: "3. Raise e to that power",
    share: "4. Divide by the sum: shares",
    part: "5. Take that share of each value, and add",
  },
  product: "{q1} × {k1} + {q2} × {k2} = {product}",
  divided: "{product} / 1.41 = {scaled}",
  power: "exp {scaled} = {power}",
  total: "The sum is {total}",
  shareOf: "{power} / {total} = {share}",
  part: "{share} × {value} = {part}",
  read: "Read: {read}",
  pair: "({a}, {b})",
  reads: "The query reads {A} of A’s value, {B} of B’s and {C} of C’s, and gets ({x}, {y}).",
  flat: "All three products are the same, so each value gets a third.",
  notNearest:
    "Key {nearest} is the nearest to the query, but key {top} has the larger product, because a longer key counts for more.",
};

export default { render };
