// Which chapters a reader has read and which exercises are solved, as the browser keeps it.
import { madeOf } from "./kept-predictions.js";
import { isDay, today } from "./storage.js";

export const READ = "read";
export const SOLVED = "solved";

/**
 * @import { Book } from "./book.js"
 * @import { Readable, Store } from "./storage.js"
 * @typedef {{ name: string, version: string }} Exercise
 * @typedef {{ page: string, title: string, exercises: Exercise[] }} Chapter
 * @typedef {"read" | "chapters" | "made" | "predictions" | "solved" | "exercises"} Sum
 * @typedef {Record<Sum, number>} Sums
 * @typedef {{ chapter: Chapter, isRead: boolean, solved: number }} Done
 */

/** @type {(store: Readable, page: string) => boolean} */
export function isRead(store, page) {
  return isDay(store.section(READ)[page]?.at);
}

/** Whether it is solved as it is now. @type {(store: Readable, exercise: Exercise) => boolean} */
export function isSolved(store, { name, version }) {
  const found = store.section(SOLVED)[name];
  return isDay(found?.at) && found.version === version;
}

/** @type {(store: Store, page: string, yes: boolean) => void} */
export function setRead(store, page, yes) {
  set(store, READ, page, yes && { at: today() });
}

/** @type {(store: Store, exercise: Exercise, yes: boolean) => void} */
export function setSolved(store, { name, version }, yes) {
  set(store, SOLVED, name, yes && { version, at: today() });
}

/** @type {(store: Store, section: string, name: string, value: object | false) => void} */
function set(store, section, name, value) {
  store.write(section, { [name]: value || undefined });
}

/** What is done of each chapter. @type {(store: Readable, chapters: Chapter[]) => Done[]} */
export function doneOf(store, chapters) {
  const sections = new Map([READ, SOLVED].map((name) => [name, store.section(name)]));
  const now = { section: (/** @type {string} */ name) => sections.get(name) ?? {} };
  return chapters.map((chapter) => ({
    chapter,
    isRead: isRead(now, chapter.page),
    solved: chapter.exercises.filter((exercise) => isSolved(now, exercise)).length,
  }));
}

/** How much is done of all there is. @type {(store: Readable, book: Pick<Book, "questions" | "chapters">) => Sums} */
export function sumsOf(store, { chapters, questions }) {
  const done = doneOf(store, chapters);
  return {
    read: done.filter(({ isRead }) => isRead).length,
    chapters: chapters.length,
    made: questions.filter((each) => madeOf(store, each)?.state === "committed").length,
    predictions: questions.length,
    solved: done.reduce((sum, { solved }) => sum + solved, 0),
    exercises: chapters.reduce((sum, { exercises }) => sum + exercises.length, 0),
  };
}

/**
 * Where to go on: with the furthest chapter in which anything is done, or what follows where that
 * is read; and at the end, with the first that was left out.
 * @type {(done: Done[], predicted: Set<string>) => Chapter | undefined}
 */
export function nextOf(done, predicted) {
  const furthest = done.findLastIndex(
    ({ chapter, isRead, solved }) => isRead || solved > 0 || predicted.has(chapter.page),
  );
  const ahead = [...done.slice(Math.max(0, furthest)), ...done];
  return ahead.find(({ isRead }) => !isRead)?.chapter;
}
