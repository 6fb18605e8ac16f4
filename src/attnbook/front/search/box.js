// The search box: results below it while one types, as a combobox with a list of options.
// The arrow keys choose, Enter follows, Escape closes; Enter with none chosen leads to all results.
import { plural, say } from "../../../attnlab/widgets/js/words.js";
import { KINDS_TEXT, addressOfAll, bestOf, byKind, linkTo, loadSearch } from "./results.js";

/** @import { Result } from "./engine.js" */

const TEXT = {
  list: "Results",
  none: "Nothing was found for “{query}”.",
  few: { one: "{n} result.", other: "{n} results." },
  many: "The best {n} of {all} results.",
  all: "All {n} results",
  failed: "The search could not be loaded.",
};

/** @param {HTMLFormElement} form */
export function startSearchBox(form) {
  const input = form.querySelector("input");
  if (input) new SearchBox(form, input);
}

class SearchBox {
  /**
   * @param {HTMLFormElement} form
   * @param {HTMLInputElement} input
   */
  constructor(form, input) {
    this.form = form;
    this.input = input;
    this.status = document.createElement("p");
    this.status.className = "found-status";
    this.status.role = "status";
    this.list = document.createElement("div");
    this.list.id = "found-list";
    this.list.role = "listbox";
    this.list.ariaLabel = TEXT.list;
    this.list.tabIndex = -1; // it scrolls, and would be a stop of its own
    this.popup = document.createElement("div");
    this.popup.className = "found-popup";
    this.popup.append(this.status, this.list);
    form.append(this.popup);
    input.role = "combobox";
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", this.list.id);
    /** @type {HTMLElement[]} */
    this.options = [];
    this.chosen = -1;
    this.close();
    // Begun now, the search is there before the first word is typed; a failure is told then.
    input.addEventListener("focus", () => loadSearch().catch(() => {}));
    input.addEventListener("input", () => this.update());
    input.addEventListener("keydown", (event) => this.press(event));
    form.addEventListener("focusout", ({ relatedTarget }) => {
      if (!form.contains(/** @type {Node | null} */ (relatedTarget))) this.close();
    });
    // A link to another place on this page leaves the box where it is.
    this.list.addEventListener("click", () => this.close());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus
  }

  async update() {
    const query = this.input.value.trim();
    if (query === "") return this.close();
    /** @type {Result[]} */
    let results;
    try {
      results = (await loadSearch()).find(query);
    } catch {
      return this.show([], TEXT.failed);
    }
    if (query !== this.input.value.trim()) return; // one typed on while the search was loaded
    const [n, all] = [bestOf(results).length, results.length];
    const told = n === 0 ? TEXT.none : n === all ? TEXT.few[plural(n)] : TEXT.many;
    this.show(results, say(told, { query, n, all }));
  }

  /**
   * @param {Result[]} results
   * @param {string} told
   */
  show(results, told) {
    const best = bestOf(results);
    const groups = [...byKind(best)].map(([kind, found]) => {
      const name = document.createElement("div");
      name.className = "found-kind";
      name.id = `found-${kind}`;
      name.role = "presentation";
      name.textContent = KINDS_TEXT[kind];
      const group = document.createElement("div");
      group.role = "group";
      group.setAttribute("aria-labelledby", name.id);
      group.append(name, ...found.map(linkTo));
      return group;
    });
    this.list.replaceChildren(...groups);
    if (results.length > best.length) {
      const all = document.createElement("a");
      all.className = "found-all";
      all.href = addressOfAll(this.input.value.trim());
      all.textContent = say(TEXT.all, { n: results.length });
      this.list.append(all);
    }
    this.options = [...this.list.querySelectorAll("a")];
    this.options.forEach((option, i) => {
      option.role = "option";
      option.id = `found-option-${i}`;
      option.tabIndex = -1;
    });
    this.choose(-1);
    this.list.hidden = this.options.length === 0;
    this.popup.hidden = false;
    this.input.ariaExpanded = String(!this.list.hidden);
    this.status.textContent = told;
  }

  close() {
    this.popup.hidden = true;
    this.input.ariaExpanded = "false";
    this.choose(-1);
  }

  /** @param {number} i an option, or -1 for none */
  choose(i) {
    this.chosen = i;
    this.options.forEach((option, j) => (option.ariaSelected = String(i === j)));
    const option = this.options[i];
    if (!option) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.isComposing) return; // a Chinese word is being put together
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.popup.hidden) {
      event.preventDefault();
      this.update();
    } else if (step && this.options.length > 0) {
      event.preventDefault();
      // From the last to none, that is to what was typed, and to the first.
      const stops = this.options.length + 1;
      this.choose(((this.chosen + 1 + step + stops) % stops) - 1);
    } else if (event.key === "Enter" && this.chosen >= 0) {
      event.preventDefault();
      this.options[this.chosen].click();
    } else if (event.key === "Escape" && !this.popup.hidden) {
      event.preventDefault();
      event.stopPropagation(); // the menu of a phone stays open
      this.close();
    }
  }
}
