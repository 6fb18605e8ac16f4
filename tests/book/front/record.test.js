// What a reader has done: read, solved, added up, taken to another browser, forgotten.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decide, madeOf } from "../../../src/attnbook/front/kept-predictions.js";
import {
  doneOf,
  isRead,
  isSolved,
  nextOf,
  setRead,
  setSolved,
  sumsOf,
} from "../../../src/attnbook/front/kept-progress.js";
import { exported, forget, isAnyKept, take } from "../../../src/attnbook/front/record.js";
import { KEY, Store, VERSION } from "../../../src/attnbook/front/storage.js";
import { GUESS, QUESTION, areaOf } from "./asked.js";

const [COUNT, WRITES] = [
  { name: "one/count", version: "v1" },
  { name: "one/writes", version: "v1" },
];
const CHAPTERS = [
  { page: "one.html", title: "1.1 One", exercises: [COUNT, WRITES] },
  { page: "two.html", title: "1.2 Two", exercises: [] },
  { page: "three.html", title: "2.1 Three", exercises: [{ name: "three/bug", version: "v1" }] },
];
const BOOK = { questions: [QUESTION], chapters: CHAPTERS };
const NOTHING = { outcome: "nothing", predictions: 0, read: 0, solved: 0, left: 0 };

const freshStore = (kept = null) => {
  const area = areaOf(kept ? { [KEY]: JSON.stringify({ version: VERSION, ...kept }) } : {});
  return new Store(() => area);
};
const busyStore = () => {
  const store = freshStore();
  decide(store, QUESTION, "committed", GUESS);
  setRead(store, "two.html", true);
  setSolved(store, COUNT, true);
  return store;
};
/** A file with one prediction, changed as a test wants it. */
const fileOf = (changes = {}, version = VERSION) => {
  const made = { version: "abc", state: "committed", guess: GUESS, at: "2026-01-02", ...changes };
  return JSON.stringify({ version, predictions: { [QUESTION.name]: made } });
};

test("what is read and solved stays until it is taken back", () => {
  const store = freshStore();
  assert.deepEqual([isRead(store, "one.html"), isSolved(store, COUNT)], [false, false]);
  setRead(store, "one.html", true);
  setSolved(store, COUNT, true);
  assert.deepEqual([isRead(store, "one.html"), isSolved(store, COUNT)], [true, true]);
  assert.deepEqual([isRead(store, "two.html"), isSolved(store, WRITES)], [false, false]);
  setRead(store, "one.html", false);
  setSolved(store, COUNT, false);
  assert.deepEqual([store.section("read"), store.section("solved")], [{}, {}]);
});

test("an exercise that has changed since is not solved, and can be solved anew", () => {
  const store = busyStore();
  const changed = { ...COUNT, version: "v2" };
  assert.ok(isSolved(store, COUNT) && !isSolved(store, changed));
  setSolved(store, changed, true);
  assert.ok(isSolved(store, changed) && !isSolved(store, COUNT));
});

test("what cannot be an entry is none, whoever wrote it", () => {
  for (const entry of [null, 3, "text", [], {}, { version: "v1" }, { version: "v1", at: 5 }]) {
    const kept = { read: { "one.html": entry }, solved: { [COUNT.name]: entry } };
    const store = freshStore(kept);
    const found = [isRead(store, "one.html"), isSolved(store, COUNT)];
    assert.deepEqual(found, [false, false], JSON.stringify(entry));
  }
  const junk = freshStore({ read: [1], solved: "text" });
  assert.deepEqual(doneOf(junk, CHAPTERS)[0], { chapter: CHAPTERS[0], isRead: false, solved: 0 });
});

test("what is done is added up, of what the book still has", () => {
  const store = busyStore();
  store.write("solved", { ...store.section("solved"), "gone/away": { version: "x", at: "" } });
  assert.deepEqual(
    doneOf(store, CHAPTERS).map(({ isRead, solved }) => [isRead, solved]),
    [
      [false, 1],
      [true, 0],
      [false, 0],
    ],
  );
  assert.deepEqual(sumsOf(store, BOOK), {
    read: 1,
    chapters: 3,
    made: 1,
    predictions: 1,
    solved: 1,
    exercises: 3,
  });
});

test("one goes on with the furthest chapter, or behind it, or with what was left out", () => {
  const titles = (read, predicted = []) => {
    const done = CHAPTERS.map((chapter) => ({
      chapter,
      isRead: read.includes(chapter.page),
      solved: 0,
    }));
    return nextOf(done, new Set(predicted))?.title;
  };
  assert.equal(titles([]), "1.1 One");
  assert.equal(titles(["one.html"]), "1.2 Two");
  assert.equal(titles(["two.html"]), "2.1 Three");
  assert.equal(titles([], ["two.html"]), "1.2 Two");
  assert.equal(titles(["one.html"], ["three.html"]), "2.1 Three");
  assert.equal(titles(["one.html", "three.html"]), "1.2 Two");
  assert.equal(titles(["one.html", "two.html", "three.html"]), undefined);
});

