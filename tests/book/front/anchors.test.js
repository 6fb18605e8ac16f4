// What a reader's address may end in.
import assert from "node:assert/strict";
import { test } from "node:test";
import { anchorOf } from "../../../src/attnbook/front/anchors.js";

test("an anchor is read, and a malformed one is none", () => {
  assert.deepEqual(["#two%20heads", "#√", "", "#"].map(anchorOf), ["two heads", "√", "", ""]);
  assert.deepEqual(["#100%", "#%", "#%E0"].map(anchorOf), ["", "", ""]);
});
