// Guesses as they are moved, typed and pasted.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  marksOf,
  missing,
  movedTo,
  nudged,
  placeOf,
  reachOf,
  told,
  typed,
  valueAt,
} from "../../src/attnlab/widgets/js/guesses.js";
import { GUESS, KEYS, QUESTION, WHICH } from "../book/front/asked.js";

const SHARE = { ...KEYS, low: 0, high: 1, log: false };
const WHOLE = { ...KEYS, whole: true };

test("a scale in factors or in even steps, from one end to the other", () => {
  assert.deepEqual(
    [1, 8, 64].map((value) => placeOf(KEYS, value)),
    [0, 0.5, 1],
  );
  assert.deepEqual(
    [-1, 0, 0.5, 1, 2].map((place) => valueAt(KEYS, place)),
    [1, 1, 8, 64, 64],
  );
  assert.deepEqual(
    [-1, 0, 0.333, 1, 2].map((place) => valueAt(SHARE, place)),
    [0, 0, 0.33, 1, 1],
  );
  assert.deepEqual(
    [0, 0.3, 1].map((place) => valueAt(WHOLE, place)),
    [1, 3, 64],
  );
});

test("numbers stand at a scale's ends, and along one in factors", () => {
  assert.deepEqual(marksOf(KEYS), [1, 2, 4, 8, 16, 32, 64]);
  assert.deepEqual(marksOf({ ...KEYS, low: 3, high: 20 }), [3, 4, 8, 16, 20]);
  assert.deepEqual(marksOf({ ...KEYS, low: 0.01, high: 20 }), [0.01, 0.1, 1, 10, 20]);
  assert.deepEqual(marksOf({ ...KEYS, low: 0.05, high: 5 }), [0.05, 0.125, 0.25, 0.5, 1, 2, 5]);
  assert.deepEqual(
    marksOf({ ...KEYS, low: 1e-6, high: 3e6 }),
    [1e-6, 0.0001, 0.01, 1, 100, 10000, 3e6],
  );
  assert.deepEqual(marksOf({ ...KEYS, low: 2, high: 256 }), [2, 4, 8, 16, 32, 64, 128, 256]);
  assert.deepEqual(marksOf({ ...KEYS, low: 0.9, high: 64 }), [0.9, 2, 4, 8, 16, 32, 64]);
  assert.deepEqual(marksOf(SHARE), [0, 1]);
});

test("a key always moves, and never beyond the ends", () => {
  for (const quantity of [KEYS, SHARE, WHOLE]) {
    for (const page of [false, true]) {
      const seen = [quantity.low];
      while (seen.at(-1) < quantity.high && seen.length < 500) {
        const next = nudged(quantity, seen.at(-1), 1, page);
        assert.ok(next > seen.at(-1));
        seen.push(next);
      }
      assert.equal(seen.at(-1), quantity.high);
      assert.equal(nudged(quantity, quantity.high, 1, page), quantity.high);
      assert.equal(nudged(quantity, quantity.low, -1, page), quantity.low);
      assert.ok(nudged(quantity, quantity.high, -1, page) < quantity.high);
    }
  }
  assert.equal(nudged(SHARE, 0.29, 1, false), 0.3, "without the dust of decimals");
});

test("what is typed or pasted is a number of the quantity's, or nothing", () => {
  const taken = { 12: 12, " 12.5 ": 12.5, "1e1": 10, "+3": 3, ".5e1": 5, "64.": 64 };
  for (const [text, value] of Object.entries(taken)) assert.equal(typed(KEYS, text), value, text);
  const refused = ["", " ", "abc", "NaN", "Infinity", "0", "65", "-3", "−3", "1,5", "1 2", "0x10"];
  for (const text of [...refused, "<b>3</b>", "3%", "1e999", "9".repeat(10_000)])
    assert.equal(typed(KEYS, text), null, text.slice(0, 20));
  assert.deepEqual([typed(WHOLE, "3.5"), typed(WHOLE, "3")], [null, 3]);
  const large = { ...SHARE, low: -5000, high: 5000 };
  assert.deepEqual([typed(large, "1,234"), typed(large, "−1,234")], [1234, -1234]);
});

test("an interval goes along with its guess, and stays within the range", () => {
  const first = movedTo(KEYS, 8, [0.12, 0.12]);
  assert.ok(first.low > 1 && first.low < 8 && first.high > 8 && first.high < 64);
  const reach = reachOf(KEYS, { value: 8, low: 4, high: 32 }, [0.12, 0.12]);
  const moved = movedTo(KEYS, 16, reach);
  assert.deepEqual(moved, { value: 16, low: 8, high: 64 });
  assert.deepEqual(movedTo(KEYS, 1, reach), { value: 1, low: 1, high: 4 });
  assert.deepEqual(movedTo(KEYS, 64, reach), { value: 64, low: 32, high: 64 });
});

test("an interval that an end of the range has cut comes back", () => {
  for (const quantity of [KEYS, SHARE]) {
    const { low, high } = quantity;
    let reach = [0.12, 0.12];
    let guess;
    const move = (value) => {
      reach = reachOf(quantity, guess, reach);
      guess = movedTo(quantity, value, reach);
      return guess;
    };
    const middle = valueAt(quantity, 0.5);
    const first = move(middle);
    assert.ok(first.low < middle && middle < first.high);
    for (const value of [high, middle, low, high, low, middle]) move(value);
    assert.deepEqual(guess, first);
    guess = { ...guess, low: middle }; // an end that was put there stays with its guess
    assert.equal(move(valueAt(quantity, 0.7)).low, guess.value);
  }
});

test("what is still to be guessed is found", () => {
  assert.deepEqual(missing(QUESTION, GUESS), []);
  assert.deepEqual(missing(QUESTION, { ...GUESS, which: undefined }), [WHICH]);
  assert.equal(missing(QUESTION, null).length, 3);
});

test("a number is told with as many digits as it has", () => {
  const shown = [1.5, 2, 0.8, 1234.5, 0.0001, -0.25, 10].map(told);
  assert.deepEqual(shown, ["1.5", "2", "0.8", "1,235", "1 × 10⁻⁴", "−0.25", "10"]);
});
