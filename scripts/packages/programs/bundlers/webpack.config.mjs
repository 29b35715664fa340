const common = { target: "node", mode: "production", entry: "./program.js", performance: false };

export default [
  { ...common, name: "cjs", output: { filename: "webpack.cjs", chunkFilename: "[id].webpack.cjs" } },
  {
    ...common,
    name: "esm",
    experiments: { outputModule: true },
    output: { filename: "webpack.mjs", chunkFilename: "[id].webpack.mjs", module: true, chunkFormat: "module" },
  },
];
