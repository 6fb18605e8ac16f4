// Brings the widgets of a page to life with no kernel and no server, from the disk too.
// A notebook's widgets are stored in the page as their state; a front end written for anywidget
// needs a module, an element and a model, and nothing else.

const STATE = 'script[type="application/vnd.jupyter.widget-state+json"]';
const VIEW = 'script[type="application/vnd.jupyter.widget-view+json"]';
const TEXT = {
  needsPython: "This control needs a running Python: open the notebook of this page to use it.",
};

/** The part of anywidget's model that a front end may rely on, over values that stay in the page. */
class Model {
  constructor(values) {
    this.values = values;
    this.listeners = new Map();
  }

  get(name) {
    return this.values[name];
  }

  set(name, value) {
    if (this.values[name] === value) return;
    this.values[name] = value;
    this.listeners.get(`change:${name}`)?.forEach((listener) => listener());
  }

  on(event, listener) {
    if (!this.listeners.has(event)) this.listeners.set(event, new Set());
    this.listeners.get(event).add(listener);
  }

  off(event, listener) {
    this.listeners.get(event)?.delete(listener);
  }

  // There is no kernel to tell.
  save_changes() {}
  send() {}
}

/** The module of a front end, made once for each distinct source. */
const modules = new Map();
function load(source) {
  if (!modules.has(source)) {
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    modules.set(
      source,
      import(address).finally(() => URL.revokeObjectURL(address)),
    );
  }
  return modules.get(source);
}

const styles = new Set();
function addStyle(source) {
  if (!source || styles.has(source)) return;
  styles.add(source);
  const style = document.createElement("style");
  style.textContent = source;
  document.head.append(style);
}

async function show(view, state, models) {
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
  if (!models.has(id)) models.set(id, new Model(values));
  const module = await load(values._esm);
  await module.default.render({ model: models.get(id), el });
}

function start() {
  const store = document.querySelector(STATE);
  const state = store ? JSON.parse(store.textContent).state : {};
  const models = new Map();
  document.querySelectorAll(VIEW).forEach((view) => show(view, state, models));
}

start();
