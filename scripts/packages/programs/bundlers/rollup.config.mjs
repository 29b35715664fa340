import commonjs from "@rollup/plugin-commonjs";
import resolve from "@rollup/plugin-node-resolve";

export default {
  input: "program.js",
  external: (name) => name.startsWith("node:"),
  plugins: [resolve({ preferBuiltins: true, exportConditions: ["node"] }), commonjs()],
  output: ["es", "cjs"].map((format) => ({
    file: `dist/rollup.${format === "es" ? "mjs" : "cjs"}`,
    format,
    inlineDynamicImports: true,
  })),
};
