import { defineConfig, type UserConfig } from "vite";

/** Builds the page. Its addresses are relative, so that a server may have it in any place. */
const config: UserConfig = defineConfig({
  root: "src/page",
  base: "./",
  build: {
    outDir: "../../dist/page",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: "LICENSES.md" },
  },
});
export default config;
