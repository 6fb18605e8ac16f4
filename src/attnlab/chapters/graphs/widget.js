// Two camps in the plane: one node's links, each as thick as the weight that it gets.
import { areFriends, friendsOf, graphOf, summary, weightsOf } from "./mathematics.js";
import { assign, read, trait } from "../../widgets/js/bindings.js";
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
import { move, path, picture, put, scale, shape } from "../../widgets/js/svg.js";
import { ALL, paragraph, percent, plural, say } from "../../widgets/js/words.js";

const EDGE = { across: 5, up: 3.3, badged: 5.2 }; // of the plane; who is beyond stands on its rim
const HEIGHT = 250;
const THICK = 30; // pixels of a link that gets all the weight

/**
 * @import { Sent, View } from "../../widgets/js/types.d.ts"
 * @import { Fixed, Layer, State } from "./mathematics.js"
 * @typedef {State & { node: number, _layers: Layer[] } & Sent<Fixed>} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const names = /** @type {const} */ (["separation", "badges", "degree", "node", "graph"]);
  const fixed = model.get("_constants");
  const { n, limits } = fixed;
  const separation = slider(trait(model, "separation"), {
    letter: "μ",
    meaning: TEXT.separation,
    ...evenly({ step: 0.5, page: 1 }),
    text: (x) => x.toFixed(1),
  });
  const degree = slider(trait(model, "degree"), {
    letter: "m",
    meaning: TEXT.degree,
    ...evenly({ page: 5 }),
  });
  const asking = slider(trait(model, "node"), {
    letter: "i",
    meaning: TEXT.node,
    ...evenly({ page: 10 }),
  });
  const badges = toggle(trait(model, "badges"), TEXT.badges);
  const inside = share("inside", TEXT.inside);
  const onFriends = share("on_friends", TEXT.onFriends);
  const ownSide = share("own_side", TEXT.ownSide);
  const words = sentence();
  const middle = shape("line", { class: "attn-even", y1: 0, y2: HEIGHT });
  const faint = shape("path", { class: "attn-faint" });
  const links = shape("g", {});
  const nodes = Array.from({ length: n }, (_, i) => marker(model, i, n));
  const plane = picture(TEXT.plane, { height: HEIGHT }, middle, faint, links, ...nodes);
  let x = across(1); // to pixels, once there is a width

  function layout(/** @type {number} */ width) {
    x = across(width);
    move(middle, { x1: x(0), x2: x(0) });
  }

  function draw() {
    const now = read(model, names);
    const graph = graphOf(now, fixed);
    const layer = model
      .get("_layers")
      .find((each) => each.separation === now.separation && each.badge > 0 === now.badges);
    if (!layer) throw new Error(`expected a layer for separation ${now.separation}`);
    const weights = weightsOf(layer, graph, fixed);
    const all = summary(graph, weights);
    [separation, degree, asking, badges].forEach((control) => control.show());
    inside.show(all.inside);
    onFriends.show(all.onFriends);
    ownSide.show(all.ownSide);
    const end = now.badges ? EDGE.badged : EDGE.up;
    const y = scale([-end, end], [HEIGHT - 6, 6]);
    const places = graph.x.map(([a, b]) => [x(within(a, EDGE.across)), y(within(b, end))]);
    const pairs = graph.neighbors.flatMap((row, i) =>
      row.filter((j) => i < j).map((j) => path([places[i], places[j]])),
    );
    move(faint, { d: pairs.join("") });
    links.replaceChildren(
      ...graph.neighbors[now.node].map((j, place) => {
        const [[x1, y1], [x2, y2]] = [places[now.node], places[j]];
        const weight = weights[now.node][place];
        return shape("line", {
          class: "attn-link",
          "data-weight": weight,
          "data-friend": areFriends(now.node, j, n),
          "stroke-width": Math.max(0.75, THICK * weight),
          ...{ x1, y1, x2, y2 },
        });
      }),
    );
    nodes.forEach((node, i) => {
      put(node, places[i][0], places[i][1]);
      move(node, { "data-chosen": i === now.node });
    });
    const own = friendsOf(now.node, graph.neighbors[now.node], weights[now.node], n);
    words.show(describe(now.node, graph.neighbors[now.node].length, own, all));
  }

  const another = button(TEXT.another, () =>
    assign(model, { graph: (model.get("graph") + 1) % (limits.graph.max + 1) }),
  );
  const content = [
    readouts([inside, onFriends, ownSide], "attn-three"),
    caption(TEXT.caption),
    plane,
    separation.node,
    settings([badges], another, resetButton(model, names)),
    words.node,
    asking.node,
    degree.node,
  ];
  return mount(el, model, names, content, { layout, draw });
}

/** @param {number} width in pixels */
const across = (width) => scale([-EDGE.across, EDGE.across], [0, width]);

/** @type {(at: number, end: number) => number} */
const within = (at, end) => Math.max(-end, Math.min(end, at));

/** A share that there may be none of. @param {string} name @param {string} words */
function share(name, words) {
  const shown = readout(name, words);
  const number = /** @type {HTMLElement} */ (shown.node.lastElementChild);
  const show = (/** @type {number} */ x) => {
    shown.show(x);
    number.textContent = Number.isNaN(x) ? TEXT.nothing : part(x);
  };
  return { node: shown.node, show };
}

/** Nodes and neighbors are counted: all of them are all. @param {number} x */
const part = (x) => (x === 1 ? ALL : percent(x));

/** A node to click on: a disk or an open square, by its camp. */
function marker(model, i, n) {
  const look =
    i < n / 2
      ? shape("circle", { r: 5 })
      : shape("rect", { x: -4.5, y: -4.5, width: 9, height: 9 });
  const click = () => assign(model, { node: i });
  return shape("g", { class: "attn-node", "data-node": i, click }, look, shape("circle", { r: 9 }));
}

function describe(node, degree, own, { inside, onFriends, ownSide }) {
  if (Number.isNaN(inside)) return TEXT.noLinks;
  const places = { node, degree, friends: own.count, weight: part(own.weight) };
  const one = degree === 0 ? TEXT.alone : TEXT.linked[plural(degree)][plural(own.count)];
  const of = { inside: part(inside), weight: part(onFriends), side: part(ownSide) };
  return paragraph(say(one, places), say(TEXT.all, of));
}

const TEXT = {
  separation: "how far apart the two centers are",
  degree: "neighbors of a node, on average",
  node: "the node that asks",
  badges: "badges: up or down tells who belongs together",
  inside: "friends among neighbors",
  onFriends: "weight on friends",
  ownSide: "on their own side",
  nothing: "–",
  caption:
    "Disks are one camp, squares the other. Lines from the node that asks: thick as weights, dashed to the other camp",
  plane: "Sixty nodes in the plane, and the links of one of them, as thick as their weights.",
  another: "Another graph",
  noLinks: "No node has a neighbor, so there is nothing to weigh.",
  alone: "Node {node} has no neighbors, and hears nothing.",
  // By the number of neighbors, and then by that of friends.
  linked: {
    one: {
      one: "Node {node} has one neighbor, a friend, who gets all the weight.",
      other: "Node {node} has one neighbor, who is no friend and gets all the weight.",
    },
    other: {
      one: "Node {node} has {degree} neighbors; one is a friend and gets {weight} of its weight.",
      other:
        "Node {node} has {degree} neighbors; {friends} are friends and get {weight} of its weight.",
    },
  },
  all: "Over all nodes, friends are {inside} of the neighbors and get {weight} of the weight; {side} of the nodes need no help, as they stand on their own side of the middle.",
};

export default { render };
