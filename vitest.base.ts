import { defineConfig, type ViteUserConfig } from "vitest/config";

// Packages resolve each other's sources, so that a test never runs against a stale build.
const conditions = ["remem-source"];

const config: ViteUserConfig = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: { include: ["test/**/*.test.ts"] },
});
export default config;
