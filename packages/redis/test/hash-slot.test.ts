import { canStartRedis, startRedis } from "@remem/test-support/redis/redis-server";
import { describe, expect, onTestFinished, test } from "vitest";
import { slotOf } from "../src/hash-slot.ts";
import { connectTo } from "./redis.ts";

describe.skipIf(!canStartRedis)("slotOf", () => {
  test("agrees with Redis for every key", async () => {
    const redis = await startRedis(() => ["--cluster-enabled", "yes"]);
    onTestFinished(() => redis.stop());
    const client = await connectTo(redis.url);
    const keys = [
      "",
      "123456789",
      "foo",
      "{foo}bar",
      "a{foo}",
      "{}x",
      "{}{x}",
      "{a",
      "a}",
      "{{a}}",
      "{a}{b}",
      "a\n{b}\nc",
    ];
    const ours = ["k", "ü", "😀", "{", "}", "a}b"].map((key) => `remem:v1:{${key}}:v`);
    const random = Array.from({ length: 200 }, () => `${Math.random()}`);
    for (const key of [...keys, ...ours, ...random]) {
      expect(slotOf(key), key).toBe(await client.sendCommand(["CLUSTER", "KEYSLOT", key]));
    }
  });
});
