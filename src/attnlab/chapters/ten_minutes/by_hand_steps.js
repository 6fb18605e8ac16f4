// The steps of one look-up with a query and keys of two numbers. The tests hold them to attnlab.
import { dotScores, timesMatrix } from "../../widgets/js/mathematics.js";

/**
 * Everything between a query and what it reads, in the order of the formula.
 * @param {number[]} query
 * @param {number[][]} keys
 * @param {number[][]} values
 */
export function byHand(query, keys, values) {
  const products = Array.from(dotScores(query, keys, query.length));
  const scaled = products.map((product) => product / Math.sqrt(query.length));
  const powers = scaled.map(Math.exp); // of numbers so small that none overflows
  const total = powers.reduce((sum, power) => sum + power, 0);
  const weights = Float64Array.from(powers, (power) => power / total);
  const parts = values.map((value, j) => value.map((x) => weights[j] * x));
  const read = Array.from(timesMatrix(weights, values));
  return { products, scaled, powers, total, weights, parts, read };
}
