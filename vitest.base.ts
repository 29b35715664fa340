import { defineConfig, type ViteUserConfig } from "vitest/config";

// Packages resolve each other's sources, so that a test never runs against a stale build; in scripts/test-packed.mjs they
// resolve what is packed.
const conditions = process.env.REMEM_TEST_PACKED ? [] : ["remem-source"];

const config: ViteUserConfig = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  // Long: some tests run several processes, also where a machine is busy with others.
  test: { include: ["test/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 },
});
export default config;
