// Controls on a page without a browser, over the model that the host of widgets gives them.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Window } from "happy-dom";
import { Model } from "../../src/attnbook/front/model.js";
import { assign, entry, local, read, trait } from "../../src/attnlab/widgets/js/bindings.js";
import {
  evenly,
  inDoublings,
  mount,
  radios,
  readout,
  resetButton,
  sentence,
  slider,
  symbol,
  toggle,
} from "../../src/attnlab/widgets/js/controls.js";
import { element } from "../../src/attnlab/widgets/js/svg.js";

const window = new Window();
globalThis.document = window.document;
globalThis.ResizeObserver = class {
  static all = [];
  constructor(listener) {
    this.listener = listener;
    this.observed = [];
    ResizeObserver.all.push(this);
  }
  observe = (node) => this.observed.push(node);
  disconnect = () => (this.observed = []);
  resize = (width) => this.listener([{ contentRect: { width } }]);
};

const press = (node, key) => {
  const event = new window.KeyboardEvent("keydown", { key, cancelable: true });
  node.dispatchEvent(event);
  return event.defaultPrevented;
};
const happen = (node, name) => node.dispatchEvent(new window.Event(name));
const input = (control) => control.node.querySelector("input");

/** A model that counts how often what it holds was saved. */
function modelOf(values, limits = {}) {
  const model = new Model({ ...values, _constants: { limits } });
  mock.method(model, "save_changes");
  return model;
}
const saved = (model) => model.save_changes.mock.callCount();

function doubling(model) {
  const control = slider(trait(model, "size"), {
    letter: "d",
    index: "k",
    meaning: "width",
    track: Math.log2,
    value: (place) => Math.round(2 ** place),
    nudge: (now, sign, page) => (page ? now * 4 ** sign : now + sign),
    text: (now) => `${now} numbers`,
  });
  control.show();
  return control;
}

test("a slider shows its trait: in words, for the ear, and as the track's color", () => {
  const control = doubling(modelOf({ size: 8 }, { size: { min: 1, max: 64 } }));
  assert.equal(control.node.textContent, "dkwidth8 numbers");
  assert.equal(input(control).value, "3");
  assert.equal(input(control).getAttribute("aria-valuetext"), "8 numbers");
  assert.equal(input(control).style.getPropertyValue("--filled"), "50%");
});

test("a slider that is dragged sets its trait, and snaps into place when it is let go", () => {
  const model = modelOf({ size: 8 }, { size: { min: 1, max: 64 } });
  const control = doubling(model);
  input(control).value = "4.3";
  happen(input(control), "input");
  assert.deepEqual([model.get("size"), saved(model)], [20, 1]);
  control.show();
  assert.equal(input(control).value, "4.3", "under the finger it stays where it is");
  happen(input(control), "change");
  assert.equal(input(control).value, String(Math.log2(20)));
});

test("a slider goes by arrows and pages, within its limits, and leaves other keys alone", () => {
  const model = modelOf({ size: 8 }, { size: { min: 1, max: 64 } });
  const control = doubling(model);
  for (const [key, expected] of [
    ["ArrowRight", 9],
    ["ArrowUp", 10],
    ["ArrowLeft", 9],
    ["ArrowDown", 8],
    ["PageUp", 32],
    ["PageUp", 64],
    ["PageDown", 16],
    ["PageDown", 4],
    ["PageDown", 1],
    ["ArrowLeft", 1],
  ]) {
    assert.ok(press(input(control), key), key);
    assert.equal(model.get("size"), expected, key);
  }
  assert.equal(saved(model), 10);
  assert.ok(!press(input(control), "Tab"));
  assert.deepEqual([model.get("size"), saved(model)], [1, 10]);
});

test("even steps go on from where they begin, without the dust of decimals", () => {
  const odd = evenly({ step: 2, page: 4, from: 3 });
  assert.deepEqual([3.9, 4.1, 7].map(odd.value), [3, 5, 7]);
  assert.deepEqual([odd.nudge(5, 1, false), odd.nudge(5, -1, true)], [7, 1]);
  const fine = evenly({ step: 0.05, page: 0.5, grain: 0.01 });
  assert.deepEqual([0.567, -0.004].map(fine.value), [0.57, 0]);
  assert.deepEqual([fine.nudge(0.57, 1, false), fine.nudge(0.57, -1, true)], [0.62, 0.07]);
});

test("doublings", () => {
  const { track, value, nudge } = inDoublings(2);
  assert.deepEqual([track(8), value(3.2), nudge(8, 1, false), nudge(8, -1, true)], [3, 8, 16, 2]);
});

test("an entry of a row has the limits of all", () => {
  const model = modelOf({ biases: [0, 1] }, { biases: { min: -4, max: 4 } });
  const bound = entry(model, "biases", () => 1, "bias");
  const control = slider(bound, { letter: "b", meaning: "bias", ...evenly({ page: 3 }) });
  control.show();
  assert.ok(press(input(control), "PageUp") && press(input(control), "PageUp"));
  assert.deepEqual(model.get("biases"), [0, 4]);
});

