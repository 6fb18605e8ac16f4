// What a browser keeps: kept, forbidden, full, unreadable, from a newer edition, from another tab.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Window } from "happy-dom";
import { KEY, Store, VERSION, parsed } from "../../../src/attnbook/front/storage.js";
import { areaOf } from "./asked.js";

const storeOf = (area) => new Store(() => area);
const quota = () => {
  throw Object.assign(new Error("full"), { name: "QuotaExceededError" });
};
const forbidden = () => {
  throw Object.assign(new Error("no"), { name: "SecurityError" });
};

test("what is written is read, by another store too, and other sections stay", () => {
  const area = areaOf();
  storeOf(area).write("progress", { read: 1 });
  const store = storeOf(area);
  store.write("predictions", { a: 1 });
  assert.deepEqual(JSON.parse(area.texts[KEY]), {
    version: VERSION,
    progress: { read: 1 },
    predictions: { a: 1 },
  });
  assert.deepEqual(storeOf(area).section("predictions"), { a: 1 });
  assert.deepEqual([store.section("progress"), store.trouble], [{ read: 1 }, ""]);
});

test("what another tab wrote meanwhile is not overwritten", () => {
  const area = areaOf();
  const [one, other] = [storeOf(area), storeOf(area)];
  one.write("progress", { read: 1 });
  other.write("predictions", { a: 1 });
  assert.deepEqual(one.section("predictions"), { a: 1 });
  assert.deepEqual(one.section("progress"), { read: 1 });
});

test("a full storage keeps what it had, and the page what it has", () => {
  const area = areaOf();
  const store = storeOf(area);
  store.write("predictions", { a: 1 });
  mock.method(area, "setItem", quota);
  store.write("predictions", { a: 1, b: 2 });
  assert.equal(store.trouble, "full");
  assert.deepEqual(store.section("predictions"), { a: 1, b: 2 });
  assert.deepEqual(storeOf(area).section("predictions"), { a: 1 });
  mock.restoreAll();
  store.write("predictions", { a: 1, b: 2, c: 3 });
  assert.equal(store.trouble, "", "once there is room all is written");
  assert.deepEqual(storeOf(area).section("predictions"), { a: 1, b: 2, c: 3 });
});

test("what could not be written goes beside what another tab wrote meanwhile", () => {
  const area = areaOf();
  const [store, other] = [storeOf(area), storeOf(area)];
  other.write("solved", { old: 1 });
  mock.method(area, "setItem", quota);
  store.write("predictions", { a: 1 });
  store.write("solved", { old: undefined });
  mock.restoreAll();
  other.write("read", { r: 1 });
  other.write("predictions", { b: 2 });
  assert.deepEqual(store.section("predictions"), { b: 2, a: 1 });
  assert.deepEqual([store.section("solved"), store.trouble], [{}, "full"]);
  store.write("predictions", { c: 3 });
  const sections = { predictions: { b: 2, a: 1, c: 3 }, read: { r: 1 }, solved: {} };
  assert.deepEqual(JSON.parse(area.texts[KEY]), { version: VERSION, ...sections });
  assert.equal(store.trouble, "");
});

test("a trouble is told as long as it is one", () => {
  const area = areaOf();
  const store = storeOf(area);
  store.write("read", { r: 1 });
  const good = area.texts[KEY];
  area.texts[KEY] = JSON.stringify({ version: VERSION + 1 });
  assert.equal(store.trouble, "newer");
  store.write("read", { s: 1 });
  assert.deepEqual([store.trouble, store.section("read")], ["newer", { s: 1 }]);
  area.texts[KEY] = good;
  store.write("read", { t: 1 });
  assert.deepEqual([store.trouble, store.section("read")], ["", { r: 1, s: 1, t: 1 }]);
});

test("where storage is forbidden the page keeps what it has", () => {
  for (const area of [forbidden, () => ({ getItem: forbidden, setItem: forbidden })]) {
    const store = new Store(area);
    assert.deepEqual(store.section("predictions"), {});
    assert.equal(store.trouble, "forbidden");
    store.write("predictions", { a: 1 });
    assert.equal(store.trouble, "forbidden");
    assert.deepEqual(store.section("predictions"), { a: 1 });
  }
});

test("what cannot be read is named, and replaced by what comes", () => {
  const junk = ["{", "null", "[]", '"text"', "{}", '{"version":"1"}', '{"version":0}', "17"];
  for (const text of junk) {
    const area = areaOf({ [KEY]: text });
    const store = storeOf(area);
    assert.deepEqual(store.section("predictions"), {}, text);
    assert.equal(store.trouble, "corrupt", text);
    store.write("predictions", { a: 1 });
    assert.equal(store.trouble, "", text);
    assert.deepEqual(storeOf(area).section("predictions"), { a: 1 });
  }
});

test("a section that is none is empty", () => {
  for (const section of [null, [], 3, "text"]) {
    const text = JSON.stringify({ version: VERSION, predictions: section });
    assert.deepEqual(storeOf(areaOf({ [KEY]: text })).section("predictions"), {});
  }
});

test("what a newer edition wrote is left as it is", () => {
  const text = JSON.stringify({ version: VERSION + 1, predictions: { a: 1 } });
  const area = areaOf({ [KEY]: text });
  const store = storeOf(area);
  assert.deepEqual(store.section("predictions"), {});
  assert.equal(store.trouble, "newer");
  store.write("predictions", { b: 2 });
  assert.deepEqual([area.texts[KEY], store.section("predictions")], [text, { b: 2 }]);
  assert.equal(parsed(text), "newer");
});

test("what another tab writes is told, and what is no affair of ours is not", () => {
  const window = new Window();
  globalThis.addEventListener = window.addEventListener.bind(window);
  globalThis.removeEventListener = window.removeEventListener.bind(window);
  const told = mock.fn();
  const undo = storeOf(areaOf()).follow(told);
  const happen = (key) => window.dispatchEvent(new window.StorageEvent("storage", { key }));
  happen("theme");
  assert.equal(told.mock.callCount(), 0);
  happen(KEY);
  happen(null);
  assert.equal(told.mock.callCount(), 2);
  undo();
  happen(KEY);
  assert.equal(told.mock.callCount(), 2);
});
