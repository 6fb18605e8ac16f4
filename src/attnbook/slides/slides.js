// What a deck does: shows itself by reveal.js, draws guesses into figures, leaves keys to the widget
// that has the focus, and makes what is too large for its slide smaller.
import { preparePredictions } from "../front/predictions.js";
import { Store } from "../front/storage.js";
import { startFitting } from "./fitting.js";

/** @type {any} Reveal.js and its notes, which come before this script. */
const { Reveal, RevealNotes } = globalThis;
const SIZE = { width: 960, height: 540 };
const WITHIN = ".attn-widget";

// A lecture begins without the guesses of the one before: they are forgotten with the window.
const startPredictions = preparePredictions(new Store(() => sessionStorage));

/**
 * A widget has the keys while it has the focus, but for a presenter's: Page Up and Page Down turn
 * the slide wherever one is, and Escape lets a widget go.
 * @param {KeyboardEvent} event
 */
function takeKey(event) {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement || focused instanceof SVGElement)) return;
  if (!focused.closest(WITHIN)) return;
  const turn = { PageUp: () => Reveal.prev(), PageDown: () => Reveal.next() }[event.key];
  if (event.key !== "Escape" && !turn) return;
  event.preventDefault();
  event.stopPropagation();
  focused.blur();
  turn?.();
}

/** Which keys are for reveal.js. @param {KeyboardEvent} event */
function isFree(event) {
  return !(event.target instanceof Element && event.target.closest(WITHIN));
}

document.addEventListener("keydown", takeKey, { capture: true });
document.addEventListener("DOMContentLoaded", () => {
  startPredictions();
  startFitting();
  Reveal.initialize({
    ...SIZE,
    margin: 0,
    center: false,
    hash: true,
    transition: "none",
    slideNumber: "c/t",
    controls: false,
    keyboardCondition: isFree,
    pdfSeparateFragments: false,
    plugins: [RevealNotes],
  });
  Reveal.on("slidechanged", () => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
});
