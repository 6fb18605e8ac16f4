// What the Transformer widget is made of, beside its map.
import { assign } from "../../widgets/js/bindings.js";
import { button } from "../../widgets/js/controls.js";
import { tokenButtons } from "../../widgets/js/token_buttons.js";
import { element, move, picture, put, shape } from "../../widgets/js/svg.js";
import { TEXT } from "./words.js";

/** @import { Binding, Model } from "../../widgets/js/types.d.ts" */
/** @import { Readable } from "./reading.js" */
/** @typedef {{ written: string[], probabilities: Float64Array[], tokens: number[] }} Written */

const LIKELY = { count: 5, row: 24, left: 64, right: 110 }; // tokens with their probabilities

/** A percentage in little room. */
const brief = (/** @type {number} */ p) =>
  p > 0.9995 ? TEXT.almostAll : `${(100 * p).toFixed(1)}%`;

/**
 * What the model writes, each token above its probability. Pressed, a token is the one to look at.
 * @param {(i: number) => void} goTo
 */
export function writtenTokens(goTo) {
  const buttons = tokenButtons((k) => goTo(k + 1));
  /** @type {(found: Written, i: number, writing: boolean) => void} */
  const show = ({ written, probabilities, tokens }, i, writing) => {
    const contents = written.map((text, k) => {
      const p = probabilities[k][tokens[k]];
      return [text, element("small", { "data-probability": p }, brief(p))];
    });
    buttons.show(contents, i - 1).forEach((token, k) => {
      token.hidden = writing && k >= i;
      move(token, { "data-token": written[k] });
    });
  };
  return { node: buttons.node, show };
}

/**
 * The most probable tokens of a step, without those that stand for no token.
 * @param {number[]} never
 */
export function likelyTokens(never) {
  const bars = Array.from({ length: LIKELY.count }, (_, k) => {
    const [x, y] = [LIKELY.left, k * LIKELY.row];
    const name = shape("text", { class: "attn-digit", x: x - 10, y: y + 17, "text-anchor": "end" });
    const bar = shape("rect", { class: "attn-bar", rx: 2, x, y: y + 4, height: LIKELY.row - 8 });
    const share = shape("text", { y: y + 17 });
    return { name, bar, share, node: shape("g", {}, name, bar, share) };
  });
  const size = { height: LIKELY.count * LIKELY.row, class: "attn-glides" };
  const node = picture(TEXT.likely, size, ...bars.map((one) => one.node));
  /** @type {(model: { tgt: string[] }, marks: { eos: number, end: string }, p: Float64Array, width: number) => void} */
  const show = ({ tgt }, { eos, end }, p, width) => {
    const order = [...p.keys()]
      .filter((token) => !never.includes(token))
      .sort((a, b) => p[b] - p[a]);
    const scale = Math.max(0, width - LIKELY.left - LIKELY.right);
    bars.forEach(({ name, bar, share, node }, k) => {
      const token = order[k];
      move(node, { visibility: token === undefined ? "hidden" : "visible" });
      if (token === undefined) return;
      const length = p[token] * scale;
      name.textContent = token === eos ? end : tgt[token];
      move(bar, { width: length });
      put(share, LIKELY.left + length + 8);
      share.textContent = brief(p[token]);
    });
  };
  return { node, show };
}

/**
 * A box for each head of the attention that is shown.
 * @param {Model<{ heads_off: string[] }>} model
 * @param {number[]} heads
 * @param {Binding<string>} kind
 */
export function headSwitches(model, heads, kind) {
  const nameOf = (/** @type {number} */ h) => `${kind.get()} ${h}`;
  const inputs = heads.map((h) =>
    element("input", {
      type: "checkbox",
      "data-name": `head-${h}`,
      change: () => {
        const others = model.get("heads_off").filter((each) => each !== nameOf(h));
        assign(model, { heads_off: isOn(h) ? [...others, nameOf(h)] : others });
      },
    }),
  );
  const labels = inputs.map((input, k) => element("label", {}, input, String(heads[k])));
  const legend = element("legend", {}, TEXT.inUse);
  const node = element("fieldset", { class: "attn-choice" }, legend, ...labels);
  const isOn = (/** @type {number} */ h) => !model.get("heads_off").includes(nameOf(h));
  return { node, show: () => inputs.forEach((input, k) => (input.checked = isOn(heads[k]))) };
}

/** @param {Binding<string>} bound */
export function textField(bound) {
  const input = element("input", {
    type: "text",
    "data-name": bound.name,
    "aria-label": TEXT.source,
    autocapitalize: "off",
    spellcheck: "false",
    input: () => bound.set(input.value),
  });
  const show = () => {
    // Changing what is being typed would move the reader's cursor.
    if (input.value !== bound.get()) input.value = bound.get();
  };
  /** Puts a word where the cursor is, or in place of what is selected. */
  const insert = (/** @type {string} */ word) => {
    const [from, to] = [input.selectionStart ?? 0, input.selectionEnd ?? 0];
    const start = [input.value.slice(0, from).trim(), word].filter(Boolean).join(" ");
    const text = [start, input.value.slice(to).trim()].filter(Boolean).join(" ");
    bound.set(text);
    input.setSelectionRange(start.length, start.length);
  };
  const kind = { class: "attn-field attn-source" };
  const node = element("label", kind, element("span", {}, TEXT.read), input);
  return { node, show, insert, replace: bound.set };
}

/**
 * What the model knows, by kind: words to put into the field, or whole texts.
 * @param {ReturnType<typeof textField>} field
 */
export function browser(field) {
  const [summary, hint, groups] = [element("summary"), element("p"), element("div")];
  const node = element("details", { class: "attn-known" }, summary, hint, groups);
  const clear = button(TEXT.clear, () => field.replace(""));
  /** @type {Readable} */
  let shown;
  const show = (/** @type {Readable} */ now) => {
    if (shown === now) return;
    shown = now;
    const press = now.words ? field.insert : field.replace;
    summary.textContent = now.words ? TEXT.knownWords : TEXT.knownTexts;
    hint.replaceChildren(...(now.words ? [TEXT.insert, clear] : [TEXT.replace]));
    groups.replaceChildren(
      ...Object.entries(now.kinds).map(([kind, texts]) =>
        element(
          "p",
          {},
          element("b", {}, kind),
          ...texts.map((text) =>
            element(
              "button",
              { type: "button", class: "attn-chip", click: () => press(text) },
              text,
            ),
          ),
        ),
      ),
    );
  };
  return { node, show };
}
