// The memory network of models.py: facts are sums of vectors, and each hop asks all of them.
import { softmax } from "../../widgets/js/mathematics.js";
import { affine, meanState, rowOf } from "../../widgets/js/recurrent.js";

/** @import { Tensor } from "../../widgets/js/types.d.ts" */

/**
 * The weights of each hop, and the probability of each place.
 * @param {Record<string, Tensor>} model
 * @param {number[][]} facts words in numbers, oldest fact first
 * @param {number} asked the word that is asked about
 * @param {number} nHops
 */
export function answer(model, facts, asked, nHops) {
  const keys = vectors(model, "key", facts);
  const values = vectors(model, "value", facts);
  let query = rowOf(model["ask.weight"], asked);
  /** @type {Float64Array[]} */
  const weights = [];
  for (let hop = 0; hop < nHops; hop += 1) {
    const shares = softmax(keys.map((key) => key.reduce((sum, x, i) => sum + x * query[i], 0)));
    const found = meanState(values, shares);
    query = query.map((x, i) => x + found[i]);
    weights.push(shares);
  }
  return { weights, probabilities: softmax(affine(model, "answer", query)) };
}

/**
 * A vector for each fact: those of its words, and that of its age.
 * @param {Record<string, Tensor>} model
 * @param {string} table
 * @param {number[][]} facts
 */
function vectors(model, table, facts) {
  return facts.map((words, i) => {
    const sum = rowOf(model[`${table}_age.weight`], facts.length - 1 - i);
    for (const word of words) {
      rowOf(model[`${table}.weight`], word).forEach((x, j) => (sum[j] += x));
    }
    return sum;
  });
}

/**
 * The facts that tell where something is, in the order in which they are found, null where the
 * story does not say; the twin of `needed_facts` in stories.py.
 * @param {string[][]} facts what was done, by whom, and what was taken or where to
 * @param {string} asked
 * @param {boolean} isThing
 * @returns {number[] | null}
 */
export function neededFacts(facts, asked, isThing) {
  if (!isThing) {
    const went = facts.findLastIndex(([did, who]) => did === "went" && who === asked);
    return went < 0 ? null : [went];
  }
  const took = facts.findLastIndex(([did, , thing]) => did === "took" && thing === asked);
  const rest = took < 0 ? null : neededFacts(facts, facts[took][1], false);
  return rest && [took, ...rest];
}
