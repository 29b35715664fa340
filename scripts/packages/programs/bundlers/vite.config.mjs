export default {
  build: {
    outDir: "dist",
    emptyOutDir: false,
    rollupOptions: {
      input: ["program.js", "adapters.js"],
      output: { entryFileNames: "vite-[name].mjs" },
    },
  },
  ssr: { noExternal: true },
};
