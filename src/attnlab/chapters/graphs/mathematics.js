// The graph of widget.py, and the weights of its trained attention. The tests hold them to Python.
import { dot, normals, softmax, uniforms } from "../../widgets/js/mathematics.js";

/**
 * @typedef {{ n: number, inside: number, badge: number, slope: number }} Fixed
 * @typedef {{ separation: number, badges: boolean, degree: number, graph: number }} State
 * @typedef {{ separation: number, badge: number, w_q: number[][], w_k: number[][], u: number[] }} Layer
 */

/**
 * Where the nodes are, and for each the numbers of its neighbors.
 * @param {State} state
 * @param {Fixed} fixed
 */
export function graphOf({ separation, badges, degree, graph }, { n, inside, badge }) {
  const half = n / 2;
  const up = graph % 2 ? -1 : 1;
  const noise = normals(2 * n, 2 * graph);
  const x = Array.from({ length: n }, (_, i) => {
    const side = i < half ? -0.5 : 0.5;
    return [noise[2 * i] + separation * side, noise[2 * i + 1] + (badges ? badge * up * side : 0)];
  });
  const drawn = uniforms(n * n, 2 * graph + 1);
  const within = (degree * inside) / half;
  const between = (degree * (1 - inside)) / half;
  const neighbors = Array.from({ length: n }, () => /** @type {number[]} */ ([]));
  for (let i = 0; i < n; i += 1) {
    for (let j = i + 1; j < n; j += 1) {
      if (drawn[n * i + j] >= (areFriends(i, j, n) ? within : between)) continue;
      neighbors[i].push(j);
      neighbors[j].push(i);
    }
  }
  return { x, neighbors: neighbors.map((row) => row.sort((i, j) => i - j)) };
}

/** @type {(i: number, j: number, n: number) => boolean} */
export const areFriends = (i, j, n) => i < n / 2 === j < n / 2;

/**
 * For each node the weights of its neighbors, in their order.
 * @param {Layer} layer
 * @param {{ x: number[][], neighbors: number[][] }} graph
 * @param {Fixed} fixed
 */
export function weightsOf({ w_q, w_k, u }, { x, neighbors }, { slope }) {
  const projected = (/** @type {number[][]} */ rows) =>
    x.map(([first, second]) => u.map((_, c) => first * rows[0][c] + second * rows[1][c]));
  const [queries, keys] = [projected(w_q), projected(w_k)];
  return neighbors.map((row, i) => {
    if (row.length === 0) return new Float64Array(0);
    const scores = row.map((j) => {
      const bent = u.map((_, c) => {
        const pair = queries[i][c] + keys[j][c];
        return Math.max(pair, slope * pair);
      });
      return dot(bent, u);
    });
    return Float64Array.from(softmax(scores));
  });
}

/**
 * The mean over all nodes with neighbors: the share of friends among them, and of weight on them;
 * and the share of nodes that are on their camp's side of the middle.
 * @param {{ x: number[][], neighbors: number[][] }} graph
 * @param {Float64Array[]} weights
 */
export function summary({ x, neighbors }, weights) {
  const n = x.length;
  let [inside, onFriends, linked] = [0, 0, 0];
  neighbors.forEach((row, i) => {
    if (row.length === 0) return;
    const own = friendsOf(i, row, weights[i], n);
    linked += 1;
    inside += own.count / row.length;
    onFriends += own.weight;
  });
  const right = x.filter(([first], i) => first > 0 === i >= n / 2).length;
  return { inside: inside / linked, onFriends: onFriends / linked, ownSide: right / n };
}

/**
 * How many of a node's neighbors are its friends, and how much weight they get: if all are, just 1.
 * @param {number} i
 * @param {number[]} row
 * @param {Float64Array} weights
 * @param {number} n
 */
export function friendsOf(i, row, weights, n) {
  let [count, weight] = [0, 0];
  row.forEach((j, place) => {
    if (!areFriends(i, j, n)) return;
    count += 1;
    weight += weights[place];
  });
  return { count, weight: count > 0 && count === row.length ? 1 : weight };
}
