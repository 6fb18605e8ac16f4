// What a control is bound to: one value, which it gets and sets, under a name of its own.

/**
 * The part of anywidget's model that bindings need.
 * @typedef {object} Traits
 * @property {(name: string) => any} get
 * @property {(name: string, value: any) => void} set
 * @property {() => void} save_changes
 */

/**
 * @template T
 * @typedef {{ name: string, get: () => T, set: (value: T) => void }} Binding
 */

/**
 * A trait of the model.
 * @param {Traits} model
 * @param {string} name
 * @returns {Binding<any>}
 */
export function trait(model, name) {
  return { name, get: () => model.get(name), set: (value) => assign(model, { [name]: value }) };
}

/**
 * One entry of a trait that is a row: that at the place which `at` says.
 * @param {Traits} model
 * @param {string} row
 * @param {() => number} at
 * @param {string} name
 * @returns {Binding<any>}
 */
export function entry(model, row, at, name) {
  return {
    name,
    get: () => model.get(row)[at()],
    set: (value) => assign(model, { [row]: model.get(row).with(at(), value) }),
  };
}

/**
 * A value that is no trait, but the page's own affair. `changed` is called once it is set.
 * @template T
 * @param {string} name
 * @param {T} value
 * @param {() => void} changed
 * @returns {Binding<T>}
 */
export function local(name, value, changed) {
  return {
    name,
    get: () => value,
    set: (next) => {
      value = next;
      changed();
    },
  };
}

/**
 * Sets traits of the model.
 * @param {Traits} model
 * @param {Record<string, unknown>} values
 */
export function assign(model, values) {
  for (const [name, value] of Object.entries(values)) model.set(name, value);
  model.save_changes();
}

/**
 * What traits are now, by name.
 * @param {Traits} model
 * @param {readonly string[]} names
 * @returns {Record<string, any>}
 */
export function read(model, names) {
  return Object.fromEntries(names.map((name) => [name, model.get(name)]));
}
