// The page that lists a reader's own predictions, with how well the certainty fits so far, and adds
// up what is read and solved. All of it is in this browser; a file takes it to another.
import { element } from "../../attnlab/widgets/js/svg.js";
import { compose, paragraph, plural, say } from "../../attnlab/widgets/js/words.js";
import { loadBook } from "./book.js";
import { madeOf } from "./kept-predictions.js";
import { sumsOf } from "./kept-progress.js";
import { forget, isAnyKept, saveRecord, take } from "./record.js";
import { addressOf } from "./site-files.js";
import { TROUBLE_TEXT } from "./storage.js";
import { calibration, intervalWords, percent, verdictOn } from "./verdicts.js";

/**
 * @import { Book } from "./book.js"
 * @import { Taken } from "./record.js"
 * @import { Store } from "./storage.js"
 */

/** @type {(store: Store, changed: () => void) => Promise<void>} */
export async function startYourPredictions(store, changed) {
  const place = document.querySelector("article .your-predictions");
  if (!place) return;
  const book = await loadBook();
  const list = element("div");
  const status = element("p", { role: "status", tabindex: -1 });
  const trouble = () => (store.trouble ? TROUBLE_TEXT[store.trouble] : "");
  const file = element("input", {
    type: "file",
    accept: "application/json,.json",
    hidden: true, // the button beside it opens it
    change: async () => {
      const [chosen] = file.files ?? [];
      if (!chosen) return;
      const taken = take(store, book, await chosen.text());
      file.value = ""; // the same file can be chosen again
      show();
      changed();
      status.textContent = paragraph(told(taken), trouble());
    },
  });
  const press = (/** @type {string} */ words, /** @type {() => void} */ pressed) =>
    element("button", { type: "button", click: pressed }, words);
  const save = press(TEXT.export, () => saveRecord(store));
  const reset = press(TEXT.reset, () => {
    if (!confirm(TEXT.sure)) return;
    forget(store);
    show();
    changed();
    status.textContent = paragraph(store.trouble ? TEXT.goneHere : TEXT.gone, trouble());
    status.focus(); // the button that was pressed is disabled
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
  status.textContent = trouble();
}

/** What came of a file. @param {Taken} taken */
function told(taken) {
  if (taken.outcome === "others") return say(OTHERS_TEXT[plural(taken.count)], { ...taken });
  if (!("left" in taken)) return IMPORT_TEXT[taken.outcome];
  const { outcome, left } = taken;
  const added = outcome === "nothing" && left > 0 ? IMPORT_TEXT.none : IMPORT_TEXT[outcome];
  const lost = left > 0 ? say(LEFT_TEXT[plural(left)], { left }) : "";
  return paragraph(say(added, { ...taken }), lost);
}

/** @type {(store: Store, book: Book) => Node[]} */
function listed(store, book) {
  const made = book.predictions.flatMap((prediction) => {
    const found = madeOf(store, prediction.question);
    return found ? [{ ...prediction, ...found }] : [];
  });
  const committed = made.filter(({ state }) => state === "committed");
  const nodes = [];
  const sums = say(TEXT.sums, sumsOf(store, book));
  nodes.push(element("p", { class: "your-predictions-sum" }, sums));
  const sum = calibration(committed);
  if (sum.intervals > 0) nodes.push(element("p", {}, intervalWords(sum)));
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

const TEXT = {
  sums: "In this browser you have read {read} of {chapters} chapters, made {made} of {predictions} predictions and solved {solved} of {exercises} exercises.",
  choices: {
    one: "You were right in {right} of {choices} choice, and {sure}% sure.",
    other:
      "You were right in {right} of {choices} choices, {share}%, and {sure}% sure on average. Whoever is well calibrated is right as often as sure.",
  },
  place: "{link} · {at}",
  shown: "You had the result shown without a guess.",
  export: "Save as a file",
  import: "Take from a file",
  reset: "Forget all",
  sure: "Forget all your predictions, and what you have read and solved, in this browser? The chapters then ask again.",
  gone: "All is forgotten; the chapters ask again.",
  goneHere: "What you did since you opened this page is forgotten.",
  onDisk:
    "This page was opened from a disk. Some browsers keep what each file there stores apart from all others: if something that you did is missing here, save it on the chapter’s page and take the file here.",
};

const IMPORT_TEXT = {
  taken:
    "Added from the file: predictions {predictions}, chapters read {read}, exercises solved {solved}.",
  none: "Nothing was added from the file.",
  nothing: "The file has nothing that is not here already.",
  junk: "This file is no export of this book; nothing was taken from it.",
  newer: "This file is from a newer edition of the book; nothing was taken from it.",
};

const LEFT_TEXT = {
  one: "{left} entry of the file belongs to another edition of this book, or cannot be read.",
  other: "{left} entries of the file belong to another edition of this book, or cannot be read.",
};

const OTHERS_TEXT = {
  one: "This file has another guess than yours for {count} prediction, so it is somebody else’s; nothing was taken from it.",
  other:
    "This file has other guesses than yours for {count} predictions, so it is somebody else’s; nothing was taken from it.",
};
