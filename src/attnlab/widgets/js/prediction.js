// A prediction: a guess at each quantity, and the button that locks them.
// A page listens for what it tells: that it is there (`attn-asked`), and that it was committed or
// that its result shall be shown without (`attn-decided`); and answers what is kept of it, with
// `attn-restored`. With no page around it, in a notebook, its traits keep all there is.
import { assign } from "./bindings.js";
import { curveControl } from "./curve_guess.js";
import { SURE, missing } from "./guesses.js";
import { numberControl } from "./number_guess.js";
import { button, radioInputs } from "./controls.js";
import { element } from "./svg.js";
import { say } from "./words.js";

/**
 * @import { Control, Made, OptionQuantity, Part, Question, Restored, Sent, View } from "./types.d.ts"
 * @typedef {{ guess: Record<string, any>, state: Made, _prediction: Question } & Sent} Traits
 */

/** @param {View<Traits>} view */
function render({ model, el }) {
  const question = model.get("_prediction");
  let now = { notice: "", figure: "" }; // what the page around says
  const guessOf = (/** @type {string} */ name) => model.get("guess")[name];
  /** @type {Control[]} */
  const controls = question.quantities.map((quantity) => {
    const bound = {
      name: quantity.name,
      get: () => guessOf(quantity.name),
      set: (/** @type {any} */ guess) => {
        if (model.get("state") !== "open") return;
        assign(model, { guess: { ...model.get("guess"), [quantity.name]: guess } });
      },
      isLocked: () => model.get("state") !== "open",
    };
    if (quantity.kind === "number") return numberControl(quantity, bound);
    return quantity.kind === "curve"
      ? curveControl(quantity, bound)
      : optionControl(quantity, bound);
  });
  const status = element("p", { class: "attn-status", role: "status", tabindex: -1 });
  const commit = button(TEXT.commit, () => {
    const refused = controls.map((control) => control.take?.() === false).indexOf(true);
    const [first] = missing(question, model.get("guess"));
    const at = refused >= 0 ? refused : question.quantities.indexOf(first);
    if (at < 0) return decide("committed");
    const { label } = question.quantities[at];
    status.textContent = say(refused >= 0 ? TEXT.refused : TEXT.missing, { label });
    controls[at].focus();
  });
  commit.classList.add("attn-commit");
  const reveal = button(TEXT.show, () => decide("shown"));
  reveal.classList.add("attn-reveal");
  const buttons = element("div", { class: "attn-decide" }, commit, reveal);
  const root = element(
    "div", // a section would be one of a deck's slides
    {
      class: "attn-widget attn-prediction",
      role: "region",
      id: `prediction-${question.name}`,
      "aria-label": say(TEXT.name, { question: question.question }),
    },
    ...controls.map(({ node }) => node),
    buttons,
    status,
  );
  const tell = (/** @type {string} */ event) =>
    root.dispatchEvent(
      new CustomEvent(event, {
        bubbles: true,
        detail: { question, guess: model.get("guess"), state: model.get("state") },
      }),
    );

  /** @param {Made} state */
  function decide(state) {
    assign(model, { guess: state === "shown" ? {} : model.get("guess"), state });
    tell("attn-decided");
    status.focus(); // the button that was pressed is gone
  }

  function draw() {
    const state = model.get("state");
    root.dataset.state = state;
    buttons.hidden = state !== "open";
    controls.forEach((control) => control.show());
    if (state === "open") status.replaceChildren(now.notice);
    else status.replaceChildren(...paragraphs(state, now));
  }

  const listen = (/** @type {Event} */ event) => {
    const kept = /** @type {CustomEvent<Restored>} */ (event).detail;
    now = kept;
    if (kept.state !== "open") assign(model, { guess: kept.guess, state: kept.state });
    else if (model.get("state") !== "open") assign(model, { state: kept.state }); // it was reset
    draw();
  };
  root.addEventListener("attn-restored", listen);
  const names = /** @type {const} */ (["guess", "state"]);
  names.forEach((name) => model.on(`change:${name}`, draw));
  el.append(root);
  draw();
  tell("attn-asked");
  return () => {
    names.forEach((name) => model.off(`change:${name}`, draw));
    for (const control of controls) control.stop?.();
    root.remove();
  };
}

/**
 * What was decided, where it is to be seen, and what the page has to say.
 * @param {Made} state
 * @param {{ notice: string, figure: string }} now
 */
function paragraphs(state, { notice, figure }) {
  const done = element("strong", {}, state === "committed" ? TEXT.committed : TEXT.shown);
  const where = element("a", { href: figure, class: "attn-where" }, TEXT.where);
  const inNotebook = state === "committed" ? TEXT.runAgain : "";
  return [done, " ", figure ? where : inNotebook, notice ? " " : "", notice].filter(Boolean);
}

/**
 * One of some options, and how sure.
 * @param {OptionQuantity} quantity
 * @param {{ name: string, get(): any, set(guess: any): void, isLocked(): boolean }} bound
 */
function optionControl({ name, label, options }, bound) {
  const choice = {
    name,
    get: () => bound.get()?.option ?? "",
    set: (/** @type {string} */ option) =>
      bound.set({ option, sure: bound.get()?.sure ?? SURE.start }),
  };
  const { inputs, show } = radioInputs(choice, options);
  const labels = inputs.map((input) =>
    element("label", {}, input, element("span", {}, input.value)),
  );
  const shown = element("span", { class: "attn-sure-value", "aria-hidden": "true" });
  const sure = element("input", {
    type: "range",
    min: SURE.min,
    max: SURE.max,
    step: 5,
    "data-name": `${name}-sure`,
    input: () => bound.set({ option: choice.get(), sure: sure.valueAsNumber }),
  });
  const howSure = element(
    "label",
    { class: "attn-sure attn-slider" },
    element("span", { class: "attn-meaning" }, TEXT.sure),
    shown,
    sure,
  );
  const node = element(
    "fieldset",
    { class: "attn-quantity attn-options" },
    element("legend", {}, label),
    ...labels,
    howSure,
  );
  return {
    node,
    focus: () => inputs[0].focus(),
    show: () => {
      show();
      const guess = bound.get();
      howSure.hidden = !guess;
      const percent = guess?.sure ?? SURE.start;
      sure.value = String(percent);
      shown.textContent = say(TEXT.percent, { percent });
      sure.setAttribute("aria-valuetext", shown.textContent);
      sure.style.setProperty(
        "--filled",
        `${(100 * (percent - SURE.min)) / (SURE.max - SURE.min)}%`,
      );
      for (const input of [...inputs, sure]) input.disabled = bound.isLocked();
    },
  };
}

const TEXT = {
  name: "Your prediction: {question}",
  commit: "Commit",
  show: "Show me the result",
  missing: "First make a guess for “{label}”.",
  refused: "Nothing is committed yet: first correct what you typed for “{label}”.",
  committed: "Committed.",
  shown: "Shown without a guess.",
  where: "See it in the figure",
  runAgain: "Run the cells below again, and the figure draws your guess.",
  sure: "How sure are you?",
  percent: "{percent}%",
};

export default { render };
