import commonjs from "@rollup/plugin-commonjs";
import json from "@rollup/plugin-json";
import resolve from "@rollup/plugin-node-resolve";

const plugins = [resolve({ preferBuiltins: true, exportConditions: ["node"] }), commonjs(), json()];

const bundle = (name) => ({
  input: `${name}.js`,
  external: (id) => id.startsWith("node:"),
  plugins,
  output: ["es", "cjs"].map((format) => ({
    file: `dist/rollup-${name}.${format === "es" ? "mjs" : "cjs"}`,
    format,
    inlineDynamicImports: true,
  })),
});

export default [bundle("program"), bundle("adapters")];
