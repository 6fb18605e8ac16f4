// Exercises on a page: a choice is answered where it stands; of code the reader says that it is
// solved, which a page cannot know.
import { element } from "../../attnlab/widgets/js/svg.js";
import { say } from "../../attnlab/widgets/js/words.js";
import { isSolved, setSolved } from "./kept-progress.js";
import { tellTrouble } from "./progress.js";

/**
 * What the build hands a page: an exercise, and of a choice what its checker says of each letter.
 * @import { Exercise } from "./kept-progress.js"
 * @import { Store } from "./storage.js"
 * @typedef {{ right: boolean, first: string, later: string }} Told
 * @typedef {{ mark: HTMLElement, show: (isSolved: boolean) => void }} Control
 * @typedef {Exercise & { letters?: Record<string, Told> }} Asked
 */

/**
 * What is said of a letter after some wrong tries: more at later ones, as `check` has it.
 * @type {(letters: Record<string, Told>, letter: string, failures: number) => { right: boolean, words: string }}
 */
export function judge(letters, letter, failures) {
  const { right, first, later } = letters[letter];
  return { right, words: failures > 0 ? later : first };
}

/** @type {(store: Store, changed: () => void) => void} */
export function startExercises(store, changed) {
  /** @type {NodeListOf<HTMLElement>} */
  const places = document.querySelectorAll(".exercise > .asked");
  const shows = [...places].map((place) => {
    /** @type {Asked} */
    const { letters, ...exercise } = JSON.parse(place.dataset.asked ?? "");
    const solve = (/** @type {boolean} */ yes) => {
      setSolved(store, exercise, yes);
      tellTrouble(store, place);
      changed();
      show();
    };
    const control = letters ? choiceForm(place, exercise.name, letters, solve) : tick(solve);
    place.append(element("p", { role: "status" }));
    place.parentElement?.querySelector(".admonition-title")?.append(control.mark);
    const show = () => control.show(isSolved(store, exercise));
    return show;
  });
  const showAll = () => shows.forEach((show) => show());
  store.follow(showAll);
  showAll();
}

/**
 * A box beside the title.
 * @type {(solve: (yes: boolean) => void) => Control}
 */
function tick(solve) {
  const box = element("input", { type: "checkbox", change: () => solve(box.checked) });
  const mark = element("label", { class: "solved" }, box, TEXT.tick);
  return { mark, show: (yes) => void (box.checked = yes) };
}

/**
 * Makes the list of a choice's options a form; a right answer solves it.
 * @type {(place: Element, name: string, letters: Record<string, Told>, solve: (yes: boolean) => void) => Control}
 */
function choiceForm(place, name, letters, solve) {
  const list = /** @type {Element} */ (place.parentElement?.querySelector(".options"));
  const inputs = Object.keys(letters).map((letter, i) => {
    const option = list.children[i];
    const words = (option.querySelector("p") ?? option).childNodes;
    const input = element("input", { type: "radio", name, value: letter });
    option.replaceChildren(element("label", {}, input, element("span", {}, ...words)));
    return input;
  });
  const status = element("p", { class: "told", role: "status" });
  const tell = (/** @type {string} */ words, right = false) =>
    status.replaceChildren(element("span", right ? { class: "is-right" } : {}, words));
  let failures = 0;
  const answer = () => {
    const chosen = inputs.find((input) => input.checked);
    if (!chosen) return tell(TEXT.none);
    const { right, words } = judge(letters, chosen.value, failures);
    tell(right ? words : say(TEXT.wrong, { hint: words }), right);
    if (right) solve(true);
    else failures += 1;
  };
  const form = element(
    "form",
    { class: "answer", change: () => status.replaceChildren() },
    element("fieldset", {}, element("legend", { class: "visually-hidden" }, TEXT.options)),
    element("button", { type: "submit" }, TEXT.check),
    status,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answer();
  });
  list.before(form);
  form.firstElementChild?.append(list);
  const mark = element("span", { class: "solved" }, TEXT.solved);
  const show = (/** @type {boolean} */ yes) => {
    mark.hidden = !yes;
    if (!yes || inputs.some((input) => input.checked)) return;
    for (const input of inputs) input.checked = letters[input.value].right; // as it was left
  };
  return { mark, show };
}

const TEXT = {
  tick: "I have solved it",
  solved: "✓ Solved",
  options: "Your answer",
  check: "Check",
  none: "Choose one of the options first.",
  wrong: "Not right: {hint}",
};
