import { readFileSync } from "node:fs";

const { exports } = JSON.parse(readFileSync("package.json", "utf8"));

/** `dist/locks/index.js` is the entry `locks/index`. */
const nameOf = (file) => file.slice("./dist/".length, -".js".length);

/**
 * Makes one file of each export of the package in the working directory, and one of what they share: a module costs Node
 * some 0.5 ms to load however small it is, and a script that wants one answer from its cache would load eighty. TypeScript
 * makes the declarations.
 */
export default {
  input: Object.fromEntries(Object.values(exports).map((entry) => [nameOf(entry.default), entry["remem-source"]])),
  platform: "neutral", // For "node" rolldown adds helpers of its own, and without `treeshake` keeps them.
  // Everything but our own files, of which it asks by their path as well, and the helpers that `using` is compiled to.
  external: (name, _, isResolved) => !isResolved && !/^(\.|@oxc-project\/)/.test(name),
  // What is shipped is what is written. A call that is there to throw looks unused: `treeshake` drops it, and the default
  // of `minify` does, too.
  treeshake: false,
  transform: { target: "es2023" },
  output: {
    dir: "dist",
    entryFileNames: "[name].js",
    chunkFileNames: "shared.js",
    sourcemap: true,
    sourcemapExcludeSources: true,
    minify: false,
  },
};
