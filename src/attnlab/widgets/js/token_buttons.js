// The tokens that a model has written, as buttons: pressed, one is the token to look at.
import { element, move } from "./svg.js";

/** @import { Child } from "./types.d.ts" */

/**
 * `show` is told what stands on each button, and which is looked at; it returns the buttons.
 * @param {(place: number) => void} press told which, counted from 0
 * @param {string} [kind] a class of its own
 */
export function tokenButtons(press, kind = "") {
  const node = element("div", { class: `attn-written ${kind}`.trim() });
  const add = (/** @type {number} */ place) =>
    node.appendChild(
      element("button", { type: "button", class: "attn-token", click: () => press(place) }),
    );
  /** @type {(contents: Child[][], looked: number) => HTMLElement[]} */
  const show = (contents, looked) => {
    const before = /** @type {HTMLElement[]} */ ([...node.children]);
    before.slice(contents.length).forEach((button) => button.remove());
    return contents.map((content, place) => {
      const button = before[place] ?? add(place);
      button.replaceChildren(...content);
      move(button, { "aria-pressed": place === looked });
      return button;
    });
  };
  return { node, show };
}
