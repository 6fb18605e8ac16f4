// What a reader's browser keeps: one entry of its local storage, with a section for each purpose.
// Nothing of it leaves the browser. It is read afresh each time, since another tab may have written.

export const KEY = "attention-by-experiment";
export const VERSION = 1;

/**
 * Why what is to be kept is not, or what was kept is not read.
 * @typedef {"" | "forbidden" | "full" | "corrupt" | "newer"} Trouble
 * @typedef {Record<string, any>} Section
 * @typedef {{ version: number, [section: string]: any }} Kept
 * @typedef {{ section(name: string): Section }} Readable
 */

export class Store {
  /** @param {() => Storage} area asked for each time: where storage is forbidden, asking raises */
  constructor(area) {
    this.area = area;
    /** @type {Trouble} Of the last try to write. */
    this.failed = "";
    /** @type {Record<string, Section>} What could not be written, for as long as the page is open. */
    this.unwritten = {};
  }

  /** What is wrong now. @returns {Trouble} */
  get trouble() {
    return this.failed || this.stored().trouble;
  }

  /** What lies in the storage. @returns {{ kept: Kept, trouble: Trouble }} */
  stored() {
    const kept = { version: VERSION };
    try {
      const text = this.area().getItem(KEY);
      const found = text === null ? kept : parsed(text);
      return typeof found === "string" ? { kept, trouble: found } : { kept: found, trouble: "" };
    } catch {
      return { kept, trouble: "forbidden" };
    }
  }

  /** That, and what could not be written. @returns {Kept} */
  read() {
    const { kept } = this.stored();
    for (const [section, values] of Object.entries(this.unwritten))
      kept[section] = { ...sectionOf(kept, section), ...values };
    return kept;
  }

  /**
   * What is kept for a purpose, by name.
   * @param {string} section
   * @returns {Section}
   */
  section(section) {
    const entries = Object.entries(sectionOf(this.read(), section) ?? {});
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  }

  /**
   * Adds entries to a section; those that are undefined are taken away.
   * @type {(section: string, values: Section) => void}
   */
  write(section, values) {
    this.unwritten[section] = { ...this.unwritten[section], ...values };
    if (this.stored().trouble === "newer") return; // a later edition wrote more than this one knows
    try {
      this.area().setItem(KEY, JSON.stringify(this.read()));
      this.unwritten = {};
      this.failed = "";
    } catch (error) {
      const full = error instanceof Error && error.name.includes("Quota");
      this.failed = full ? "full" : "forbidden";
    }
  }

  /**
   * What another tab writes. Returns what undoes it.
   * @param {() => void} changed
   */
  follow(changed) {
    const listen = (/** @type {StorageEvent} */ event) => {
      if (event.key === KEY || event.key === null) changed(); // null: all was cleared
    };
    addEventListener("storage", listen);
    return () => removeEventListener("storage", listen);
  }
}

/**
 * What a text holds, or what is wrong with it.
 * @param {string} text
 * @returns {Kept | "corrupt" | "newer"}
 */
export function parsed(text) {
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    return "corrupt";
  }
  if (!isSection(found) || !Number.isInteger(found.version) || found.version < 1) return "corrupt";
  return found.version > VERSION ? "newer" : /** @type {Kept} */ (found);
}

/** What is kept for a purpose, if anything is. @type {(kept: Kept, section: string) => Section | null} */
export const sectionOf = (kept, section) => (isSection(kept[section]) ? kept[section] : null);

/** The day, as it is kept. */
export const today = () => new Date().toISOString().slice(0, 10);

/** Whether something begins as a day does. @param {unknown} at */
export const isDay = (at) => typeof at === "string" && /^\d{4}-\d\d-\d\d/.test(at);

/** @param {unknown} value @returns {value is Section} */
const isSection = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Why it does not last, for whoever does something. @type {Record<Exclude<Trouble, "">, string>} */
export const TROUBLE_TEXT = {
  forbidden:
    "Your browser does not let this page keep anything, so what you do here lasts until you leave.",
  full: "The browser’s storage is full, so what you do here lasts until you leave this page.",
  corrupt: "What this browser had kept for this book could not be read; it begins anew.",
  newer:
    "What this browser has kept was written by a newer edition of this book; what you do here lasts until you leave this page.",
};
