// What must hold of the mathematics whatever Python says: the tests in Python compare the numbers.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  dot,
  dotScores,
  entropy,
  maskedWeights,
  meanEntropies,
  normalRows,
  normals,
  orthogonal,
  softmax,
  softmaxJacobian,
  steeredSoftmax,
  timesMatrix,
} from "../../src/attnlab/widgets/js/mathematics.js";
import { unpack } from "../../src/attnlab/widgets/js/packing.js";

function near(ours, theirs, tolerance = 1e-12) {
  assert.equal(ours.length, theirs.length);
  ours.forEach((x, i) => assert.ok(Math.abs(x - theirs[i]) <= tolerance, `${x}, ${theirs[i]}`));
}
const sum = (numbers) => numbers.reduce((total, x) => total + x, 0);

test("random numbers begin alike however many are drawn, and rows are cut from them", () => {
  near(normals(7, 3), normals(50, 3).slice(0, 7), 0);
  assert.notEqual(normals(1, 3)[0], normals(1, 4)[0]);
  const rows = normalRows(3, 5, 3);
  near(rows[2], normals(15, 3).slice(10), 0);
});

test("a softmax sums to 1, does not feel a shift, and takes scores of any size", () => {
  const scores = [0.3, -2, 5, 5];
  const weights = softmax(scores);
  near([sum(weights)], [1]);
  near(softmax(scores.map((x) => x + 700)), weights);
  near(softmax([1e6, -1e6, 1e6]), [0.5, 0, 0.5], 0);
  near(softmax([-Infinity, 0]), [0, 1], 0);
});

test("entropy lies between that of one and that of all alike", () => {
  assert.equal(entropy([0, 1, 0]), 0);
  near([entropy([0.25, 0.25, 0.25, 0.25])], [Math.log(4)]);
});

test("the rows of a softmax's Jacobian sum to 0: a shift of all scores changes nothing", () => {
  for (const row of softmaxJacobian(softmax([0.1, 2, -1]))) near([sum(row)], [0]);
});

test("the columns of an orthogonal matrix have length 1 and right angles", () => {
  const q = orthogonal(normalRows(6, 6, 1));
  const columns = q.map((_, j) => q.map((row) => row[j]));
  columns.forEach((a, i) =>
    near(
      columns.map((b) => dot(a, b)),
      columns.map((_, j) => +(i === j)),
    ),
  );
});

test("scores of a narrower head are those of the vectors cut off there", () => {
  const [query, ...keys] = normalRows(5, 8, 2);
  const cut = keys.map((key) => key.slice(0, 3));
  near(dotScores(query, keys, 3), dotScores(query.slice(0, 3), cut, 3), 0);
  const narrow = meanEntropies([query], keys, [3]);
  near(meanEntropies([query], keys, [2, 3]).raw.slice(1), narrow.raw);
});

test("a masked key gets nothing, whatever its score, and a row without keys is all 0", () => {
  const weights = steeredSoftmax([1, 1e9, 1], [0, 0, 0], [true, false, true], 2);
  near(weights, [0.5, 0, 0.5], 0);
  near(steeredSoftmax([1, 2], [0, 0], [false, false], 1), [0, 0], 0);
  const rows = normalRows(2, 4, 5);
  const masked = maskedWeights(rows, rows, [
    [true, false],
    [true, true],
  ]);
  near(masked[0], [1, 0], 0);
  near([sum(masked[1])], [1]);
});

test("a row times a matrix", () => {
  const matrix = [
    [1, 2, 3],
    [10, 20, 30],
  ];
  near(timesMatrix([2, -1], matrix), [-8, -16, -24], 0);
});

test("packed numbers are whole numbers of two letters times their tensor's step", () => {
  const data = "gfAg" + "B/BC"; // 1, -1, -2047, 2 and 2048 each: 64 times the first, and the second
  const tensors = [
    ["a", [3, 1], 0.5],
    ["b", [1], 10],
  ];
  const { a, b } = unpack({ tensors, data });
  assert.deepEqual(
    [a, b],
    [
      { values: Float64Array.of(0.5, -0.5, -1023.5), width: 1 },
      { values: Float64Array.of(20), width: 1 },
    ],
  );
});
