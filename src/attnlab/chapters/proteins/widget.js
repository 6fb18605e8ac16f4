// A map of places: above the diagonal how strongly two go together, below it which pairs stand out.
import { contactsOf, countsOf, kindOf, standing, strongest } from "./mathematics.js";
import { read, trait } from "../../widgets/js/bindings.js";
import {
  caption,
  mount,
  radios,
  readout,
  readouts,
  resetButton,
  sentence,
  settings,
  slider,
  toggle,
} from "../../widgets/js/controls.js";
import { heatMap } from "../../widgets/js/heat_map.js";
import { move, picture, put, shape } from "../../widgets/js/svg.js";
import { plural, say } from "../../widgets/js/words.js";

const SIDE = 288; // pixels of the square
const MARKS = { contact: "●", indirect: "×", neither: "○" };

/**
 * @import { Sent, View } from "../../widgets/js/types.d.ts"
 * @typedef {"information" | "inverse" | "attention"} Method
 * @typedef {{ length: number, chains: number[][], sizes: number[] }} Fixed
 * @typedef {{ n: number } & Record<Method, number[]>} Maps
 * @typedef {{ sequences: number, method: Method, by_chain: boolean, _maps: Maps[] } & Sent<Fixed>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["sequences", "method", "by_chain"]);
  const fixed = model.get("_constants");
  const { length, chains, sizes } = fixed;
  const contacts = contactsOf(chains);
  const last = sizes.length - 1;
  const at = (/** @type {number} */ place) => sizes[Math.min(last, Math.max(0, Math.round(place)))];
  const sequences = slider(trait(model, "sequences"), {
    letter: "N",
    meaning: TEXT.sequences,
    track: (n) => sizes.indexOf(n),
    value: at,
    nudge: (n, sign, paged) => at(sizes.indexOf(n) + sign * (paged ? 2 : 1)),
    text: (n) => n.toLocaleString("en-US"),
  });
  const method = radios(trait(model, "method"), TEXT.method, TEXT.methods);
  const byChain = toggle(trait(model, "by_chain"), TEXT.byChain);
  const methods = /** @type {Method[]} */ (Object.keys(TEXT.methods));
  const shares = methods.map((name) => readout(name, TEXT.methods[name]));
  const words = sentence();
  const map = heatMap();
  const marks = contacts.map(() => shape("text", { class: "attn-mark", "font-size": 13 }));
  const square = shape("g", {}, shape("rect", { class: "attn-frame", width: SIDE, height: SIDE }));
  square.append(map.node, ...marks);
  const plane = picture(TEXT.plane, { height: SIDE + 2 }, square);

  function layout(/** @type {number} */ width) {
    put(square, Math.max(1, (width - SIDE) / 2), 1);
  }

  function draw() {
    const now = read(model, names);
    const maps = model.get("_maps").find((each) => each.n === now.sequences);
    if (!maps) throw new Error(`expected maps for ${now.sequences} sequences`);
    const place = standing(now.by_chain, fixed);
    // Above the diagonal: whichever of the two stands first is the row.
    const upper = (/** @type {number[]} */ [i, j]) => [
      Math.min(place[i], place[j]),
      Math.max(place[i], place[j]),
    ];
    const weights = Array.from({ length }, () => new Float64Array(length));
    strongest(maps[now.method], length, maps[now.method].length).forEach(([i, j]) => {
      const [row, column] = upper([i, j]);
      weights[row][column] = maps[now.method][(i * (2 * length - i - 1)) / 2 + j - i - 1] / 1000;
    });
    const box = { left: 0, top: 0, width: SIDE, height: SIDE };
    const framed = contacts.map((pair) => {
      const [row, column] = upper(pair);
      return /** @type {[number, number, number, number]} */ ([column, row, 1, 1]);
    });
    map.show({ weights, box, framed });
    strongest(maps[now.method], length, contacts.length).forEach((pair, k) => {
      const [row, column] = upper(pair);
      const kind = kindOf(pair, chains);
      move(marks[k], { "data-kind": kind, "data-pair": pair.join("-") });
      marks[k].textContent = MARKS[kind];
      put(marks[k], (SIDE * (row + 0.5)) / length, (SIDE * (column + 0.5)) / length);
    });
    [sequences, method, byChain].forEach((control) => control.show());
    shares.forEach((share, k) =>
      share.show(countsOf(maps[methods[k]], fixed).contact / contacts.length),
    );
    const counts = countsOf(maps[now.method], fixed);
    const places = { of: contacts.length, right: counts.contact, indirect: counts.indirect };
    const one = counts.contact === contacts.length ? TEXT.all : TEXT.some[plural(counts.indirect)];
    words.show(say(one, { ...places, neither: counts.neither }));
  }

  const content = [
    caption(TEXT.shares),
    readouts(shares, "attn-three"),
    method.node,
    caption(TEXT.caption),
    plane,
    sequences.node,
    settings([byChain], resetButton(model, names)),
    words.node,
  ];
  return mount(el, model, names, content, { layout, draw });
}

const TEXT = {
  sequences: "sequences of the family that are known",
  method: "The map below",
  methods: {
    information: "mutual information",
    inverse: "inverse covariance",
    attention: "attention",
  },
  byChain: "places of a chain beside each other",
  shares: "Share of contacts among the 14 strongest pairs",
  caption:
    "Above the diagonal: how strongly two places go together. Below: contacts are framed, and the 14 strongest pairs are ● contacts, × indirect, ○ neither",
  plane: "A square of pairs of places, with the contacts framed and the 14 strongest pairs marked.",
  all: "All of its {of} strongest pairs are contacts.",
  // By the number of indirect pairs.
  some: {
    one: "Of its {of} strongest pairs {right} are contacts; one is indirect, two places of a chain that don't touch, and {neither} are neither.",
    other:
      "Of its {of} strongest pairs {right} are contacts; {indirect} are indirect, two places of a chain that don't touch, and {neither} are neither.",
  },
};

export default { render };
