// The search page: all that was found for the query in its address, by kind.
import { plural, say } from "../../../attnlab/widgets/js/words.js";
import { KINDS_TEXT, byKind, linkTo, loadSearch } from "./results.js";

/** @import { Result } from "./engine.js" */

const SHOWN = 6; // of each kind, before it is unfolded
const TEXT = {
  ask: "Type what you are looking for into the search box: a word, a symbol such as √dₖ, a question.",
  found: { one: "{n} result for “{query}”.", other: "{n} results for “{query}”." },
  none: "Nothing was found for “{query}”. The menu has the book’s contents.",
  more: "{n} more",
  failed: "The search could not be loaded.",
};

/** @param {HTMLElement} place */
export async function startSearchPage(place) {
  const query = (new URLSearchParams(location.search).get("q") ?? "").trim();
  const told = document.createElement("p");
  told.role = "status";
  place.append(told);
  for (const input of document.querySelectorAll("input"))
    if (input.name === "q") input.value = query;
  if (query === "") {
    told.textContent = TEXT.ask;
    return;
  }
  try {
    const results = (await loadSearch()).find(query);
    const n = results.length;
    const brief = query.length > 80 ? `${[...query].slice(0, 80).join("")}…` : query;
    told.textContent = say(n === 0 ? TEXT.none : TEXT.found[plural(n)], { n, query: brief });
    place.append(...[...byKind(results)].flatMap(([kind, found]) => group(kind, found)));
  } catch {
    told.textContent = TEXT.failed;
  }
}

/**
 * @param {keyof typeof KINDS_TEXT} kind
 * @param {Result[]} found
 */
function group(kind, found) {
  const name = document.createElement("h2");
  name.textContent = KINDS_TEXT[kind];
  const [first, rest] = [found.slice(0, SHOWN), found.slice(SHOWN)];
  if (rest.length === 0) return [name, list(first)];
  const more = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = say(TEXT.more, { n: rest.length });
  more.append(summary);
  more.addEventListener("toggle", () => more.append(list(rest)), { once: true });
  return [name, list(first), more];
}

/** @param {Result[]} found */
function list(found) {
  const list = document.createElement("ul");
  list.className = "found";
  for (const result of found) {
    const item = document.createElement("li");
    item.append(linkTo(result));
    list.append(item);
  }
  return list;
}
