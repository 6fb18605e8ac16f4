// What a front end is given in place of anywidget's model, on a page and in tests.

/**
 * The part of anywidget's model that a front end may rely on, over values that stay in the page.
 * @template {object} Traits
 */
export class Model {
  /**
   * @param {Traits} values
   * @param {{ get_model(id: string): Promise<Model<any>> }} [widget_manager] knows other widgets
   */
  constructor(values, widget_manager) {
    this.values = values;
    this.widget_manager = widget_manager;
    /** @type {Map<string, Set<() => void>>} */
    this.listeners = new Map();
  }

  /**
   * @template {keyof Traits} Name
   * @param {Name} name
   */
  get(name) {
    return this.values[name];
  }

  /**
   * @template {keyof Traits} Name
   * @param {Name} name
   * @param {Traits[Name]} value
   */
  set(name, value) {
    if (this.values[name] === value) return;
    this.values[name] = value;
    this.listeners.get(`change:${String(name)}`)?.forEach((listener) => listener());
  }

  /**
   * @param {string} event
   * @param {() => void} listener
   */
  on(event, listener) {
    const known = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, known.add(listener));
  }

  /**
   * @param {string} event
   * @param {() => void} listener
   */
  off(event, listener) {
    this.listeners.get(event)?.delete(listener);
  }

  // There is no kernel to tell.
  save_changes() {}
  send() {}
}
