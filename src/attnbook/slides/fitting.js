// What is larger than its place on a slide is shown smaller, as a whole; a high widget is set in two
// columns before.

const WIDGET = ".attn-widget";
const STEP = 16; // px

/** A place, and what lies in it. @type {(place: HTMLElement) => void} */
function fit(place) {
  const piece = place.firstElementChild;
  if (!(piece instanceof HTMLElement) || piece.offsetHeight === 0) return;
  const widget = piece.querySelector(WIDGET);
  if (widget instanceof HTMLElement) spread(widget, piece, place);
  const width = place.clientWidth / piece.scrollWidth;
  const scale = Math.min(1, width, place.clientHeight / piece.scrollHeight);
  piece.style.transform = scale < 1 ? `scale(${scale})` : "";
}

/**
 * Columns of a height that stand beside each other: the lowest with which two are enough.
 * @type {(widget: HTMLElement, piece: HTMLElement, place: HTMLElement) => void}
 */
function spread(widget, piece, place) {
  if (piece.scrollHeight > place.clientHeight) widget.classList.add("in-columns");
  if (!widget.classList.contains("in-columns")) return;
  let height = place.clientHeight - STEP;
  do {
    height += STEP;
    widget.style.height = `${height}px`;
  } while (piece.scrollWidth > place.clientWidth && height < 2 * place.clientHeight);
}

/** Now, and whenever a slide comes into sight or what it shows grows. */
export function startFitting() {
  /** @type {WeakSet<Element>} */
  const watched = new WeakSet();
  const watch = new ResizeObserver((entries) => {
    const places = new Set(entries.map(({ target }) => target.closest(".fit")));
    // Later, for widgets are told of their new width by such an observer too.
    requestAnimationFrame(() => {
      for (const place of places) if (place instanceof HTMLElement) follow(place);
    });
  });
  /** @param {HTMLElement} place */
  function follow(place) {
    fit(place);
    for (const part of place.querySelectorAll(`:scope > div, ${WIDGET} > *`)) {
      if (watched.has(part)) continue;
      watched.add(part);
      watch.observe(part);
    }
  }
  document.querySelectorAll(".fit").forEach((place) => watch.observe(place));
}
