import { mergeConfig, type ViteUserConfig } from "vitest/config";
import base from "../../vitest.base.ts";

// Most of the time these tests wait for leases, or for processes of their own: more of them at once than there are cores.
const config: ViteUserConfig = mergeConfig(base, { test: { maxWorkers: 4 } });
export default config;