test("an export is taken by another browser, once", () => {
  const [store, other] = [busyStore(), freshStore()];
  const all = { outcome: "taken", predictions: 1, read: 1, solved: 1, left: 0 };
  assert.deepEqual(take(other, BOOK, exported(store)), all);
  assert.deepEqual(other.read(), store.read());
  assert.deepEqual(take(other, BOOK, exported(store)), NOTHING);
});

test("what is kept stays beside what a file adds, and so does its date", () => {
  const store = busyStore();
  const file = {
    version: VERSION,
    read: { "one.html": { at: "2026-01-02T03:04", more: "x" }, "two.html": { at: "1999-01-01" } },
    solved: { [WRITES.name]: { version: "older", at: "" }, "no/such": { version: "v1", at: "" } },
  };
  const found = take(store, BOOK, JSON.stringify(file));
  assert.deepEqual(found, { ...NOTHING, outcome: "taken", read: 1, left: 2 });
  assert.deepEqual(store.section("read")["one.html"], { at: "2026-01-02" });
  assert.notEqual(store.section("read")["two.html"].at, "1999-01-01");
  assert.deepEqual(Object.keys(store.section("solved")), [COUNT.name]);
});

test("an export of an earlier edition, of predictions alone, is taken too", () => {
  const store = freshStore();
  assert.deepEqual(take(store, BOOK, fileOf()), { ...NOTHING, outcome: "taken", predictions: 1 });
  assert.deepEqual(madeOf(store, QUESTION).guess, GUESS);
});

test("what is no export, or none for this book, gives nothing", () => {
  const store = busyStore();
  const before = exported(store);
  const refused = [
    ["", "junk"],
    ["<p>", "junk"],
    ["[]", "junk"],
    ['{"version":1}', "junk"],
    ['{"version":1,"predictions":null,"read":[],"solved":"x"}', "junk"],
    [fileOf({}, VERSION + 1), "newer"],
    [`{"version":1,"predictions":{"x":"${"y".repeat(1e7)}"}}`, "junk"],
  ];
  for (const [text, outcome] of refused)
    assert.deepEqual(take(store, BOOK, text), { outcome }, text.slice(0, 80));
  assert.equal(exported(store), before);
});

test("what a file has of another edition, or what cannot be read, is counted and left", () => {
  const store = freshStore();
  const entries = [{ version: "of an older figure" }, { guess: { keys: 3 } }, { state: "other" }];
  for (const change of [...entries, { at: undefined }, { at: { a: 1 } }, { at: "" }])
    assert.deepEqual(take(store, BOOK, fileOf(change)), { ...NOTHING, left: 1 });
  const read = { "one.html": { at: "<b>today</b>" }, "gone.html": { at: "2026-01-02" } };
  const file = JSON.stringify({ version: VERSION, read, solved: { "one/count": 3 } });
  assert.deepEqual(take(store, BOOK, file), { ...NOTHING, left: 3 });
  assert.ok(!isAnyKept(store));
});

test("somebody else's file is refused as a whole", () => {
  const store = busyStore();
  const second = { ...QUESTION, name: "example-second" };
  const book = { ...BOOK, questions: [QUESTION, second] };
  const theirs = JSON.parse(fileOf({ guess: { ...GUESS, fall: [1, 1, 1] } }));
  theirs.predictions[second.name] = { version: "abc", state: "shown", guess: {}, at: "" };
  theirs.read = { "one.html": { at: "2026-01-02" } };
  const found = take(store, book, JSON.stringify(theirs));
  assert.deepEqual(found, { outcome: "others", count: 1 });
  assert.deepEqual([madeOf(store, second), isRead(store, "one.html")], [null, false]);
  const reordered = { ...GUESS, keys: { high: 40, low: 10, value: 20 } };
  theirs.predictions[QUESTION.name].guess = reordered;
  assert.equal(take(store, book, JSON.stringify(theirs)).outcome, "taken");
  assert.deepEqual(madeOf(store, QUESTION).guess, GUESS);
});

test("all of it is forgotten at once", () => {
  const store = busyStore();
  assert.ok(isAnyKept(store));
  forget(store);
  assert.deepEqual([madeOf(store, QUESTION), isSolved(store, COUNT)], [null, false]);
  assert.ok(!isAnyKept(store) && !isAnyKept(freshStore()));
});
