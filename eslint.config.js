import js from "@eslint/js";
import globals from "globals";

// What a reader sees stands in the TEXT of its file, where another language can take its place.
const elsewhere = `:not(VariableDeclarator[id.name=/TEXT$|^EXAMPLES$/] *, NewExpression *)`;
const sentences = [
  `Literal[value=/[A-Za-z]{2} [A-Za-z]{2}/]:not([value=/^attn-/])${elsewhere}`,
  `TemplateElement[value.raw=/[A-Za-z]{2} [A-Za-z]{2}|^ [A-Za-z]{2,}($|[ ,.:;])|(^| )[A-Za-z]{2,} $/]${elsewhere}`,
].map((selector) => ({
  selector,
  message: "A sentence stands in TEXT, whole, and say() fills its places.",
}));

export default [
  js.configs.recommended,
  { rules: { eqeqeq: "error", "no-var": "error", "prefer-const": "error" } },
  { files: ["src/**", "tests/**"], languageOptions: { globals: globals.browser } },
  { files: ["*.js", "tests/**"], languageOptions: { globals: globals.node } },
  { files: ["src/**"], rules: { "no-restricted-syntax": ["error", ...sentences] } },
  { ignores: ["_build/", "mutants/", ".venv*/"] },
];
