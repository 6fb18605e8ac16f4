// Heat maps on a page without a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Window } from "happy-dom";
import { heatMap, tinted } from "../../src/attnlab/widgets/js/heat_map.js";

globalThis.document = new Window().document;

const WEIGHTS = [
  [0.25, 0.75, 0],
  [1, 0, 0],
];
const BOX = { left: 40, top: 20, width: 90, height: 20 };
const cells = (map) => [...map.cells.children];
const weights = (map) => cells(map).map((cell) => Number(cell.dataset.weight));
const styles = (node) => [...node.children].map((each) => each.getAttribute("style"));

test("a cell for each weight, row by row, in its place and as deep in color", () => {
  const map = heatMap();
  map.show({ weights: WEIGHTS, box: BOX });
  assert.deepEqual(weights(map), WEIGHTS.flat());
  assert.equal(cells(map)[1].getAttribute("fill-opacity"), "0.750");
  const size = "width: calc(30px - 0px); height: 10px";
  assert.equal(styles(map.cells)[0], `transform: translate(calc(40px + 0px), 20px); ${size}`);
  assert.equal(styles(map.cells)[5], `transform: translate(calc(40px + 60px), 30px); ${size}`);
});

test("without a width the box reaches to the right edge, however wide the picture is", () => {
  const map = heatMap({ gap: 1 });
  map.show({ weights: WEIGHTS, box: { ...BOX, width: undefined } });
  const [, second] = styles(map.cells);
  assert.ok(second.startsWith(`transform: translate(calc(40px + (100% - 40px) * ${1 / 3}), 20px)`));
  assert.ok(second.endsWith(`width: calc((100% - 40px) * ${1 / 3} - 1px); height: 9px`));
});

test("what is there already stays there when weights and their number change", () => {
  const map = heatMap();
  map.show({ weights: WEIGHTS, box: BOX, rows: ["a", "b"], columns: ["x", "y", "z"] });
  const before = cells(map);
  map.show({ weights: [[0.5, 0.5]], box: BOX, rows: ["c"], columns: ["x", "w"] });
  assert.deepEqual(weights(map), [0.5, 0.5]);
  assert.ok(cells(map).every((cell, k) => cell === before[k]));
  assert.equal(map.node.textContent, "xwc");
  map.show({ weights: WEIGHTS, box: BOX });
  assert.deepEqual(weights(map), WEIGHTS.flat());
  map.show({ weights: [], box: BOX });
  assert.equal(cells(map).length, 0);
});

test("names stand beside rows and above columns, turned where they are long", () => {
  const map = heatMap({ side: { x: -6 } });
  const named = { weights: WEIGHTS, box: BOX, rows: ["a", "b"], columns: ["x", "y", "z"] };
  map.show({ ...named, above: 5 });
  const [heads, sides] = [map.heads, map.node.lastChild];
  assert.equal(styles(heads)[0], "transform: translate(calc(40px + 15px), 15px) rotate(0deg)");
  assert.equal(heads.firstChild.getAttribute("text-anchor"), "middle");
  assert.equal(sides.firstChild.getAttribute("x"), "-6");
  assert.ok(styles(sides)[1].startsWith("transform: translate(calc(40px + 0px), 35px)"));
  map.show({ ...named, turn: 60 });
  assert.equal(heads.firstChild.getAttribute("text-anchor"), "start");
  assert.ok(styles(heads)[0].endsWith("12px) rotate(-60deg)"));
});

test("frames go around groups of cells, and rows and columns may stand elsewhere", () => {
  const map = heatMap();
  const square = [
    [0.1, 0.2],
    [0.3, 0.4],
  ];
  const box = { left: 0, top: 0, width: 20, height: 20 };
  map.show({ weights: square, box, framed: [[1, 0, 1, 2]], place: (i) => 1 - i });
  const [frame] = map.node.querySelectorAll(".attn-truth");
  assert.equal(
    frame.getAttribute("style"),
    "transform: translate(calc(0px + 0px), 10px); width: calc(20px - 0px); height: 10px",
  );
  assert.ok(styles(map.cells)[0].startsWith("transform: translate(calc(0px + 10px), 10px)"));
});

test("a cell below zero has no color, and says its value under the name it is given", () => {
  const map = heatMap({ cell: () => tinted("attn-cosine", "data-cosine") });
  map.show({ weights: [[-0.5]], box: BOX });
  const [cell] = cells(map);
  assert.equal(cell.getAttribute("fill-opacity"), "0.000");
  assert.equal(cell.dataset.cosine, "-0.5");
  assert.equal(cell.getAttribute("class"), "attn-cosine");
});
