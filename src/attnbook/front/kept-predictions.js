// Which predictions a reader has made, as the browser keeps them.
import { missing } from "../../attnlab/widgets/js/guesses.js";
import { today } from "./storage.js";

export const PREDICTIONS = "predictions";

/**
 * @import { Question } from "../../attnlab/widgets/js/types.d.ts"
 * @import { Readable, Store } from "./storage.js"
 * @typedef {{ version: string, state: "committed" | "shown", guess: Record<string, any>, at: string }} Made
 */

/**
 * What is kept of a prediction; nothing where it asks otherwise by now.
 * @type {(store: Readable, question: Question) => Made | null}
 */
export function madeOf(store, question) {
  const found = store.section(PREDICTIONS)[question.name];
  return isMade(question, found) ? found : null;
}

/** Whether a guess is kept at what this prediction asked once. @type {(store: Store, question: Question) => boolean} */
export function isOutdated(store, question) {
  const found = store.section(PREDICTIONS)[question.name];
  return typeof found?.version === "string" && !isMade(question, found);
}

/** @type {(question: Question, found: any) => found is Made} */
function isMade(question, found) {
  if (found?.version !== question.version) return false;
  if (found.state === "shown") return true;
  return found.state === "committed" && missing(question, found.guess).length === 0;
}

/**
 * Keeps what was decided, unless another tab has decided already.
 * @type {(store: Store, question: Question, state: "committed" | "shown", guess: Record<string, any>) => void}
 */
export function decide(store, question, state, guess) {
  if (madeOf(store, question)) return;
  const { name, version } = question;
  const made = { version, state, guess: state === "shown" ? {} : guess, at: today() };
  store.write(PREDICTIONS, { ...store.section(PREDICTIONS), [name]: made });
}

/** Whether what another has of a prediction can be the same reader's. @type {(mine: Made, offered: Made) => boolean} */
export function isSame(mine, offered) {
  const sorted = (/** @type {unknown} */ value) =>
    JSON.stringify(value, (_, part) =>
      part && typeof part === "object" && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    );
  return offered.state !== "committed" || sorted(mine.guess) === sorted(offered.guess);
}
