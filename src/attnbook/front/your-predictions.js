// The page that lists a reader's own predictions, with how well the certainty fits so far. All of
// it is in this browser; a file takes it to another.
import { element } from "../../attnlab/widgets/js/svg.js";
import { compose, plural, say } from "../../attnlab/widgets/js/words.js";
import { saveFile } from "./files.js";
import { exported, forget, isAnyKept, madeOf, take } from "./kept-predictions.js";
import { TROUBLE_TEXT } from "./predictions.js";
import { addressOf, runScript } from "./site-files.js";
import { calibration, verdictOn } from "./verdicts.js";

/**
 * @import { Question } from "../../attnlab/widgets/js/types.d.ts"
 * @import { Store } from "./storage.js"
 * @typedef {{ page: string, title: string, question: Question, truth: Record<string, any>, anchor: string, run: string }} Prediction
 */

const ALL = "_static/predictions.js";

/** All predictions of the book; none where their file is missing. @returns {Promise<Prediction[]>} */
async function load() {
  await runScript(ALL).catch(() => undefined);
  return /** @type {any} */ (globalThis).attnPredictions ?? [];
}

/** @param {Store} store */
export async function startYourPredictions(store) {
  const place = document.querySelector("article .your-predictions");
  if (!place) return;
  const book = await load();
  const questions = book.map(({ question }) => question);
  const list = element("div");
  const status = element("p", { role: "status" });
  const file = element("input", {
    type: "file",
    accept: "application/json,.json",
    class: "visually-hidden",
    tabindex: -1,
    "aria-label": TEXT.import,
    change: async () => {
      const [chosen] = file.files ?? [];
      if (!chosen) return;
      const { outcome, count } = take(store, questions, await chosen.text());
      file.value = ""; // the same file can be chosen again
      show();
      status.textContent = say(IMPORT_TEXT[outcome][plural(count)], { count });
    },
  });
  const press = (/** @type {string} */ words, /** @type {() => void} */ pressed) =>
    element("button", { type: "button", click: pressed }, words);
  const save = press(TEXT.export, () => saveFile(TEXT.file, exported(store)));
  const reset = press(TEXT.reset, () => {
    if (!confirm(TEXT.sure)) return;
    forget(store);
    show();
    status.textContent = TEXT.gone;
  });
  const show = () => {
    list.replaceChildren(...listed(store, book));
    save.disabled = reset.disabled = !isAnyKept(store);
  };
  const buttons = [save, press(TEXT.import, () => file.click()), reset];
  const aside = location.protocol === "file:" ? [element("p", {}, TEXT.onDisk)] : [];
  place.replaceChildren(
    list,
    element("p", { class: "your-predictions-buttons" }, ...buttons, file),
    status,
    ...aside,
  );
  store.follow(show);
  show();
  if (store.trouble) status.textContent = TROUBLE_TEXT[store.trouble];
}

/** @type {(store: Store, book: Prediction[]) => Node[]} */
function listed(store, book) {
  const made = book.flatMap((prediction) => {
    const found = madeOf(store, prediction.question);
    return found ? [{ ...prediction, ...found }] : [];
  });
  const committed = made.filter(({ state }) => state === "committed");
  const nodes = [];
  nodes.push(
    element(
      "p",
      { class: "your-predictions-sum" },
      made.length === 0
        ? say(TEXT.none, { all: book.length })
        : say(TEXT.count[plural(committed.length)], { made: committed.length, all: book.length }),
    ),
  );
  const sum = calibration(committed);
  if (sum.intervals > 0)
    nodes.push(
      element(
        "p",
        {},
        say(TEXT.intervals[plural(sum.intervals)], {
          ...sum,
          share: percent(sum.held, sum.intervals),
        }),
      ),
    );
  if (sum.choices > 0)
    nodes.push(
      element(
        "p",
        {},
        say(TEXT.choices[plural(sum.choices)], {
          ...sum,
          sure: Math.round(sum.sure),
          share: percent(sum.right, sum.choices),
        }),
      ),
    );
  for (const prediction of made) {
    const { question, guess, truth, state, at, run } = prediction;
    const link = element(
      "a",
      { href: addressOf(`${prediction.page}#${prediction.anchor}`) },
      prediction.title,
    );
    const said =
      state === "committed"
        ? question.quantities.map((q) => verdictOn(q, guess[q.name], truth[q.name]))
        : [TEXT.shown];
    nodes.push(
      element(
        "section",
        { class: "your-prediction" },
        element("h2", {}, question.question),
        element("p", { class: "your-prediction-place" }, ...compose(TEXT.place, { link, at })),
        element("ul", {}, ...said.map((words) => element("li", {}, words))),
        ...(run ? [element("p", { class: "your-prediction-place" }, run)] : []),
      ),
    );
  }
  return nodes;
}

/** @type {(part: number, all: number) => number} */
const percent = (part, all) => Math.round((100 * part) / all);

const TEXT = {
  none: "You have made none of this book’s {all} predictions yet in this browser.",
  count: {
    one: "You have made {made} of this book’s {all} predictions.",
    other: "You have made {made} of this book’s {all} predictions.",
  },
  intervals: {
    one: "{held} of your {intervals} interval holds what was measured. Over many, 80% of them should.",
    other:
      "{held} of your {intervals} intervals hold what was measured, {share}%. Over many, 80% of them should: fewer, and you are too sure of yourself; more, and you could be surer.",
  },
  choices: {
    one: "You were right in {right} of {choices} choice, and {sure}% sure.",
    other:
      "You were right in {right} of {choices} choices, {share}%, and {sure}% sure on average. Whoever is well calibrated is right as often as sure.",
  },
  place: "{link}, {at}",
  shown: "You had the result shown without a guess.",
  export: "Save as a file",
  import: "Take from a file",
  reset: "Forget all",
  sure: "Forget all your predictions in this browser? The chapters then ask again.",
  gone: "All is forgotten; the chapters ask again.",
  file: "attention-predictions.json",
  onDisk:
    "This page was opened from a disk. Some browsers keep what each file there stores apart from all others: if predictions that you made are missing here, save them on the chapter’s page and take the file here.",
};

const IMPORT_TEXT = {
  taken: {
    one: "{count} prediction was added from the file.",
    other: "{count} predictions were added from the file.",
  },
  nothing: {
    one: "The file has no prediction that is not here already.",
    other: "The file has no prediction that is not here already.",
  },
  junk: {
    one: "This file is no export of predictions; nothing was taken from it.",
    other: "This file is no export of predictions; nothing was taken from it.",
  },
  newer: {
    one: "This file is from a newer edition of the book; nothing was taken from it.",
    other: "This file is from a newer edition of the book; nothing was taken from it.",
  },
  others: {
    one: "This file has another guess than yours for {count} prediction, so it is somebody else’s; nothing was taken from it.",
    other:
      "This file has other guesses than yours for {count} predictions, so it is somebody else’s; nothing was taken from it.",
  },
};
