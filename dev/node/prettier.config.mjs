import xml from "@prettier/plugin-xml";

// The values that OCA's template for Odoo 19.0 uses.
export default {
  bracketSpacing: false,
  plugins: [xml],
  printWidth: 88,
  proseWrap: "always",
  semi: true,
  tabWidth: 4,
  trailingComma: "es5",
  xmlSelfClosingSpace: true,
  xmlWhitespaceSensitivity: "preserve",
};
