// What the build says of the whole book, read when a page needs it.
import { runScript } from "./site-files.js";

const FILES = ["_static/chapters.js", "_static/predictions.js"];

/**
 * @import { Question } from "../../attnlab/widgets/js/types.d.ts"
 * @import { Chapter } from "./kept-progress.js"
 * @typedef {{ page: string, title: string, question: Question, truth: Record<string, any>, anchor: string, run: string }} Prediction
 * @typedef {{ chapters: Chapter[], predictions: Prediction[], questions: Question[] }} Book
 */

/** @type {Promise<Book> | undefined} */
let book;

/** The book's chapters and predictions; none where their file is missing. */
export function loadBook() {
  book ??= Promise.allSettled(FILES.map(runScript)).then(() => {
    const { attnChapters: chapters = [], attnPredictions: predictions = [] } = /** @type {any} */ (
      globalThis
    );
    const questions = predictions.map((/** @type {Prediction} */ { question }) => question);
    return { chapters, predictions, questions };
  });
  return book;
}
