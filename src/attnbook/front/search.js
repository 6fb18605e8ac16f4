// What a page loads when its search is first used, below MiniSearch and the book: see attnbook.search.
import { Search } from "./search/engine.js";

const loaded = /** @type {any} */ (globalThis);
loaded.attnSearch = new Search(loaded.MiniSearch, loaded.attnBook);
