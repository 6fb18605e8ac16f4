// What tests ask, and a guess at it.

/** @type {any} */
export const QUESTION = {
  name: "example-all",
  version: "abc",
  question: "What will it be?",
  quantities: [
    { kind: "number", name: "keys", label: "Keys", low: 1, high: 64, log: true, whole: false },
    { kind: "option", name: "which", label: "Which?", options: ["hen", "egg"] },
    { kind: "curve", name: "fall", label: "The fall", low: 0, high: 3, log: false, x: [0, 10, 20] },
  ],
};
export const [KEYS, WHICH, FALL] = QUESTION.quantities;
export const GUESS = {
  keys: { value: 20, low: 10, high: 40 },
  which: { option: "egg", sure: 70 },
  fall: [3, 1, 0.5],
};
export const TRUTH = { keys: 41, which: "egg", fall: [3, 1.5, 0.4] };

/** A browser's storage, of which a test decides what it does. */
export function areaOf(texts = {}) {
  return {
    texts,
    getItem: (key) => texts[key] ?? null,
    setItem: (key, text) => {
      texts[key] = text;
    },
  };
}
