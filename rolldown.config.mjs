import { readFileSync } from "node:fs";

const { exports } = JSON.parse(readFileSync("package.json", "utf8"));

/**
 * Makes one file of each export of the package in the working directory: a module costs Node some 0.5 ms to load however
 * small it is, and a script that wants one answer from its cache would load eighty. TypeScript makes the declarations.
 */
export default Object.values(exports).map(({ "remem-source": input, default: file }) => ({
  input,
  platform: "node",
  external: /^[^./]/,
  transform: { target: "es2023" },
  output: { file, sourcemap: true, sourcemapExcludeSources: true },
}));
