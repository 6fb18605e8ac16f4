// Results as the search box and the search page show them.
import { addressOf, runScript } from "../site-files.js";

/**
 * @import { Kind, Result, Words } from "./engine.js"
 * @typedef {{ find(query: string): Result[] }} Finder
 */

export const KINDS_TEXT = {
  section: "Chapters",
  page: "Other pages",
  term: "Glossary",
  notation: "Notation",
  reference: "Reference of the library",
  claim: "Claims",
  exercise: "Exercises",
  work: "Literature",
};

/** How many results are shown below the search box, and how many terms among them. */
const SHOWN = { all: 8, terms: 2 };

/** Kinds that are all on one page, of the same name. @type {Kind[]} */
const ALONE = ["term", "notation", "work"];

/** @type {Promise<Finder> | undefined} */
let finder;

/** The search, once it is needed; after a failure, another try. */
export function loadSearch() {
  finder ??= runScript("_static/search.js").then(
    () => /** @type {any} */ (globalThis).attnSearch,
    (error) => {
      finder = undefined;
      throw error;
    },
  );
  return finder;
}

/**
 * The best results, for the search box: beside a term, many others are built with it.
 * @param {Result[]} results
 */
export function bestOf(results) {
  const terms = results.filter(({ kind }) => kind === "term").slice(SHOWN.terms);
  return results.filter((result) => !terms.includes(result)).slice(0, SHOWN.all);
}

/**
 * Results by their kinds, the kind of the best first.
 * @param {Result[]} results
 * @returns {Map<Kind, Result[]>}
 */
export function byKind(results) {
  return Map.groupBy(results, ({ kind }) => kind);
}

/** @param {string} query */
export function addressOfAll(query) {
  return addressOf(`search.html?${new URLSearchParams({ q: query })}`);
}

/**
 * A link to a result: its title, the page it is on, the sentence that answers.
 * @param {Result} result
 */
export function linkTo({ kind, address, title, place, excerpt }) {
  const link = document.createElement("a");
  link.href = addressOf(address);
  link.append(line("found-title", title));
  const words = title.map(({ text }) => text).join("");
  // A chapter says in its title which it is.
  if (!ALONE.includes(kind) && !words.startsWith(place))
    link.append(" ", line("found-place", [{ text: place, found: false }]));
  if (excerpt.length > 0) link.append(" ", line("found-excerpt", excerpt));
  return link;
}

/**
 * @param {string} name
 * @param {Words} words
 */
function line(name, words) {
  const span = document.createElement("span");
  span.className = name;
  for (const { text, found } of words) {
    if (!found) span.append(text);
    else span.append(Object.assign(document.createElement("mark"), { textContent: text }));
  }
  return span;
}
