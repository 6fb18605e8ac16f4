// Decoding as attnlab.decoding does it: what a token is drawn from, and beam search.
// The tests hold both to torch.
import { softmax } from "../../widgets/js/mathematics.js";
import { startDecoding, stepDecoding } from "../../widgets/js/transformer.js";

/** @import { State, Transformer, Vector } from "../../widgets/js/types.d.ts" */
/**
 * @typedef {object} Beam
 * @property {number} token the last one
 * @property {string} beginning all of them
 * @property {number} parent its number in the step before
 * @property {number} logP
 * @property {number} score
 * @property {number} length
 * @property {boolean} ended
 * @property {State} state
 */
/** @typedef {Map<string, { p: Float64Array, state: State }>} Said after each beginning */

/**
 * The softmax of what the temperature, top-k and then top-p leave; 0 for what they cut.
 * @param {Vector} logits
 * @param {{ temperature: number, topK: number, topP: number }} knobs
 */
export function nextProbabilities(logits, { temperature, topK, topP }) {
  const least = Array.from(logits).sort((a, b) => b - a)[Math.min(topK, logits.length) - 1];
  const kept = Array.from(logits, (logit) => (logit < least ? -Infinity : logit / temperature));
  const p = softmax(kept);
  const order = Array.from(p.keys()).sort((i, j) => p[j] - p[i]);
  const enough = topP * (1 - (2 + p.length) * Number.EPSILON); // a sum may lose so much by rounding
  let before = 0; // what more probable tokens have together
  for (const i of order) {
    const own = p[i];
    if (topP < 1 && before >= enough) p[i] = 0; // at 1 rounding alone would cut
    before += own;
  }
  const total = p.reduce((sum, share) => sum + share, 0);
  return p.map((share) => share / total);
}

/**
 * The beams after each step, best first, up to `steps` or until all have ended.
 * `memory` keeps what the model said after each beginning of this source, for the next search.
 * @param {Transformer} model
 * @param {number[]} source
 * @param {{ bos: number, eos: number, beams: number, alpha: number, steps: number }} limits
 * @param {Said} [memory]
 */
export function searchByBeam(model, source, { bos, eos, beams, alpha, steps }, memory = new Map()) {
  const { state } = startDecoding(model, source);
  const start = { parent: -1, logP: 0, score: 0, length: 0, ended: false, state };
  /** @type {Beam[]} */
  let row = [{ token: bos, beginning: "", ...start }];
  const rows = [row];
  for (let t = 0; t < steps && row.some((beam) => !beam.ended); t += 1) {
    row = row
      .flatMap((beam, parent) => continuations(model, beam, parent, { eos, alpha, memory }))
      .sort((a, b) => b.score - a.score)
      .slice(0, beams);
    rows.push(row);
  }
  return rows;
}

/**
 * @param {Transformer} model
 * @param {Beam} beam
 * @param {number} parent
 * @param {{ eos: number, alpha: number, memory: Said }} search
 * @returns {Beam[]}
 */
function continuations(model, beam, parent, { eos, alpha, memory }) {
  if (beam.ended) return [{ ...beam, token: eos, parent }];
  const said = memory.get(beam.beginning) ?? next(model, beam);
  memory.set(beam.beginning, said);
  const { p: every, state } = said;
  const length = beam.length + 1;
  const penalty = ((5 + length) / 6) ** alpha;
  return Array.from(every, (p, token) => {
    const logP = beam.logP + Math.log(p);
    const beginning = `${beam.beginning} ${token}`;
    const ended = token === eos;
    return { token, beginning, parent, logP, score: logP / penalty, length, ended, state };
  });
}

/**
 * @param {Transformer} model
 * @param {Beam} beam
 */
function next(model, beam) {
  const { logits, state } = stepDecoding(model, beam.token, beam.state);
  return { p: softmax(logits), state };
}

/**
 * The logits of what follows a beam that has not ended.
 * @param {Transformer} model
 * @param {Beam} beam
 */
export function logitsAfter(model, beam) {
  return stepDecoding(model, beam.token, beam.state).logits;
}
