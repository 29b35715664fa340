import { defineConfig, mergeConfig, type ViteUserConfig } from "vitest/config";
import base from "../../vitest.base.ts";

// Longer than others, because a browser runs beside the tests.
const config: ViteUserConfig = mergeConfig(base, defineConfig({ test: { testTimeout: 180_000 } }));
export default config;
