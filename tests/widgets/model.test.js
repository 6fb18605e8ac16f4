// The model that the host gives a widget does what anywidget's does, as far as front ends ask it.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Model } from "../../src/attnbook/front/model.js";

test("a change is told to those who listen to it, once, and only where there is one", () => {
  const model = new Model({ size: 1, other: 1 });
  const told = mock.fn(() => assert.equal(model.get("size"), 2));
  model.on("change:size", told);
  model.on("change:size", told);
  model.set("other", 2);
  model.set("size", 1);
  assert.equal(told.mock.callCount(), 0);
  model.set("size", 2);
  assert.equal(told.mock.callCount(), 1);
});

test("who no longer listens is told nothing", () => {
  const model = new Model({ size: 1 });
  const [told, other] = [mock.fn(), mock.fn()];
  model.on("change:size", told);
  model.on("change:size", other);
  model.off("change:size", told);
  model.off("change:never", told);
  model.set("size", 2);
  assert.deepEqual([told.mock.callCount(), other.mock.callCount()], [0, 1]);
});
