// Sentences and their places, and numbers.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  brief,
  compose,
  format,
  paragraph,
  percent,
  plural,
  power,
  say,
  signed,
  superscript,
} from "../../src/attnlab/widgets/js/words.js";

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

test("numbers have three digits, or a power of ten where there would be many zeros", () => {
  const words = new Map([
    [0, "0"],
    [7, "7"],
    [0.5, "0.500"],
    [-0.12345, "−0.123"],
    [999.4, "999"],
    [999.5, "1,000"],
    [1234.5, "1,235"],
    [-99999, "−99,999"],
    [1e5, "1.0 × 10⁵"],
    [-0.00042, "−4.2 × 10⁻⁴"],
  ]);
  for (const [x, expected] of words) assert.equal(format(x), expected);
  assert.equal(superscript(-120), "⁻¹²⁰");
});

test("a share never rounds up to all or down to nothing", () => {
  const words = [0, 1e-6, 1e-5, 0.12345, 0.9899, 0.9999, 0.99991, 1].map(percent);
  assert.deepEqual(words, [
    "0%",
    "under 0.001%",
    "0.001%",
    "12%",
    "99%",
    "99.99%",
    "more than 99.99%",
    "more than 99.99%",
  ]);
});

test("nor where there is little room", () => {
  const words = [0, 0.0004, 0.05, 0.0996, 0.99, 0.996, 1].map(brief);
  assert.deepEqual(words, ["0%", ">0%", "5.0%", "10%", "99%", ">99%", ">99%"]);
});

test("powers of ten", () => {
  assert.deepEqual([-8, 0, 4].map(power), ["10⁻⁸", "1", "10⁴"]);
});
