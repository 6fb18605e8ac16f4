// What the search takes for words, and the sentence that it shows.
import assert from "node:assert/strict";
import { test } from "node:test";
import { excerptOf, marked } from "../../src/attnbook/front/search/excerpts.js";
import { isEmpty, spansOf, stem, wordsOf } from "../../src/attnbook/front/search/words.js";

/** @type {(parts: { text: string, found: boolean }[]) => string} */
const shown = (parts) => parts.map(({ text, found }) => (found ? `[${text}]` : text)).join("");

test("a symbol is the same word however it is typed", () => {
  for (const typed of ["dₖ", "d_k", "D_K"]) assert.deepEqual(wordsOf(typed), ["dk", "d", "k"]);
  for (const typed of ["QKᵀ", "QK^T"]) assert.deepEqual(wordsOf(typed), ["qkt", "qk", "t"]);
  for (const typed of ["√dₖ", "√d_k", "sqrt(d_k)", "root d_k"])
    assert.deepEqual(wordsOf(typed), ["root", "dk", "d", "k"]);
  for (const typed of ["ε", "ϵ", "epsilon"]) assert.deepEqual(wordsOf(typed), ["epsilon"]);
  assert.deepEqual(wordsOf("σ σ² ς"), ["sigma", "sigma2", "sigma", "2", "sigma"]);
});

test("a name counts as a whole and in its parts", () => {
  assert.deepEqual(wordsOf("n_heads"), ["nheads", "n", "heads"]);
  assert.deepEqual(wordsOf("MultiHeadAttention("), [
    "multiheadattention",
    "multi",
    "head",
    "attention",
  ]);
  assert.deepEqual(wordsOf("LayerNorm, RNNs, KVCache"), [
    ...["layernorm", "layer", "norm"],
    "rnns",
    ...["kvcache", "kv", "cache"],
  ]);
  assert.deepEqual(wordsOf("warm-up"), ["warmup", "warm", "up"]);
  assert.deepEqual(wordsOf("attnlab.softmax"), ["attnlabsoftmax", "attnlab", "softmax"]);
});

test("numbers, possessives and accents", () => {
  assert.deepEqual(wordsOf("2.4 and 0.018"), ["2.4", "and", "0.018"]);
  assert.deepEqual(wordsOf("Vaswani’s, Bahdanau's"), ["vaswani", "bahdanau"]);
  assert.deepEqual(wordsOf("constructor __proto__"), ["constructor", "proto"]);
  assert.deepEqual(wordsOf("Łukasz naïve Müller"), ["łukasz", "naive", "muller"]);
});

test("Chinese is read in pairs of characters, with their places", () => {
  assert.deepEqual(wordsOf("注意力机制"), ["注意", "意力", "力机", "机制"]);
  assert.deepEqual(wordsOf("年"), ["年"]);
  const text = "用softmax做 注意力";
  assert.deepEqual(wordsOf(text), ["用", "softmax", "做", "注意", "意力"]);
  for (const { start, end, words } of spansOf(text)) assert.equal(text.slice(start, end), words[0]);
});

test("what is no word gives none", () => {
  for (const text of ["", " \n", "-- _ ^ .", "?!", "<>", "\ud800", "🙂"])
    assert.deepEqual(wordsOf(text), [], JSON.stringify(text));
  assert.deepEqual(wordsOf("a\ud800b"), ["a", "b"]);
});

test("forms of a word share a stem, and other words do not", () => {
  const families = [
    ["smooth", "smooths", "smoothed", "smoothing"],
    ["divide", "divides", "divided", "dividing"],
    ["mask", "masks", "masked", "masking"],
    ["drop", "dropped", "dropping"],
    ["loss", "losses"],
    ["query", "queries"],
    ["normalize", "normalized", "normalization"],
    ["translate", "translation", "translating"],
  ];
  const stems = families.map((words) => new Set(words.map(stem)));
  for (const found of stems) assert.equal(found.size, 1, [...found].join());
  assert.equal(new Set(stems.flatMap((found) => [...found])).size, families.length);
  for (const word of ["need", "king", "red", "class", "bias", "n", "0.5", "σ"])
    assert.ok(word.startsWith(stem(word)) && stem(word).length >= word.length - 1, stem(word));
});

test("the words of a question say nothing about its answer", () => {
  assert.deepEqual(
    wordsOf("Why does one divide by the root?").filter((word) => !isEmpty(word)),
    ["one", "divide", "root"],
  );
});

test("found words are marked where they stand", () => {
  assert.equal(
    shown(marked("The width dₖ, or d_k.", new Set(["dk"]))),
    "The width [dₖ], or [d_k].",
  );
  assert.equal(shown(marked("注意力", new Set(["注意", "意力"]))), "[注意][力]");
  assert.equal(shown(marked("<b>head</b>", new Set(["head"]))), "<b>[head]</b>");
  assert.deepEqual(marked("", new Set(["head"])), []);
});

test("the excerpt is the sentence that has most of the words", () => {
  const text =
    "A head is one of several. The root of the width, √dₖ, divides.\nAnother block with a root.";
  assert.equal(
    shown(excerptOf(text, new Set(["root", "dk"]))),
    "The [root] of the width, [√][dₖ], divides.",
  );
  assert.equal(shown(excerptOf(text, new Set(["nothing"]))), "A head is one of several.");
  assert.deepEqual(excerptOf("", new Set(["root"])), []);
  assert.equal(shown(excerptOf("第一句。第二句注意。", new Set(["注意"]))), "第二句[注意]。");
});

test("a long sentence is cut between words, around what was found", () => {
  const filler = "word ".repeat(80);
  const excerpt = shown(excerptOf(`${filler}needle ${filler}end.`, new Set(["needle"])));
  assert.match(excerpt, /^… (word )+\[needle\] (word )*word …$/);
  assert.ok(excerpt.length < 200);
  const unbroken = shown(excerptOf(`x${"y".repeat(5000)}`, new Set(["x"])));
  assert.ok(unbroken.length < 200);
});
