import { defineConfig, type ViteUserConfig } from "vitest/config";

// Packages resolve to each other's sources, so that no test runs against a stale build. In scripts/test-packed.mjs they resolve to
// the packed files.
const conditions = process.env.REMEM_TEST_PACKED ? [] : ["remem-source"];

const config: ViteUserConfig = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  // Long, because some tests run several processes on a busy machine.
  test: { include: ["test/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 },
});
export default config;
