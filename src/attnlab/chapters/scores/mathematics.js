// Four ways to score. The tests hold them to attnlab's.
import { dot, dotScores, timesMatrix } from "../../widgets/js/mathematics.js";

/** @import { Vector } from "../../widgets/js/types.d.ts" */

/**
 * One query's scores of the keys by one of four functions; the twin of widget.py.
 * @param {string} name
 * @param {Vector} query
 * @param {Vector[]} keys
 * @param {{ w: Vector[], w_q: Vector[], w_k: Vector[], v: number[] }} parameters
 */
export function scoresOf(name, query, keys, { w, w_q, w_k, v }) {
  if (name === "additive") return additiveScores([...query, 1], keys, w_q, w_k, v);
  const asked = name === "bilinear" ? timesMatrix(query, w) : query;
  const scores = dotScores(asked, keys, asked.length);
  return name === "scaled" ? scores.map((score) => score / Math.sqrt(asked.length)) : scores;
}

/**
 * @param {Vector} query
 * @param {Vector[]} keys
 * @param {Vector[]} w_q
 * @param {Vector[]} w_k
 * @param {number[]} v
 */
function additiveScores(query, keys, w_q, w_k, v) {
  const asked = timesMatrix(query, w_q);
  const columns = v.map((_, h) => w_k.map((row) => row[h]));
  return keys.map((key) => {
    let score = 0;
    for (let h = 0; h < v.length; h += 1)
      score += v[h] * Math.tanh(asked[h] + dot(key, columns[h]));
    return score;
  });
}
