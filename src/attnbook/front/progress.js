// What a reader has read and solved: ticked at a chapter's end, shown in the menu and on the first
// page. Whoever is new sees nothing of it.
import { element } from "../../attnlab/widgets/js/svg.js";
import { compose, paragraph, say } from "../../attnlab/widgets/js/words.js";
import { loadBook } from "./book.js";
import { madeOf } from "./kept-predictions.js";
import { doneOf, isRead, nextOf, setRead, sumsOf } from "./kept-progress.js";
import { isAnyKept, offerFile } from "./record.js";
import { addressOf } from "./site-files.js";
import { TROUBLE_TEXT } from "./storage.js";

/**
 * @import { Book } from "./book.js"
 * @import { Done } from "./kept-progress.js"
 * @import { Store } from "./storage.js"
 */

/** Returns what shows anew what is kept. @param {Store} store */
export function startProgress(store) {
  let isShown = false; // whoever is new loads nothing
  const show = async () => {
    isShown ||= isAnyKept(store);
    if (!isShown) return;
    // It has its room before what it says is known, so that nothing moves.
    document.querySelector(".your-progress")?.removeAttribute("hidden");
    const book = await loadBook();
    const done = doneOf(store, book.chapters);
    showInMenu(done);
    showOnFirstPage(store, book, done);
  };
  startTick(store, show);
  store.follow(show);
  show();
  return show;
}

/**
 * The box at a chapter's end: a page cannot know whether it was read.
 * @type {(store: Store, changed: () => void) => void}
 */
function startTick(store, changed) {
  /** @type {HTMLElement | null} */
  const place = document.querySelector(".chapter-read");
  const box = place?.querySelector("input");
  if (!place || !box) return;
  const page = place.dataset.page ?? "";
  const show = () => (box.checked = isRead(store, page));
  box.addEventListener("change", () => {
    setRead(store, page, box.checked);
    tellTrouble(store, place);
    changed();
  });
  store.follow(show);
  show();
}

/**
 * Says at a place where something was done if it does not last.
 * @type {(store: Store, place: Element) => void}
 */
export function tellTrouble(store, place) {
  const status = place.querySelector('[role="status"]');
  if (status) status.textContent = store.trouble ? TROUBLE_TEXT[store.trouble] : "";
  offerFile(store, place);
}

/** @param {Done[]} done */
function showInMenu(done) {
  document.querySelectorAll(".site-nav .done").forEach((mark) => mark.remove());
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const links = document.querySelectorAll(".site-nav a");
  const byAddress = new Map([...links].map((link) => [link.href.split("#")[0], link]));
  for (const each of done) {
    if (each.isRead || each.solved > 0)
      byAddress.get(addressOf(each.chapter.page))?.append(markOf(each));
  }
}

/** A chapter's mark in the menu, in signs and in words. @param {Done} done */
function markOf({ chapter, isRead, solved }) {
  const sums = { solved, exercises: chapter.exercises.length };
  const count = solved > 0 ? say(TEXT.count, sums) : "";
  const words = paragraph(isRead ? TEXT.read : "", solved > 0 ? say(TEXT.solved, sums) : "");
  return element(
    "span",
    { class: "done", title: words },
    element("span", { "aria-hidden": "true" }, paragraph(isRead ? TEXT.check : "", count)),
    element("span", { class: "visually-hidden" }, words),
  );
}

/** One line on the first page. @type {(store: Store, book: Book, done: Done[]) => void} */
function showOnFirstPage(store, book, done) {
  /** @type {HTMLElement | null} */
  const line = document.querySelector(".your-progress");
  if (!line) return;
  const sums = sumsOf(store, book);
  const predicted = book.predictions.filter(({ question }) => madeOf(store, question));
  const next = nextOf(done, new Set(predicted.map(({ page }) => page)));
  const link = next && element("a", { href: addressOf(next.page) }, next.title);
  line.hidden = sums.read + sums.made + sums.solved === 0;
  line.replaceChildren(...(link ? compose(TEXT.goOn, { ...sums, link }) : [say(TEXT.all, sums)]));
}

const TEXT = {
  check: "✓",
  count: "{solved}/{exercises}",
  read: "You have read it.",
  solved: "You have solved {solved} of its {exercises} exercises.",
  goOn: "You have read {read} of {chapters} chapters, made {made} of {predictions} predictions and solved {solved} of {exercises} exercises. Go on with {link}.",
  all: "You have read all {chapters} chapters, made {made} of {predictions} predictions and solved {solved} of {exercises} exercises.",
};
