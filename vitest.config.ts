import { defineConfig, type ViteUserConfig } from "vitest/config";

// All packages at once, for one table of coverage; each has a configuration of its own beside it.
const config: ViteUserConfig = defineConfig({
  test: {
    projects: ["packages/*", "apps/*", "!apps/{docs,faults}"],
    coverage: {
      autoAttachSubprocess: true, // Most of the command's tests, and all with several processes, run built files.
      exclude: ["**/test/**", "packages/test-support/**", "**/bin/**", "**/dist/readme/**"],
      reporter: [["text", { skipEmpty: true }]],
    },
  },
});
export default config;
