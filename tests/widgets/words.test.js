// Sentences and their places.
import assert from "node:assert/strict";
import { test } from "node:test";
import { compose, paragraph, plural, say, signed } from "../../src/attnlab/widgets/js/words.js";

test("a place is filled by its name, as often as it stands there and in any order", () => {
  assert.equal(say("{n} of {all}", { all: 6, n: 2 }), "2 of 6");
  assert.equal(say("{a}{b}{a}", { a: "x", b: 0 }), "x0x");
  assert.equal(say("No place at all.", { unused: 1 }), "No place at all.");
});

test("what fills a place is not read again", () => {
  assert.equal(say("“{text}”", { text: "{n} $& \\1" }), "“{n} $& \\1”");
});

test("a place that nothing fills is an error that names it", () => {
  const expected = { message: "expected something for {n} in “{n} words”" };
  assert.throws(() => say("{n} words", { m: 1 }), expected);
  assert.throws(() => say("{toString}", {}), /expected something for \{toString\}/);
});

test("an element takes a place as it is", () => {
  const symbol = { nodeName: "span" };
  assert.deepEqual(compose("At {d_k} = {n}.", { d_k: symbol, n: 8 }), [
    "At ",
    symbol,
    " = ",
    "8",
    ".",
  ]);
});

test("a paragraph leaves out sentences that do not apply", () => {
  assert.equal(paragraph("One.", "", "Two."), "One. Two.");
  assert.equal(paragraph("", ""), "");
});

test("one is one, and nothing is many", () => {
  assert.deepEqual([0, 1, 2, 11].map(plural), ["other", "one", "other", "other"]);
});

test("a minus is no hyphen", () => {
  assert.deepEqual([-2, 0, "-0.5", 3].map(signed), ["−2", "0", "−0.5", "3"]);
});
