// Which predictions a reader has made, as the browser keeps them.
import { missing } from "../../attnlab/widgets/js/guesses.js";
import { isDay, today } from "./storage.js";

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

/**
 * Why what is kept of a prediction is none: it was made at what it asked once, or can't be read.
 * @type {(store: Store, question: Question) => "" | "outdated" | "unreadable"}
 */
export function lostOf(store, question) {
  const found = store.section(PREDICTIONS)[question.name];
  if (found === undefined || isMade(question, found)) return "";
  const isOther = typeof found?.version === "string" && found.version !== question.version;
  return isOther ? "outdated" : "unreadable";
}

/** @type {(question: Question, found: any) => found is Made} */
function isMade(question, found) {
  if (found?.version !== question.version || !isDay(found.at)) return false;
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
  store.write(PREDICTIONS, { [name]: made });
}

/**
 * Whether what another has of a prediction can be the same reader's, who may have had shown there
 * what was guessed here.
 * @type {(mine: Made, offered: Made) => boolean}
 */
export function isSame(mine, offered) {
  const sorted = (/** @type {unknown} */ value) =>
    JSON.stringify(value, (_, part) =>
      part && typeof part === "object" && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    );
  return offered.state !== "committed" || sorted(mine.guess) === sorted(offered.guess);
}
