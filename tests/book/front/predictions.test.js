// Predictions as they are kept, and how far off they were, in sentences.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decide, lostOf, madeOf } from "../../../src/attnbook/front/kept-predictions.js";
import { KEY, Store, VERSION } from "../../../src/attnbook/front/storage.js";
import {
  calibration,
  intervalWords,
  verdict,
  verdictOn,
} from "../../../src/attnbook/front/verdicts.js";
import { FALL, GUESS, KEYS, QUESTION, TRUTH, WHICH, areaOf } from "./asked.js";

const freshStore = () => {
  const area = areaOf();
  return new Store(() => area);
};
const committed = (guess = GUESS, question = QUESTION) => {
  const store = freshStore();
  decide(store, question, "committed", guess);
  return store;
};

test("a prediction that was committed stays, whatever is decided later", () => {
  const store = committed();
  decide(store, QUESTION, "committed", { ...GUESS, fall: [1, 1, 1] });
  decide(store, QUESTION, "shown", GUESS);
  const made = madeOf(store, QUESTION);
  assert.deepEqual([made.state, made.guess], ["committed", GUESS]);
  assert.match(made.at, /^\d{4}-\d\d-\d\d$/);
});

test("of a result that was shown no guess is kept", () => {
  const store = freshStore();
  decide(store, QUESTION, "shown", GUESS);
  assert.deepEqual([madeOf(store, QUESTION).state, madeOf(store, QUESTION).guess], ["shown", {}]);
});

test("a guess at what is asked otherwise by now is none, and can be made anew", () => {
  const store = committed();
  const asked = { ...QUESTION, version: "def" };
  assert.equal(madeOf(store, asked), null);
  assert.deepEqual([lostOf(store, asked), lostOf(store, QUESTION)], ["outdated", ""]);
  assert.equal(lostOf(store, { ...asked, name: "other" }), "");
  decide(store, asked, "committed", GUESS);
  assert.ok(madeOf(store, asked) && !lostOf(store, asked));
});

test("a guess that does not fit is none, whoever wrote it", () => {
  const wrong = [
    { keys: { value: 99, low: 1, high: 99 } },
    { keys: { value: null, low: 1, high: 64 } },
    { keys: { value: "20", low: 10, high: 40 } },
    { keys: { value: 20, low: 30, high: 40 } },
    { keys: undefined },
    { which: { option: "cat", sure: 70 } },
    { which: { option: "egg", sure: 101 } },
    { which: { option: "egg" } },
    { fall: [1, 2] },
    { fall: [1, 2, "3"] },
    { fall: { length: 3 } },
  ];
  for (const change of wrong) {
    const store = committed({ ...GUESS, ...change });
    assert.equal(madeOf(store, QUESTION), null, JSON.stringify(change));
    assert.equal(lostOf(store, QUESTION), "unreadable");
  }
  for (const kept of [null, 3, "text", { version: "abc" }, { version: "abc", state: "other" }]) {
    const text = JSON.stringify({ version: VERSION, predictions: { [QUESTION.name]: kept } });
    const store = new Store(() => areaOf({ [KEY]: text }));
    assert.deepEqual([madeOf(store, QUESTION), lostOf(store, QUESTION)], [null, "unreadable"]);
  }
});

test("how far off a guess was is said in a sentence", () => {
  for (const [quantity, guess, truth, sentence] of [
    [KEYS, GUESS.keys, 40, "within your 80% interval from 10 to 40."],
    [KEYS, GUESS.keys, 41, "For “Keys” you guessed 20, and it is 41, outside your 80% interval"],
    [WHICH, GUESS.which, "egg", "For “Which?” you chose “egg”, 70% sure, and were right."],
    [WHICH, GUESS.which, "hen", "For “Which?” you chose “egg”, 70% sure, and it is “hen”."],
    [FALL, GUESS.fall, [3, 1.5, 0.4], "furthest off at 10, where you drew 1 and it is 1.5."],
    [FALL, GUESS.fall, [3, 1.5, 9], "furthest off at 20, where you drew 0.5 and it is 9."],
  ])
    assert.ok(verdictOn(quantity, guess, truth).includes(sentence), sentence);
  assert.match(verdict(QUESTION, GUESS, TRUTH), /^For “Keys” .* For “Which\?” .* For “The fall” /);
});

test("of several numbers it is said how many intervals hold and which guess is furthest off", () => {
  const more = { ...KEYS, name: "more", label: "More keys" };
  const question = { ...QUESTION, quantities: [KEYS, more] };
  const guess = { keys: GUESS.keys, more: { value: 2, low: 1, high: 4 } };
  for (const [truth, begins] of [
    [{ keys: 20, more: 3 }, "All of your 2 intervals hold"],
    [{ keys: 20, more: 32 }, "1 of your 2 intervals holds"],
    [{ keys: 60, more: 32 }, "None of your 2 intervals holds"],
  ])
    assert.ok(verdict(question, guess, truth).startsWith(begins), begins);
  const words = verdict(question, guess, { keys: 44, more: 8.2 });
  assert.ok(words.endsWith("your guess for “More keys”: 2, where 8.2 was measured."), words);
});

test("calibration counts intervals that held, and choices beside how sure they were", () => {
  const all = [
    { question: QUESTION, guess: GUESS, truth: { ...TRUTH, keys: 12 } },
    { question: QUESTION, guess: GUESS, truth: { ...TRUTH, which: "hen" } },
  ];
  assert.deepEqual(calibration(all), { intervals: 2, held: 1, choices: 2, right: 1, sure: 70 });
  assert.equal(calibration([]).sure, 0);
});

test("how many intervals held is said in a sentence", () => {
  for (const [held, intervals, begins] of [
    [0, 1, "Your one interval does not hold"],
    [1, 1, "Your one interval holds"],
    [0, 3, "0 of your 3 intervals hold what was measured, 0%."],
    [1, 3, "1 of your 3 intervals holds what was measured, 33%."],
    [2, 3, "2 of your 3 intervals hold what was measured, 67%."],
  ])
    assert.ok(intervalWords({ held, intervals }).startsWith(begins), begins);
});
