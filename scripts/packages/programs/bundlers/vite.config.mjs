export default {
  build: { outDir: "dist", emptyOutDir: false, rollupOptions: { output: { entryFileNames: "vite.mjs" } } },
  ssr: { noExternal: true },
};
