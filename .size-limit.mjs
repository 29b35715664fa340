export default [
  {
    name: "@remem/core, everything that it exports",
    path: "packages/core/dist/index.js",
    // What is loaded at once: not the part that is imported on demand.
    entry: "index",
    limit: "24.5 kB",
    // Part of Node; another module of it that core comes to need is an error here, and seen. And what is optional.
    ignore: ["node:crypto", "@cfworker/json-schema"],
  },
];
