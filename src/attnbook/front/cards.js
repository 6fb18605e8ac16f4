// What a term, a cited work, a formula or a figure is, beside the link that names it: no page jump.
// A card opens when a link is pointed at or focused, and on a touch screen at the first touch. It
// closes with Escape, and stays while it is pointed at itself.
import { anchorOf } from "./anchors.js";
import { addressOf, runScript } from "./site-files.js";

const TEXTS = "_static/card-texts.js";
const LINKS = 'article a.reference.internal[href*="#"]';
const TEXT = { follow: "Go there" };
const WAIT = { open: 200, close: 250 }; // in ms: a pointer that passes by opens nothing

/** @type {Promise<Record<string, Record<string, string>>> | undefined} */
let texts;

/** The texts of the site's cards, once they are needed. */
function load() {
  const read = () => /** @type {any} */ (globalThis).attnCards ?? {};
  // Without the file, links lead where they always did.
  texts ??= runScript(TEXTS).then(read, read);
  return texts;
}

/**
 * What a link's card shows, or nothing where it has none.
 * @param {HTMLAnchorElement} link
 * @returns {Promise<Node | null>}
 */
async function contentOf(link) {
  const id = anchorOf(link.hash);
  if (link.pathname === location.pathname) {
    const target = document.getElementById(id);
    if (target?.closest(".covered:not([data-uncovered])")) return null;
    const shown = target?.closest("div.math, figure");
    return shown ? bare(shown.cloneNode(true)) : null;
  }
  const page = link.href.slice(addressOf("").length).split("#")[0];
  const html = (await load())[page]?.[id];
  if (!html) return null;
  const content = document.createElement("div");
  content.innerHTML = html;
  for (const inner of content.querySelectorAll("a"))
    inner.href = new URL(inner.getAttribute("href") ?? "", link.href).href;
  return content;
}

/**
 * A copy of something on the page, without the anchors that are there already.
 * @param {Node} copy
 */
function bare(copy) {
  if (copy instanceof Element) {
    copy.removeAttribute("id");
    copy.querySelectorAll("[id]").forEach((part) => part.removeAttribute("id"));
    copy.querySelectorAll(".headerlink").forEach((part) => part.remove());
  }
  return copy;
}

/** The one card of a page, and the link it speaks of. */
class Card {
  constructor() {
    this.box = document.createElement("div");
    this.box.className = "card";
    this.box.id = "card";
    this.box.popover = "manual";
    document.body.append(this.box);
    /** @type {HTMLAnchorElement | null} */
    this.link = null;
    /** Whose card is about to open. @type {HTMLAnchorElement | null} */
    this.wanted = null;
    this.timer = 0;
    this.box.addEventListener("pointerenter", () => clearTimeout(this.timer));
    this.box.addEventListener("pointerleave", () => this.closeSoon());
    this.box.addEventListener("focusout", (event) => {
      if (!this.box.contains(/** @type {Node | null} */ (event.relatedTarget))) this.closeSoon();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    document.addEventListener("pointerdown", (event) => {
      const on = /** @type {Node} */ (event.target);
      if (!this.box.contains(on) && !this.link?.contains(on)) this.close();
    });
  }

  /** @param {HTMLAnchorElement} link */
  openSoon(link) {
    clearTimeout(this.timer);
    if (link !== this.link) this.timer = setTimeout(() => this.open(link), WAIT.open);
  }

  closeSoon() {
    clearTimeout(this.timer);
    this.wanted = null;
    this.timer = setTimeout(() => this.close(), WAIT.close);
  }

  /**
   * @param {HTMLAnchorElement} link
   * @returns {Promise<boolean>} whether it has a card
   */
  async open(link) {
    clearTimeout(this.timer);
    this.wanted = link;
    const content = await contentOf(link);
    if (!content) return false;
    if (this.wanted !== link) return true; // it came too late
    this.close();
    const follow = document.createElement("a");
    follow.className = "card-follow";
    follow.href = link.href;
    follow.textContent = TEXT.follow;
    follow.addEventListener("click", () => this.close());
    this.box.replaceChildren(content, follow);
    this.link = link;
    link.setAttribute("aria-describedby", this.box.id);
    this.box.showPopover();
    this.place(link);
    return true;
  }

  /**
   * Below the link, or above it where there is more room; never over it.
   * @param {HTMLAnchorElement} link
   */
  place(link) {
    const { style } = this.box;
    style.maxHeight = "";
    const { offsetWidth: width, offsetHeight: height } = this.box;
    const { top, bottom } = link.getBoundingClientRect(); // of all its lines
    const left = link.getClientRects()[0]?.left ?? 0;
    const [above, below] = [top - 12, innerHeight - bottom - 12];
    const under = height <= below || below >= above;
    style.maxHeight = `${Math.min(height, under ? below : above)}px`; // the rest scrolls within
    style.top = `${under ? bottom + 6 : top - 6 - Math.min(height, above)}px`;
    style.left = `${Math.max(8, Math.min(left, document.documentElement.clientWidth - width - 8))}px`;
  }

  close() {
    clearTimeout(this.timer);
    this.wanted = null;
    this.hide();
  }

  hide() {
    this.link?.removeAttribute("aria-describedby");
    this.link = null;
    if (this.box.matches(":popover-open")) this.box.hidePopover();
  }
}

export function startCards() {
  if (!("popover" in HTMLElement.prototype)) return;
  const card = new Card();
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const links = document.querySelectorAll(LINKS);
  links.forEach((link) => {
    link.removeAttribute("title"); // the card says it better
    link.addEventListener("pointerenter", (event) => {
      if (event.pointerType !== "touch") card.openSoon(link);
    });
    link.addEventListener("pointerleave", () => card.closeSoon());
    link.addEventListener("focus", () => {
      if (link.matches(":focus-visible")) card.open(link);
    });
    link.addEventListener("blur", () => card.closeSoon());
    link.addEventListener("click", (event) => {
      const touched = event instanceof PointerEvent && event.pointerType === "touch";
      if (!touched || card.link === link) return;
      event.preventDefault();
      card.open(link).then((shown) => {
        if (!shown) location.assign(link.href);
      });
    });
  });
  addEventListener("scroll", () => card.hide(), { passive: true });
}
