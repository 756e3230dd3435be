import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    languageOptions: {
      ecmaVersion: 2022,
      globals: {...globals.browser, odoo: "readonly"},
      sourceType: "module",
    },
    linterOptions: {reportUnusedDisableDirectives: "error"},
    rules: {
      curly: "error",
      eqeqeq: "error",
      "no-console": "error",
      "no-shadow": "error",
      "no-unused-vars": ["error", {args: "none"}],
      "no-var": "error",
      "prefer-const": "error",
    },
  },
];
