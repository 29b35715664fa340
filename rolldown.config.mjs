import { readFileSync } from "node:fs";

const { bin, exports } = JSON.parse(readFileSync("package.json", "utf8"));

/** Converts `./dist/locks/index.js` to the entry name `locks/index`. */
const nameOf = (file) => file.slice("./dist/".length, -".js".length);

/**
 * Bundles each export of the package in the working directory into one file, and what they share into another. Node takes some
 * 0.5 ms to load a module of any size, and a script that reads one answer from its cache would load eighty. A command loads
 * what it runs on demand, so that its package has more files. TypeScript emits the declarations.
 */
export default {
  input: Object.fromEntries(Object.values(exports).map((entry) => [nameOf(entry.default), entry["remem-source"]])),
  platform: "neutral", // For "node" rolldown adds helpers of its own, and without `treeshake` keeps them.
  // Bundle only our own files, which rolldown also asks for by their resolved path, and the helpers of compiled `using`.
  external: (name, _, isResolved) => !isResolved && !/^(\.|@oxc-project\/)/.test(name),
  // Ship the code as it is written. A call whose only effect is to throw looks unused: `treeshake` drops it, and so does the
  // default of `minify`.
  treeshake: false,
  transform: { target: "es2023" },
  output: {
    dir: "dist",
    entryFileNames: "[name].js",
    ...(bin === undefined
      ? {
          // One file, also for what only some of the exports share, and one for each import on demand.
          chunkFileNames: "[name].js",
          codeSplitting: { groups: [{ name: "shared", minShareCount: 2 }] },
        }
      : { chunkFileNames: "[name].js" }),
    sourcemap: true,
    sourcemapExcludeSources: true,
    minify: false,
  },
};
