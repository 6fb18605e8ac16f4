// What a sentence is about: a field that both widgets of the chapter have.
import { element } from "../../widgets/js/svg.js";

/** @import { Limited, Part } from "../../widgets/js/types.d.ts" */

/** @type {(bound: Limited<string>) => Part} */
export function topicField(bound) {
  const options = bound.limits.values.map((name) => element("option", { value: name }, name));
  const change = () => bound.set(select.value);
  const select = element("select", { "data-name": bound.name, change }, ...options);
  const node = element("label", { class: "attn-field" }, element("span", {}, TEXT.topic), select);
  return { node, show: () => (select.value = bound.get()) };
}

const TEXT = { topic: "topic" };
