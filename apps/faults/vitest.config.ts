import { mergeConfig, type ViteUserConfig } from "vitest/config";
import base from "../../vitest.base.ts";

// These tests mostly wait for leases or for their own processes, so more of them run at once than there are cores.
const config: ViteUserConfig = mergeConfig(base, { test: { maxWorkers: 4 } });
export default config;
