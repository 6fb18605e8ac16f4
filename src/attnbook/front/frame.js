// The frame of a page: the menu on phones, light and dark, the place in the contents, code to copy.
import { anchorOf } from "./anchors.js";

const root = document.documentElement;
const TEXT = { copy: "Copy", copied: "Copied" };

/**
 * Light or dark; remembered where the browser allows it, else for this page.
 * @param {HTMLButtonElement} button
 */
function startThemeButton(button) {
  const show = () => button.setAttribute("aria-pressed", String(root.dataset.theme === "dark"));
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {
      /* storage is forbidden */
    }
    show();
  });
  show();
}

/** @param {HTMLButtonElement} button */
function startMenuButton(button) {
  const open = (/** @type {boolean} */ yes) => {
    button.setAttribute("aria-expanded", String(yes));
    root.classList.toggle("menu-open", yes);
  };
  button.addEventListener("click", () => open(!root.classList.contains("menu-open")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !root.classList.contains("menu-open")) return;
    open(false);
    button.focus();
  });
}

/**
 * The contents stand open beside the text where there is room, and mark the section being read.
 * @param {HTMLDetailsElement} contents
 */
function startContents(contents) {
  const wide = matchMedia("(min-width: 1240px)");
  const fit = () => (contents.open = wide.matches);
  wide.addEventListener("change", fit);
  fit();

  /** @type {NodeListOf<HTMLAnchorElement>} */
  const found = contents.querySelectorAll('a[href^="#"]');
  const links = [...found];
  const sections = links.map((link) => document.getElementById(anchorOf(link.hash)));
  const mark = () => {
    const begun = (/** @type {Element} */ section) => section.getBoundingClientRect().top < 120;
    const reading = sections.findLastIndex((section) => section && begun(section));
    links.forEach((link, i) =>
      i === reading
        ? link.setAttribute("aria-current", "true")
        : link.removeAttribute("aria-current"),
    );
  };
  let due = false;
  addEventListener(
    "scroll",
    () => {
      if (due) return;
      due = true;
      requestAnimationFrame(() => {
        due = false;
        mark();
      });
    },
    { passive: true },
  );
  mark();
}

/**
 * A cell's code can be taken along, what is folded of it too.
 * @param {Element} cell
 */
function addCopyButton(cell) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy-button";
  button.textContent = TEXT.copy;
  button.addEventListener("click", async () => {
    const parts = [...cell.querySelectorAll("pre")].map((part) => part.textContent.trimEnd());
    await navigator.clipboard.writeText(parts.join("\n\n"));
    button.textContent = TEXT.copied;
    setTimeout(() => (button.textContent = TEXT.copy), 1500);
  });
  cell.append(button);
}

/**
 * How much of the code is in sight: what teaches, all, or none; remembered where that is allowed.
 * @param {HTMLFieldSetElement} choice
 */
function startCodeChoice(choice) {
  const show = () => {
    const all = root.dataset.code === "all";
    document.querySelectorAll("details.fold").forEach((fold) => fold.toggleAttribute("open", all));
  };
  choice.hidden = false;
  choice.querySelectorAll("input").forEach((option) => {
    option.checked = option.value === (root.dataset.code ?? "taught");
    option.addEventListener("change", () => {
      root.dataset.code = option.value;
      try {
        localStorage.setItem("code", option.value);
      } catch {
        /* storage is forbidden */
      }
      show();
    });
  });
  if (root.dataset.code === "all") show();
}

/** What is too wide for the page scrolls by itself, and then must be reachable by keyboard. */
function reachScrollers() {
  const wide = "pre, .katex-display, .pst-scrollable-table-container, .cell_output";
  /** @type {NodeListOf<HTMLElement>} */
  const boxes = document.querySelectorAll(wide);
  boxes.forEach((box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  });
}

export function startFrame() {
  document.querySelectorAll("button").forEach((button) => {
    if (button.matches(".theme-button")) startThemeButton(button);
    if (button.matches(".menu-button")) startMenuButton(button);
  });
  document.querySelectorAll("fieldset").forEach((choice) => {
    if (choice.matches(".code-choice")) startCodeChoice(choice);
  });
  document.querySelectorAll("details").forEach((details) => {
    if (details.matches(".page-toc")) startContents(details);
  });
  if (navigator.clipboard) document.querySelectorAll(".cell_input").forEach(addCopyButton);
  reachScrollers();
  addEventListener("resize", reachScrollers);
  document.fonts.ready.then(reachScrollers);
}
