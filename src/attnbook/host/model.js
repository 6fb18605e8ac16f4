// What a front end is given in place of anywidget's model, on a page and in tests.

/** The part of anywidget's model that a front end may rely on, over values that stay in the page. */
export class Model {
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
