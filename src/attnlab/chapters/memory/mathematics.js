// The maze of widget.py, and the two policies of models.py. The tests hold them to Python.
import { dot, softmax, uniforms } from "../../widgets/js/mathematics.js";
import { affine, gruStep, meanState, rowOf } from "../../widgets/js/recurrent.js";

/** @import { Tensor } from "../../widgets/js/types.d.ts" */
/**
 * @typedef {{ forward: number, signs: Record<string, number>, junction: number, n_pictures: number, bump: number }} Fixed
 * @typedef {{ length: number, sign: string, maze: number }} Maze
 */

/**
 * What there is to see from door to junction, as numbers; nothing with length 0.
 * @param {Maze} maze
 * @param {Fixed} fixed
 * @returns {number[]}
 */
export function sightsOf({ length, sign, maze }, { signs, junction, n_pictures }) {
  if (length === 0) return [];
  const pictures = Array.from(uniforms(length, maze), (u) => 3 + Math.floor(n_pictures * u));
  return [signs[sign], ...pictures, junction];
}

/**
 * What the policy with attention does after these sights, and how it weighs them.
 * @param {Record<string, Tensor>} policy
 * @param {number[]} seen
 */
export function attend(policy, seen) {
  const rows = seen.map((sight) => rowOf(policy["embed.weight"], sight));
  const d = rows[0].length;
  const projected = rows.map((row) => affine(policy, "ask.project_in", row)); // (3 d): q, k and v
  const query = projected[rows.length - 1].subarray(0, d);
  const scores = projected.map((row) => dot(query, row.subarray(d, 2 * d)) / Math.sqrt(d));
  const weights = Float64Array.from(softmax(scores));
  const context = meanState(
    projected.map((row) => row.slice(2 * d)),
    weights,
  );
  const told = affine(policy, "ask.project_out", context);
  const now = rows[rows.length - 1];
  return {
    weights,
    chances: act(
      policy,
      now.map((x, i) => x + told[i]),
    ),
  };
}

/**
 * What the policy with a GRU does after these sights.
 * @param {Record<string, Tensor>} policy
 * @param {number[]} seen
 */
export function carry(policy, seen) {
  const embedded = policy["embed.weight"];
  let state = new Float64Array(embedded.width);
  for (const sight of seen) state = gruStep(policy, "gru.core", rowOf(embedded, sight), state);
  return act(policy, state);
}

/** The probabilities of the three actions. @type {(policy: Record<string, Tensor>, x: Float64Array) => Float64Array} */
function act(policy, x) {
  const hidden = affine(policy, "act.0", x).map((number) => Math.max(0, number));
  return Float64Array.from(softmax(affine(policy, "act.2", hidden)));
}
