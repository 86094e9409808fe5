import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const SPOKEN = new Set(["label", "title", "placeholder", "aria-label", "alt", "description", "heading", "hint"]);
const says = (text) => /\p{L}{2,}/u.test(text);

/** Every visible word goes through i18n: no words in JSX, no words in attributes that are read aloud or shown. */
const noWords = {
  meta: { type: "problem", messages: { word: "Visible words belong in src/i18n/{en,ja}: {{text}}" }, schema: [] },
  create(context) {
    const report = (node, text) => {
      if (says(text)) context.report({ node, messageId: "word", data: { text: text.trim().slice(0, 40) } });
    };
    return {
      JSXText: (node) => report(node, node.value),
      JSXAttribute(node) {
        if (SPOKEN.has(String(node.name.name)) && node.value?.type === "Literal") report(node, String(node.value.value));
      },
    };
  },
};

export default tseslint.config(
  { ignores: ["node_modules", "dist", "src/api/schema.ts"] },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { "react-hooks": hooks, house: { rules: { "no-words": noWords } } },
    rules: {
      ...hooks.configs.recommended.rules,
      "house/no-words": "error",
      "@typescript-eslint/consistent-type-definitions": ["error", "interface"],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/only-throw-error": "off", // TanStack Router throws redirects
      "no-restricted-globals": ["error", { name: "alert" }, { name: "confirm" }, { name: "prompt" }],
    },
  },
  { files: ["eslint.config.js"], ...tseslint.configs.disableTypeChecked },
);
