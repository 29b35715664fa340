const common = {
  target: "node",
  mode: "production",
  entry: { program: "./program.js", adapters: "./adapters.js" },
  performance: false,
};

export default [
  { ...common, name: "cjs", output: { filename: "webpack-[name].cjs", chunkFilename: "[id].webpack.cjs" } },
  {
    ...common,
    name: "esm",
    experiments: { outputModule: true },
    output: { filename: "webpack-[name].mjs", chunkFilename: "[id].webpack.mjs", module: true, chunkFormat: "module" },
  },
];
