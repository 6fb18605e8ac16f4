// All English sentences of the grammar, from what attnlab/widgets/grammar.py packs.
import { say } from "./words.js";

/**
 * @typedef {object} Grammar
 * @property {[words: string, kind: number][]} subjects
 * @property {[plain: string, third: string][]} patterns by the kind of the subject
 * @property {[verb: string, verbs: string, object: string, patterns: number][]} predicates
 */

/**
 * Every sentence, in the order of the grammar, and what it is about.
 * @param {Grammar} grammar
 */
export function sentencesOf({ subjects, patterns, predicates }) {
  return subjects.flatMap(([subject, kind]) =>
    patterns.flatMap((frames, number) =>
      predicates
        .filter(([, , , most]) => number < most)
        .map(([verb, verbs, object]) => ({
          text: say(frames[kind], { subject, verb, verbs, object }),
          object,
        })),
    ),
  );
}