test("a binding to one entry of a row leaves the others, and the old row, as they are", () => {
  const model = modelOf({ mask: [true, true, true], key: 1 });
  const before = model.get("mask");
  const bound = entry(model, "mask", () => model.get("key"), "may");
  const control = toggle(bound, "may be attended");
  assert.equal(input(control).dataset.name, "may");
  input(control).checked = false;
  happen(input(control), "change");
  assert.deepEqual([model.get("mask"), saved(model)], [[true, false, true], 1]);
  assert.deepEqual(before, [true, true, true]);
  model.set("key", 2);
  assert.equal(bound.get(), true);
});

test("a value of the page's own is set by a control, and tells that it changed", () => {
  const changed = mock.fn();
  const kind = local("kind", "cross", changed);
  const control = radios(kind, "Whose", { cross: "across", self: "own" });
  control.show();
  assert.ok(input(control).checked);
  happen(control.node.querySelectorAll("input")[1], "change");
  assert.deepEqual([kind.get(), changed.mock.callCount()], ["self", 1]);
});

test("several traits are set and saved at once", () => {
  const model = modelOf({ task: "dates", step: 3, source: "" });
  assign(model, { step: 12, source: "8.3.2026" });
  const found = read(model, ["task", "step", "source"]);
  assert.deepEqual(found, { task: "dates", step: 12, source: "8.3.2026" });
  assert.equal(saved(model), 1);
});

test("a switch shows its trait and sets it", () => {
  const model = modelOf({ scaled: true });
  const control = toggle(trait(model, "scaled"), "divide by √", symbol("d"));
  control.show();
  assert.ok(input(control).checked);
  assert.equal(input(control).getAttribute("role"), "switch");
  assert.equal(control.node.textContent, "divide by √d");
  input(control).checked = false;
  happen(input(control), "change");
  assert.deepEqual([model.get("scaled"), saved(model)], [false, 1]);
});

test("radio buttons show the word that is chosen and set the one that is pressed", () => {
  const model = modelOf({ norm: "post" });
  const words = { none: "without", post: "after" };
  const [control, other] = [0, 1].map(() => radios(trait(model, "norm"), "LayerNorm", words));
  control.show();
  const buttons = [...control.node.querySelectorAll("input")];
  assert.deepEqual(
    buttons.map(({ value, checked }) => [value, checked]),
    [
      ["none", false],
      ["post", true],
    ],
  );
  assert.equal(control.node.textContent, "LayerNormwithoutafter");
  assert.equal(buttons[0].name, buttons[1].name);
  assert.notEqual(buttons[0].name, input(other).name, "each choice is a group of its own");
  happen(buttons[0], "change");
  assert.deepEqual([model.get("norm"), saved(model)], ["none", 1]);
});

test("reset takes back what was there when it was made, and saves once", () => {
  const model = modelOf({ size: 8, scaled: true, query: 3 });
  const button = resetButton(model, ["size", "scaled"]);
  model.set("size", 9);
  model.set("scaled", false);
  model.set("query", 4);
  button.click();
  assert.deepEqual(read(model, ["query", "size", "scaled"]), { query: 4, size: 8, scaled: true });
  assert.equal(saved(model), 1);
});

test("a sentence is spoken when it changes, and a readout keeps its full precision", () => {
  const live = sentence();
  live.show("At ", symbol("d", "k"), " = 8");
  live.show("Now ", symbol("d", "k"));
  assert.equal(live.node.textContent, "Now dk");
  assert.equal(live.node.getAttribute("aria-live"), "polite");
  const ratio = readout("ratio", "entropy / ln 64");
  ratio.show(2 / 3);
  assert.equal(ratio.node.textContent, "entropy / ln 640.667");
  assert.equal(ratio.node.querySelector("data").value, String(2 / 3));
});

test("a widget is laid out for each new width and drawn for each change, until it is undone", () => {
  const model = modelOf({ size: 8, other: 0 });
  const el = document.createElement("div");
  const told = [];
  const picture = { layout: (width) => told.push(width), draw: () => told.push("draw") };
  const undo = mount(el, model, ["size"], [element("p", {}, "shown")], picture);
  const observer = ResizeObserver.all.at(-1);
  assert.deepEqual(observer.observed, [el.firstChild]);
  model.set("size", 9);
  observer.resize(0);
  assert.deepEqual(told, [], "nothing is drawn while there is no width");
  observer.resize(390.4);
  observer.resize(390.2);
  assert.deepEqual(told.splice(0), [390, "draw"]);
  model.set("size", 9);
  model.set("other", 1);
  assert.deepEqual(told, [], "nor without a change that it follows");
  model.set("size", 10);
  observer.resize(600);
  assert.deepEqual(told.splice(0), ["draw", 600, "draw"]);
  undo();
  model.set("size", 11);
  assert.deepEqual([told, el.childNodes.length, observer.observed], [[], 0, []]);
});
