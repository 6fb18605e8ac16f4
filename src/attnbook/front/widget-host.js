// Brings the widgets of a page to life with no kernel and no server, from the disk too.
// A notebook's widgets are stored in the page as their state; a front end written for anywidget
// needs a module, an element and a model, and nothing else.
import { Model } from "./model.js";

const STATE = 'script[type="application/vnd.jupyter.widget-state+json"]';
const VIEW = 'script[type="application/vnd.jupyter.widget-view+json"]';
const TEXT = {
  needsPython: "This control needs a running Python: open the notebook of this page to use it.",
};

/** @typedef {{ _esm?: string, _css?: string }} Values */
/** @typedef {Record<string, { state: Values }>} State of all widgets, by their models' names */

/**
 * A front end as anywidget has it.
 * @typedef {{ default: { render(page: { model: Model<Values>, el: HTMLElement }): unknown } }} Module
 */

/** @type {Map<string, Promise<Module>>} */
const modules = new Map();

/**
 * The module of a front end, made once for each distinct source.
 * @param {string} source
 */
function load(source) {
  const known = modules.get(source);
  if (known) return known;
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const made = import(address).finally(() => URL.revokeObjectURL(address));
  modules.set(source, made);
  return made;
}

const styles = new Set();

/** @param {string} [source] */
function addStyle(source) {
  if (!source || styles.has(source)) return;
  styles.add(source);
  const style = document.createElement("style");
  style.textContent = source;
  document.head.append(style);
}

/**
 * The models of a page, each made once: what a front end asks for another widget's traits.
 * @param {State} state
 */
function managerOf(state) {
  /** @type {Map<string, Model<Values>>} */
  const models = new Map();
  const manager = {
    /** @type {(id: string) => Promise<Model<Values>>} */
    async get_model(id) {
      const model = models.get(id) ?? new Model(state[id].state, manager);
      models.set(id, model);
      return model;
    },
  };
  return manager;
}

/**
 * @param {Element} view
 * @param {State} state
 * @param {ReturnType<typeof managerOf>} manager
 */
async function show(view, state, manager) {
  const id = JSON.parse(view.textContent).model_id;
  const values = state[id]?.state;
  const el = document.createElement("div");
  view.after(el);
  if (!values?._esm) {
    el.className = "attn-notice";
    el.textContent = TEXT.needsPython;
    return;
  }
  addStyle(values._css);
  const [model, module] = await Promise.all([manager.get_model(id), load(values._esm)]);
  await module.default.render({ model, el });
}

function start() {
  const store = document.querySelector(STATE);
  const state = store ? JSON.parse(store.textContent).state : {};
  const manager = managerOf(state);
  document.querySelectorAll(VIEW).forEach((view) => show(view, state, manager));
}

start();
