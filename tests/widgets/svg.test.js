// What is drawn, on a page without a browser.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Window } from "happy-dom";
import {
  element,
  move,
  numbersFrom,
  path,
  scale,
  shape,
} from "../../src/attnlab/widgets/js/svg.js";

globalThis.document = new Window().document;

test("attributes that are functions listen, and what is there already is not written again", () => {
  const pressed = mock.fn();
  const node = element("button", { class: "wide", click: pressed }, "Press");
  node.click();
  assert.equal(pressed.mock.callCount(), 1);
  assert.equal(node.outerHTML, '<button class="wide">Press</button>');
  const line = shape("line", { x1: 1.5 });
  assert.equal(line.namespaceURI, "http://www.w3.org/2000/svg");
  mock.method(line, "setAttribute");
  move(line, { x1: 1.5, x2: 2, "data-chosen": true });
  assert.deepEqual(
    line.setAttribute.mock.calls.map((call) => call.arguments),
    [
      ["x2", "2"],
      ["data-chosen", "true"],
    ],
  );
});

test("from data to pixels", () => {
  const y = scale([-1, 1], [200, 0]);
  assert.deepEqual([-1, 0, 1, 2].map(y), [200, 100, 0, -100]);
  const points = [
    [0, 1.25],
    [10, 2],
  ];
  assert.equal(path(points), "M0.0 1.3L10.0 2.0");
});

test("numbers a step apart end where the next would be beyond", () => {
  assert.deepEqual(numbersFrom(-4, 4, 4), [-4, 0, 4]);
  assert.deepEqual(numbersFrom(-12, 9, 10), [-12, -2, 8]);
});
