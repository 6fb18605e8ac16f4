// Finds documents by words, and puts them in order. The library, MiniSearch, weighs words (BM25) and
// knows beginnings and misspellings; here stands what is particular to this book.
import { excerptOf, marked } from "./excerpts.js";
import { SYNONYMS, isEmpty, spansOf, stem, wordsOf } from "./words.js";

/**
 * @import MiniSearch from "minisearch"
 * @import { Query, SearchOptions, SearchResult } from "minisearch"
 * @import { Part } from "./excerpts.js"
 */

/**
 * What a result leads to; its page is named without its suffix.
 * @typedef {"section" | "page" | "term" | "notation" | "reference" | "claim" | "exercise" | "work"} Kind
 * @typedef {{ kind: Kind, page: string, anchor: string, title: string, text: string }} Found
 * @typedef {Record<string, string>} Names what each page is called beside its results
 * @typedef {{ documents: Found[], pages: Names }} Book
 * @typedef {Part[]} Words
 * @typedef {{ kind: Kind, address: string, place: string, title: Words, excerpt: Words }} Result
 * @typedef {typeof MiniSearch} Library
 */

export const LONGEST = 200; // letters of a query that are read

const FIELDS = { title: 6, place: 1, text: 1 };
/** @type {Record<Kind, number>} */
const WEIGHTS = {
  term: 4,
  section: 1.5,
  page: 1,
  notation: 1.3,
  reference: 0.5,
  exercise: 0.5,
  claim: 0.5,
  work: 0.02,
};
const PAGE = 1.3; // the page itself, before its sections
// A section at the back, of measurements or of claims, or one for teachers, which is called as its
// chapter is: the text comes first.
const ROW = 0.01;
const BEHIND = ["book/back/", "book/instructors/teaching/"];
const MEMBER = 0.3; // a method, after its class
const CODE = { asked: /[\p{L}\p{N}][_.][\p{L}\p{N}]|\p{Ll}\p{Lu}|\(/u, weight: 3 }; // of the library
// A title that says nothing but what was asked, and the more of it, the more; a term, above all.
/** @type {Partial<Record<Kind, number>> & { other: number }} */
const SAME = { term: 11, work: 400, other: 3 };
const ENOUGH = 0.4; // share of what is asked that a result must have, if any has
// What a word counts that is not the one asked for: another form of it, a part of it, one that it
// begins, one that it may be a misspelling of.
const LESS = { form: 0.6, part: 0.5, longer: 0.3, alike: 0.5, synonym: 0.6 };
const FIGURES = /^Fig\. \d+/gm;
const LONGER = 30; // words with one beginning

const OPTIONS = {
  fields: Object.keys(FIELDS),
  tokenize: (/** @type {string} */ text, /** @type {string} */ field = "") =>
    wordsOf(text).filter((word) => field === "title" || !isEmpty(word)),
  processTerm: (/** @type {string} */ word) => word,
};

/**
 * The index of a book's documents, to be stored.
 * @param {Library} library
 * @param {Book} book
 */
export function indexOf(library, { documents, pages }) {
  const index = new library(OPTIONS);
  const entries = documents.map(({ kind, title, text, page }, id) => {
    // A work is named by its author too, and a section by the figures that it shows.
    const more = kind === "work" ? [authorOf(text)] : (text.match(FIGURES) ?? []);
    const named = { title: [title, ...more].join("\n"), text };
    const words = kind === "claim" ? { title: "", text: `${title}\n${text}` } : named;
    return { id, place: pages[page], ...words };
  });
  index.addAll(entries);
  return index.toJSON();
}

/**
 * One thing that a query asks for: the words of the book that may be meant, and what each counts.
 * @typedef {Map<string, number>} Wanted
 */

export class Search {
  /**
   * @param {Library} library
   * @param {Book & { index: ReturnType<typeof indexOf> }} stored
   */
  constructor(library, { documents, pages, index }) {
    this.documents = documents;
    this.pages = pages;
    this.index = library.loadJS(index, OPTIONS);
    const titles = Map.groupBy(documents, ({ title }) => title);
    /** What many sections are called, such as “Exercises”, is the name of none. */
    this.common = new Set(
      [...titles].filter(([, { length }]) => length > 2).map(([title]) => title),
    );
    /** The words of the book, and in how many documents each is. */
    this.words = new Map(index.index.map(([word, ...fields]) => [word, spread(fields)]));
    /** @type {Map<string, string[]>} */
    this.byStem = Map.groupBy(this.words.keys(), stem);
  }

  /**
   * What a query finds, the best first.
   * @param {string} query
   * @returns {Result[]}
   */
  find(query) {
    const wanted = this.wantedBy(query);
    const counts = new Map(wanted.flatMap((words) => [...words]));
    const hits = this.lookUp(
      { combineWith: "OR", queries: [...counts.keys()] },
      { boost: FIELDS, boostTerm: (word) => counts.get(word) ?? 1 },
    );
    const telling = new Map(wanted.map((meant) => [meant, this.tellingOf(meant)]));
    const judged = hits.map((hit) => this.judge(hit, telling, CODE.asked.test(query)));
    const fullest = Math.max(...judged.map(({ share }) => share));
    return judged
      .filter(({ share }) => share >= Math.min(ENOUGH, fullest))
      .sort((a, b) => b.score - a.score || a.id - b.id)
      .map(({ id, terms }) => this.show(this.documents[id], new Set(terms)));
  }

  /**
   * @param {Query} query
   * @param {SearchOptions} options
   */
  lookUp(query, options) {
    return this.index.search(query, { ...options, tokenize: (word) => [word] });
  }

  /**
   * @param {string} query
   * @returns {Wanted[]}
   */
  wantedBy(query) {
    const text = query.slice(0, LONGEST).replace(/[{}\\$]/g, "");
    const spans = spansOf(text);
    const telling = spans.filter(({ words }) => !isEmpty(words[0]));
    const asked = new Map(); // once each; the last that is written may be unfinished
    for (const { words, start, end } of telling.length > 0 ? telling : spans) {
      const [whole, ...parts] = words;
      // A long name in code asks for its words, each of which the whole has.
      if (parts.length > 2 && text.slice(start, end).includes("_"))
        parts.forEach((part) => asked.set(part, this.meant([part]).set(whole, 1)));
      else asked.set(whole, this.meant(words, end === text.length));
    }
    return [...asked.values()];
  }

  /**
   * A word that the book has is no misspelling, and one that begins a word of it is none either.
   * @param {string[]} words the whole, then its parts
   * @param {boolean} unfinished is it still being typed?
   * @returns {Wanted}
   */
  meant([whole, ...parts], unfinished = false) {
    /** @type {Wanted} */
    const meant = new Map();
    const add = (/** @type {string[]} */ words, /** @type {number} */ count) =>
      words.forEach((word) => meant.has(word) || meant.set(word, count));
    if (this.words.has(whole)) add([whole], 1);
    add(this.formsOf(whole), LESS.form);
    add(
      (SYNONYMS.get(whole) ?? []).flatMap((word) => [word, ...this.formsOf(word)]),
      LESS.synonym,
    );
    if (meant.size === 0)
      add(
        parts.flatMap((part) => this.formsOf(part)),
        LESS.part,
      );
    if (meant.size === 0 || (unfinished && /..\P{N}$/u.test(whole)))
      add(this.longer(whole), LESS.longer);
    if (meant.size === 0) add(this.alike(whole), LESS.alike);
    return meant;
  }

  /** @param {string} word */
  formsOf(word) {
    return this.byStem.get(stem(word)) ?? [];
  }

  /**
   * The shortest words with this beginning.
   * @param {string} beginning
   */
  longer(beginning) {
    if (beginning.length < 2 && !/\p{Script=Han}/u.test(beginning)) return [];
    return [...this.words.keys()]
      .filter((word) => word.startsWith(beginning))
      .sort((a, b) => a.length - b.length)
      .slice(0, LONGER);
  }

  /**
   * Words with one letter wrong, missing or too much; of long words, with two.
   * @param {string} word
   */
  alike(word) {
    const most = word.length < 4 ? 0 : word.length < 8 ? 1 : 2;
    for (let fuzzy = 1; fuzzy <= most; fuzzy++) {
      const terms = this.lookUp(word, { fuzzy }).flatMap(({ terms }) => terms);
      const found = terms.filter((term) => term[0] === word[0]); // which seldom is the wrong one
      if (found.length > 0) return [...new Set(found)];
    }
    return [];
  }

  /**
   * How much a word tells: the rarer, the more.
   * @param {Wanted} meant
   */
  tellingOf(meant) {
    const places = Math.max(1, ...[...meant.keys()].map((word) => this.words.get(word) ?? 0));
    return Math.log(1 + this.documents.length / places) ** 0.5;
  }

  /**
   * @param {SearchResult} hit
   * @param {Map<Wanted, number>} telling what is wanted, and how much each of it tells
   * @param {boolean} coded does the query name something as code does?
   */
  judge({ id, score, match, terms }, telling, coded) {
    const document = this.documents[id];
    const { kind, title, anchor, page } = document;
    const inTitle = new Set(terms.filter((term) => match[term].includes("title")));
    const shareOf = (/** @type {Iterable<string>} */ words) => {
      const found = [...words];
      const met = [...telling].filter(([meant]) => found.some((word) => meant.has(word)));
      return sum(met) / sum(telling);
    };
    const [share, titled] = [shareOf(terms), shareOf(inTitle)];
    const same =
      (kind !== "reference" || coded) &&
      namesOf(document).some((name) => isWhole(name, inTitle)) &&
      !this.common.has(title);
    const factors = [
      share ** 2,
      (1 + titled) ** 3,
      WEIGHTS[kind],
      isPage(document) ? PAGE : 1,
      kind === "page" && anchor && BEHIND.some((folder) => page.startsWith(folder)) ? ROW : 1,
      kind === "reference" && !coded && title.includes(".") ? MEMBER : 1,
      kind === "reference" && coded ? CODE.weight : 1,
      same ? 1 + (SAME[kind] ?? SAME.other) * titled : 1,
    ];
    return { id, terms, share, score: factors.reduce((a, b) => a * b, score) };
  }

  /**
   * @param {Found} document
   * @param {Set<string>} terms
   * @returns {Result}
   */
  show({ kind, page, anchor, title, text }, terms) {
    return {
      kind,
      address: `${page}.html${anchor && "#"}${anchor}`,
      place: this.pages[page],
      // Of the few that are shown.
      get title() {
        return marked(title, terms);
      },
      get excerpt() {
        return excerptOf(text, terms);
      },
    };
  }
}

/** @param {Iterable<[Wanted, number]>} telling */
const sum = (telling) => [...telling].reduce((all, [, tells]) => all + tells, 0);

/** In how many documents a stored word is. @param {Record<string, object>[]} fields */
const spread = (fields) =>
  new Set(fields.flatMap((field) => Object.values(field).flatMap(Object.keys))).size;

/** @param {Found} document */
const isPage = ({ kind, anchor }) => ["section", "page"].includes(kind) && anchor === "";

/**
 * The first author of a work, by the last name.
 * @param {string} text
 */
const authorOf = (text) =>
  text
    .split(/, | and |\. /u)[0]
    .split(" ")
    .at(-1) ?? "";

/**
 * What something is called: a chapter by its concept too, “3.3 Heads: why several?”.
 * @param {Found} document
 */
function namesOf(document) {
  const { kind, title, text } = document;
  if (kind === "notation") return title.split(", ");
  if (kind === "work") return [title, authorOf(text)];
  const unnumbered = title.replace(/^\d\.\d /u, "");
  return isPage(document) ? [unnumbered, unnumbered.split(": ")[0]] : [title];
}

/**
 * Does a title say nothing else?
 * @param {string} title
 * @param {Set<string>} found
 */
function isWhole(title, found) {
  const telling = spansOf(title).filter(({ words }) => !isEmpty(words[0]));
  return (
    telling.length > 0 &&
    telling.every(
      ({ words: [whole, ...parts] }) =>
        found.has(whole) || (parts.length > 0 && parts.every((part) => found.has(part))),
    )
  );
}
