// How a widget says something: whole sentences, whose places are filled. A sentence stands in the
// TEXT of its file, so that another language can take its place.

/**
 * A sentence with its places filled: "{n} words" and { n: 3 } give "3 words".
 * @param {string} sentence
 * @param {Record<string, string | number>} places
 */
export function say(sentence, places) {
  return compose(sentence, places).join("");
}

/**
 * The same in parts, for a sentence in which an element takes a place.
 * @template {string | number | Node} Filling
 * @param {string} sentence
 * @param {Record<string, Filling>} places
 * @returns {(string | Filling)[]}
 */
export function compose(sentence, places) {
  return sentence.split(/\{(\w+)\}/).map((part, i) => {
    if (i % 2 === 0) return part; // what stands between the places
    if (!Object.hasOwn(places, part)) {
      throw new Error(`expected something for {${part}} in “${sentence}”`);
    }
    return places[part];
  });
}

/**
 * Sentences one after the other; one that does not apply is empty.
 * @param {...string} sentences
 */
export function paragraph(...sentences) {
  return sentences.filter(Boolean).join(" ");
}

const RULES = new Intl.PluralRules("en");

/**
 * Which form of a sentence a number asks for: "one" or "other".
 * @param {number} count
 */
export function plural(count) {
  return /** @type {"one" | "other"} */ (RULES.select(count));
}

/**
 * A number with a minus in place of a hyphen.
 * @param {number | string} x
 */
export function signed(x) {
  return String(x).replace("-", "−");
}
