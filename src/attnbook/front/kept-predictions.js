// Which predictions a reader has made, as the browser keeps them.
import { missing } from "../../attnlab/widgets/js/guesses.js";
import { parsed } from "./storage.js";

const SECTION = "predictions";
const LARGEST = 1e6; // characters of a file that may be an export

/**
 * @import { Question } from "../../attnlab/widgets/js/types.d.ts"
 * @import { Store } from "./storage.js"
 * @typedef {{ version: string, state: "committed" | "shown", guess: Record<string, any>, at: string }} Made
 */

/**
 * What is kept of a prediction; nothing where it asks otherwise by now.
 * @type {(store: Store, question: Question) => Made | null}
 */
export function madeOf(store, question) {
  const found = store.section(SECTION)[question.name];
  return isMade(question, found) ? found : null;
}

/** Whether a guess is kept at what this prediction asked once. @type {(store: Store, question: Question) => boolean} */
export function isOutdated(store, question) {
  const found = store.section(SECTION)[question.name];
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
  store.write(SECTION, { ...store.section(SECTION), [name]: made });
}

const today = () => new Date().toISOString().slice(0, 10);

/** Forgets all predictions. @param {Store} store */
export function forget(store) {
  store.write(SECTION, {});
}

/** Whether any prediction is kept. @param {Store} store */
export function isAnyKept(store) {
  return Object.keys(store.section(SECTION)).length > 0;
}

/** All that is kept, as the text of a file. @param {Store} store */
export function exported(store) {
  const { version } = store.read();
  return `${JSON.stringify({ version, [SECTION]: store.section(SECTION) }, null, 2)}\n`;
}

/**
 * Adds the predictions of a file to those that are kept; of each, the one that is kept stays.
 * A file that has another guess than the one kept is somebody else's, and none of it is taken.
 * @param {Store} store
 * @param {Question[]} questions
 * @param {string} text
 * @returns {{ outcome: "taken" | "junk" | "newer" | "others" | "nothing", count: number }}
 */
export function take(store, questions, text) {
  const file = text.length > LARGEST ? "corrupt" : parsed(text);
  if (file === "newer") return { outcome: "newer", count: 0 };
  if (file === "corrupt" || typeof file[SECTION] !== "object" || file[SECTION] === null)
    return { outcome: "junk", count: 0 };
  const found = questions.filter((question) => isMade(question, file[SECTION][question.name]));
  /** @type {(question: Question) => Made} */
  const offered = ({ name }) => file[SECTION][name];
  const others = found.filter((question) => {
    const mine = madeOf(store, question);
    return mine?.state === "committed" && !isSame(mine.guess, offered(question));
  });
  if (others.length > 0) return { outcome: "others", count: others.length };
  const added = found.filter((question) => !madeOf(store, question));
  if (added.length === 0) return { outcome: "nothing", count: 0 };
  const all = { ...store.section(SECTION) };
  for (const question of added) {
    const { version, state, guess, at } = offered(question);
    all[question.name] = { version, state, guess, at: String(at).slice(0, 10) };
  }
  store.write(SECTION, all);
  return { outcome: "taken", count: added.length };
}

/** @type {(guess: Record<string, any>, offered: Made) => boolean} */
function isSame(guess, offered) {
  const sorted = (/** @type {unknown} */ value) =>
    JSON.stringify(value, (_, part) =>
      part && typeof part === "object" && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    );
  return offered.state !== "committed" || sorted(guess) === sorted(offered.guess);
}
