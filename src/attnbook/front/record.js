// All that a reader has done in this book, predictions and progress: as a file, and forgotten.
import { element } from "../../attnlab/widgets/js/svg.js";
import { saveFile } from "./files.js";
import { PREDICTIONS, isSame, madeOf } from "./kept-predictions.js";
import { READ, SOLVED, isRead, isSolved } from "./kept-progress.js";
import { parsed, sectionOf } from "./storage.js";

const SECTIONS = [PREDICTIONS, READ, SOLVED];
const LARGEST = 1e6; // characters of a file that may be an export

/**
 * @import { Book } from "./book.js"
 * @import { Readable, Store } from "./storage.js"
 * @typedef {{ outcome: "taken" | "nothing", predictions: number, read: number, solved: number, left: number }
 *   | { outcome: "junk" | "newer" } | { outcome: "others", count: number }} Taken
 */

/** Whether anything is kept. @param {Store} store */
export function isAnyKept(store) {
  return SECTIONS.some((section) => Object.keys(store.section(section)).length > 0);
}

/** @param {Store} store */
export function forget(store) {
  for (const section of SECTIONS) {
    const names = Object.keys(store.section(section));
    store.write(section, Object.fromEntries(names.map((name) => [name, undefined])));
  }
}

/** All that is kept, as the text of a file. @param {Store} store */
export function exported(store) {
  const sections = SECTIONS.map((section) => [section, store.section(section)]);
  const file = { version: store.read().version, ...Object.fromEntries(sections) };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** @param {Store} store */
export function saveRecord(store) {
  saveFile(TEXT.file, exported(store));
}

/**
 * Offers a file below what was done on a page from a disk: there, some browsers keep what a page
 * stores apart from all others.
 * @type {(store: Store, below: Element) => void}
 */
export function offerFile(store, below) {
  if (location.protocol !== "file:" || document.querySelector(".kept-file")) return;
  const save = element("button", { type: "button", click: () => saveRecord(store) }, TEXT.save);
  below.after(element("p", { class: "kept-file" }, TEXT.onDisk, " ", save));
}

/**
 * Adds what a file has to what is kept; of what is kept, all stays.
 * A file that has another guess than the one kept is somebody else's, and none of it is taken.
 * @param {Store} store
 * @param {Pick<Book, "questions" | "chapters">} book
 * @param {string} text
 * @returns {Taken}
 */
export function take(store, { questions, chapters }, text) {
  const file = text.length > LARGEST ? "corrupt" : parsed(text);
  if (file === "newer") return { outcome: "newer" };
  if (file === "corrupt" || !SECTIONS.some((section) => sectionOf(file, section)))
    return { outcome: "junk" };
  const theirs = { section: (/** @type {string} */ name) => sectionOf(file, name) ?? {} };
  const others = questions.filter((question) => {
    const [mine, offered] = [madeOf(store, question), madeOf(theirs, question)];
    return mine?.state === "committed" && offered && !isSame(mine, offered);
  });
  if (others.length > 0) return { outcome: "others", count: others.length };
  const exercises = chapters.flatMap((chapter) => chapter.exercises);
  /** @type {[section: string, items: any[], key: string, has: (kept: Readable, item: any) => unknown][]} */
  const kinds = [
    [PREDICTIONS, questions, "name", madeOf],
    [READ, chapters, "page", (kept, { page }) => isRead(kept, page)],
    [SOLVED, exercises, "name", isSolved],
  ];
  let left = 0; // what this edition does not have, or cannot read
  const [predictions, read, solved] = kinds.map(([section, items, key, has]) => {
    const entries = theirs.section(section);
    const offered = items.filter((item) => has(theirs, item));
    left += Object.keys(entries).length - offered.length;
    const added = offered.filter((item) => !has(store, item)).map((item) => item[key]);
    const copies = added.map((name) => [name, copyOf(entries[name])]);
    if (added.length > 0) store.write(section, Object.fromEntries(copies));
    return added.length;
  });
  const outcome = predictions + read + solved > 0 ? "taken" : "nothing";
  return { outcome, predictions, read, solved, left };
}

/** What a file says of one thing, and nothing besides. @param {Record<string, any>} entry */
function copyOf({ version, state, guess, at }) {
  return { version, state, guess, at: String(at).slice(0, 10) };
}

const TEXT = {
  onDisk:
    "This page was opened from a disk, where some browsers keep what you do here apart from the other pages. Save it, and “Your predictions and progress” takes it.",
  save: "Save it as a file",
  file: "attention-by-experiment.json",
};
