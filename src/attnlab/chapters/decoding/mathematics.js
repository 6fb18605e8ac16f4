// Decoding as attnlab.decoding does it: what a token is drawn from, beam search, and drawing.
// The tests hold all of it to torch.
import { softmax, uniforms } from "../../widgets/js/mathematics.js";
import { startDecoding, stepDecoding } from "../../widgets/js/transformer.js";

/** @import { State, Transformer, Vector } from "../../widgets/js/types.d.ts" */
/**
 * What has been said: the last token, all tokens, and the state before the last one.
 * @typedef {{ token: number, beginning: string, state: State }} Beginning
 */
/**
 * @typedef {Beginning & {
 *   parent: number, logP: number, score: number, length: number, ended: boolean, p: number,
 * }} Beam `parent` is its number in the step before, `p` the probability of its last token
 */
/** @typedef {ReturnType<typeof speaker>} Speaker */
/** @typedef {{ temperature: number, topK: number, topP: number }} Knobs */

/**
 * The softmax of what the temperature, top-k and then top-p leave; 0 for what they cut.
 * @param {Vector} logits
 * @param {Knobs} knobs
 */
export function nextProbabilities(logits, { temperature, topK, topP }) {
  const least = Array.from(logits).sort((a, b) => b - a)[Math.min(topK, logits.length) - 1];
  const kept = Array.from(logits, (logit) => (logit < least ? -Infinity : logit / temperature));
  const p = softmax(kept);
  const order = mostProbable(p);
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

/** Tokens, the most probable first. @param {Float64Array} p */
export function mostProbable(p) {
  return Array.from(p.keys()).sort((i, j) => p[j] - p[i]);
}

/**
 * A model that has read its source. It says what comes after a beginning, and remembers it: most
 * searches and draws begin like others.
 * @param {Transformer} model
 * @param {number[]} source
 * @param {number} bos
 */
export function speaker(model, source, bos) {
  /** @type {Map<string, { logits: Float64Array, p: Float64Array, order: number[], state: State }>} */
  const memory = new Map();
  const after = (/** @type {Beginning} */ { token, beginning, state }) => {
    const known = memory.get(beginning);
    if (known) return known;
    const step = stepDecoding(model, token, state);
    const p = softmax(step.logits);
    const said = { logits: step.logits, p, order: mostProbable(p), state: step.state };
    memory.set(beginning, said);
    return said;
  };
  /** @type {Beginning} */
  const start = { token: bos, beginning: "", state: startDecoding(model, source).state };
  return { start, after };
}

/**
 * A beginning and one more token.
 * @param {Speaker} said
 * @param {Beginning} beginning
 * @param {number} token
 * @returns {Beginning}
 */
function longer(said, beginning, token) {
  const { state } = said.after(beginning);
  return { token, beginning: `${beginning.beginning} ${token}`, state };
}

/**
 * The beams after each step, best first, up to `steps` or until all have ended.
 * @param {Speaker} said
 * @param {{ eos: number, beams: number, alpha: number, steps: number }} limits
 */
export function searchByBeam(said, { eos, beams, alpha, steps }) {
  const start = { parent: -1, logP: 0, score: 0, length: 0, ended: false, p: 1, ...said.start };
  /** @type {Beam[]} */
  let row = [start];
  const rows = [row];
  for (let t = 0; t < steps && row.some((beam) => !beam.ended); t += 1) {
    row = row
      .flatMap((beam, parent) => continuations(said, beam, parent, { eos, beams, alpha }))
      .sort((a, b) => b.score - a.score)
      .slice(0, beams);
    rows.push(row);
  }
  return rows;
}

/**
 * The best continuations of a beam: no more of them than beams can be among the best of all.
 * @param {Speaker} said
 * @param {Beam} beam
 * @param {number} parent
 * @param {{ eos: number, beams: number, alpha: number }} search
 * @returns {Beam[]}
 */
function continuations(said, beam, parent, { eos, beams, alpha }) {
  if (beam.ended) return [{ ...beam, token: eos, parent, p: 0 }]; // nothing more is said
  const { p: every, order } = said.after(beam);
  const length = beam.length + 1;
  const penalty = ((5 + length) / 6) ** alpha;
  return order.slice(0, beams).map((token) => {
    const p = every[token];
    const logP = beam.logP + Math.log(p);
    const ended = token === eos;
    return { ...longer(said, beam, token), parent, logP, score: logP / penalty, length, ended, p };
  });
}

/**
 * The same beams, each row in an order in which no line from a beam to its parent crosses another:
 * what goes on from one beginning stands together, below it.
 * @param {Beam[][]} rows
 * @returns {(Beam & { rank: number })[][]} `parent` is a number of the new order, `rank` of the old
 */
export function untangled(rows) {
  const placed = [[{ ...rows[0][0], rank: 0 }]];
  let places = new Map([[0, 0]]); // of a beam's number, its place in the new order
  for (const row of rows.slice(1)) {
    const above = places;
    const order = Array.from(row.keys()).sort(
      (i, j) => (above.get(row[i].parent) ?? 0) - (above.get(row[j].parent) ?? 0) || i - j,
    );
    placed.push(order.map((i) => ({ ...row[i], parent: above.get(row[i].parent) ?? 0, rank: i })));
    places = new Map(order.map((i, place) => [i, place]));
  }
  return placed;
}

/**
 * Sentences drawn word by word, each up to `eos` or the `longest`. Each word of each sentence has
 * a number between 0 and 1 of its own, whatever the knobs are set to; with the same seed, what the
 * knobs change is what they do, and not chance.
 * @param {Speaker} said
 * @param {Knobs} knobs
 * @param {{ eos: number, count: number, longest: number, seed: number }} limits
 */
export function drawSentences(said, knobs, { eos, count, longest, seed }) {
  const chances = uniforms(count * longest, seed);
  /** @type {Map<string, Float64Array>} */
  const drawn = new Map();
  const from = (/** @type {Beginning} */ at) => {
    const p = drawn.get(at.beginning) ?? nextProbabilities(said.after(at).logits, knobs);
    drawn.set(at.beginning, p);
    return p;
  };
  return Array.from({ length: count }, (_, s) => {
    /** @type {number[]} */
    const tokens = [];
    let at = said.start;
    while (tokens.length < longest && tokens.at(-1) !== eos) {
      tokens.push(pick(from(at), chances[s * longest + tokens.length]));
      at = longer(said, at, tokens[tokens.length - 1]);
    }
    return tokens;
  });
}

/**
 * The token in whose share of the whole a number between 0 and 1 falls.
 * @param {Float64Array} p
 * @param {number} chance
 */
function pick(p, chance) {
  let [below, last] = [0, 0];
  for (let token = 0; token < p.length; token += 1) {
    if (p[token] === 0) continue;
    last = token;
    below += p[token];
    if (chance < below) return token;
  }
  return last; // rounded, the shares may sum to a bit less than 1
}

/**
 * The logits of what follows some tokens.
 * @param {Speaker} said
 * @param {number[]} tokens
 */
export function logitsAfter(said, tokens) {
  const at = tokens.reduce((at, token) => longer(said, at, token), said.start);
  return said.after(at).logits;
}
