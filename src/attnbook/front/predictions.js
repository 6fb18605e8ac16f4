// Predictions on a page: what they ask is kept, results stay covered until one has decided, and a
// guess is drawn into the figure that answers it.
import { element } from "../../attnlab/widgets/js/svg.js";
import { say } from "../../attnlab/widgets/js/words.js";
import { anchorOf } from "./anchors.js";
import { overlay } from "./answers.js";
import { decide, lostOf, madeOf } from "./kept-predictions.js";
import { offerFile } from "./record.js";
import { TROUBLE_TEXT } from "./storage.js";
import { verdict } from "./verdicts.js";

/**
 * @import { Question, Restored } from "../../attnlab/widgets/js/types.d.ts"
 * @import { Answer } from "./answers.js"
 * @import { Store } from "./storage.js"
 */

/** What lies over a result until its prediction is made. @param {Element} cover */
const nameOf = (cover) => /** @type {HTMLElement} */ (cover).dataset.prediction ?? "";

class Predictions {
  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    /** @type {{ box: HTMLElement, answer: Answer }[]} */
    this.answers = [];
    /** @type {Map<string, Question>} */
    this.questions = new Map();
    /** Those whose results were opened by a link into them. @type {Set<string>} */
    this.opened = new Set();
    // A widget may be ready before the page is.
    document.addEventListener("attn-asked", (event) => this.restore(asked(event).name));
    document.addEventListener("attn-decided", (event) => this.keep(event));
  }

  start() {
    /** @type {NodeListOf<HTMLElement>} */
    const boxes = document.querySelectorAll(".answered");
    boxes.forEach((box) => {
      for (const answer of /** @type {Answer[]} */ (JSON.parse(box.dataset.answers ?? "[]"))) {
        this.answers.push({ box, answer });
        this.questions.set(answer.question.name, answer.question);
      }
    });
    this.notes = [...document.querySelectorAll(".covered")].map((cover) => {
      const note = element("p", { class: "covered-note" });
      cover.before(note);
      return { cover, note };
    });
    const follow = () => this.openTarget();
    addEventListener("hashchange", follow);
    this.store.follow(() => this.show());
    this.show();
    follow();
  }

  show() {
    for (const name of this.questions.keys()) this.showOne(name);
  }

  /** @param {string} name */
  showOne(name) {
    const question = this.questions.get(name);
    if (!question) return;
    const made = madeOf(this.store, question);
    for (const { cover, note } of this.notes ?? [])
      if (nameOf(cover) === name) this.cover(cover, note, question, made !== null);
    for (const { box, answer } of this.answers) {
      if (answer.question.name !== name) continue;
      const owner = box.closest("figure") ?? box;
      const [drawn, said] = [
        box.querySelector(`svg[data-prediction="${name}"]`),
        owner.nextElementSibling?.matches(`.verdict[data-prediction="${name}"]`)
          ? owner.nextElementSibling
          : null,
      ];
      drawn?.remove();
      said?.remove();
      if (made?.state !== "committed") continue;
      const words = verdict(question, made.guess, answer.truth);
      const picture = overlay(answer, made.guess, say(TEXT.drawn, { verdict: words }));
      picture.dataset.prediction = name;
      box.append(picture);
      const key = element("span", { class: "verdict-key" }, keyTo(question));
      owner.after(element("p", { class: "verdict", "data-prediction": name }, key, words));
    }
    this.restore(name);
  }

  /** @type {(cover: Element, note: Element, question: Question, made: boolean) => void} */
  cover(cover, note, question, made) {
    const open = made || this.opened.has(question.name);
    cover.toggleAttribute("data-uncovered", open);
    const link = element("a", { href: `#prediction-${question.name}` }, TEXT.predict);
    note.replaceChildren(open ? TEXT.opened : TEXT.first, " ", link);
    note.toggleAttribute("hidden", made);
    // What was covered had no width: what scrolls by itself is known only now.
    if (open) dispatchEvent(new Event("resize"));
  }

  /** Tells the prediction's control what is kept of it. @param {string} name */
  restore(name) {
    const question = this.questions.get(name);
    const control = document.getElementById(`prediction-${name}`);
    if (!question || !control) return;
    const made = madeOf(this.store, question);
    const box = this.answers.find(({ answer }) => answer.question.name === name)?.box;
    const figure = box?.closest("figure[id]")?.id;
    /** @type {Restored} */
    const detail = {
      state: made?.state ?? "open",
      guess: made?.guess ?? {},
      notice: this.notice(question),
      figure: figure ? `#${figure}` : "",
    };
    control.dispatchEvent(new CustomEvent("attn-restored", { detail }));
    if (made) offerFile(this.store, control);
    if (location.hash === `#${control.id}` && !this.led) {
      this.led = true;
      control.scrollIntoView();
    }
  }

  /** @param {Question} question */
  notice(question) {
    const { trouble } = this.store;
    if (trouble) return TROUBLE_TEXT[trouble];
    const lost = lostOf(this.store, question);
    return lost && TEXT[lost];
  }

  /** @param {Event} event */
  keep(event) {
    const { question, state, guess } = /** @type {CustomEvent} */ (event).detail;
    this.questions.set(question.name, question);
    decide(this.store, question, state, guess);
    this.showOne(question.name);
  }

  /** A place that is covered is opened for who asks for it. */
  openTarget() {
    const target = document.getElementById(anchorOf(location.hash));
    const cover = target?.closest(".covered");
    if (!cover || cover.hasAttribute("data-uncovered")) return;
    this.opened.add(nameOf(cover));
    this.showOne(nameOf(cover));
    target?.scrollIntoView();
  }
}

/** What in the figure is the guess. @param {Question} question */
function keyTo({ quantities }) {
  const curves = quantities.filter(({ kind }) => kind === "curve").length;
  if (curves === 0) return TEXT.circles;
  return curves === quantities.length ? TEXT.dashes : TEXT.both;
}

/** @param {Event} event @returns {Question} */
const asked = (event) => /** @type {CustomEvent} */ (event).detail.question;

/** @param {Store} store */
export function preparePredictions(store) {
  const predictions = new Predictions(store);
  return () => predictions.start();
}

const TEXT = {
  first: "Your prediction comes first.",
  opened: "This is open because a link led here; your prediction would have come first.",
  predict: "Make it now",
  circles: "Open circles in the figure: your guess.",
  dashes: "Dashed in the figure: your guess.",
  both: "Open circles and dashes in the figure: your guess.",
  drawn: "Your guess in this figure. {verdict}",
  unreadable: "What was kept of your prediction here cannot be read: make it anew.",
  outdated: "You made a prediction here once, but what it asks has changed since: make it anew.",
};
