import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { canStartRedis, startRedis } from "../../testing/test/redis-server.ts";

test.skipIf(!canStartRedis)(
  "a store that is made and not used loads and starts nothing, and one that is open lets the process end",
  async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const { NODE_OPTIONS: _, ...env } = process.env;
    const child = fork(fileURLToPath(new URL("processes/idle.mjs", import.meta.url)), [redis.url], {
      execArgv: [],
      env,
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const [[told], [code]] = await Promise.all([once(child, "message"), once(child, "close")]);
    expect(told).toEqual({ made: { isLoaded: false, started: [] }, used: { isLoaded: true, started: [] } });
    expect(code).toBe(0);
  },
);
