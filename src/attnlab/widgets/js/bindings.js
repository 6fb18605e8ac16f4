// What a control is bound to: one value, which it gets and sets, under a name of its own.

/** @import { Binding, Limited, Limits, Settings } from "./types.d.ts" */

/**
 * A trait of the model, with the limits that Python declares.
 * @type {<T, Name extends keyof T & string>(model: Settings<T>, name: Name) => Limited<T[Name]>}
 */
export function trait(model, name) {
  return {
    name,
    limits: limitsOf(model)[name],
    get: () => model.get(name),
    set: (value) => {
      model.set(name, value);
      model.save_changes();
    },
  };
}

/** @type {(model: Settings<any>) => Record<string, Limits>} */
const limitsOf = (model) => model.get("_constants").limits;

/**
 * One entry of a trait that is a row: that at the place which `at` says.
 * @template {string} Row
 * @template {Record<Row, any[]>} T
 * @param {Settings<T>} model
 * @param {Row} row
 * @param {() => number} at
 * @param {string} name
 * @returns {Limited<T[Row][number]>}
 */
export function entry(model, row, at, name) {
  const whole = trait(model, row);
  return {
    name,
    limits: whole.limits,
    get: () => whole.get()[at()],
    set: (value) => whole.set(/** @type {T[Row]} */ (whole.get().with(at(), value))),
  };
}

/**
 * A value that is no trait, but the page's own affair. `changed` is called once it is set.
 * @type {<T>(name: string, value: T, changed: () => void) => Binding<T>}
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
 * Sets several traits, and tells of it once.
 * @type {<T>(model: Settings<T>, values: Partial<T>) => void}
 */
export function assign(model, values) {
  for (const name in values) model.set(name, /** @type {any} */ (values[name]));
  model.save_changes();
}

/**
 * What the traits are now.
 * @template T
 * @template {keyof T} Name
 * @param {Settings<T>} model
 * @param {readonly Name[]} names
 */
export function read(model, names) {
  const values = names.map((name) => [name, model.get(name)]);
  return /** @type {Pick<T, Name>} */ (Object.fromEntries(values));
}
