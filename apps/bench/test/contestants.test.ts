import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canStartRedis, type RedisServer, startRedis } from "../../../packages/testing/test/redis-server.ts";
import { CONTESTANTS, type Tier } from "../src/contestants.ts";
import { type ContestantProcess, contestantProcess } from "../src/harness/contestant-process.ts";

const root = mkdtempSync(join(tmpdir(), "remem-bench-"));
const size = { promptChars: 100, answerChars: 200 };
let worker: ContestantProcess;
let redis: RedisServer | undefined;

beforeAll(async () => {
  worker = contestantProcess();
  redis = canStartRedis ? await startRedis() : undefined;
});
afterAll(async () => {
  await worker.end();
  await redis?.stop();
  rmSync(root, { recursive: true, force: true });
});

describe.each(Object.keys(CONTESTANTS) as Tier[])("with %s", (tier) => {
  const contestants = Object.entries(CONTESTANTS[tier]).map(([id, label], database) => ({ id, label, database }));

  it.skipIf(tier === "redis" && !canStartRedis).each(contestants)(
    "$label answers, keeps the answer, and tells two questions apart",
    async ({ id, database }) => {
      const setting = {
        module: new URL(`../src/contestants/${tier}/${id}.ts`, import.meta.url).href,
        directory: mkdtempSync(join(root, `${tier}-${id}-`)),
        redisUrl: `${redis?.url}/${database}`,
        size,
      };
      const callsFor = async (question: number): Promise<number> => {
        const { generated } = await worker.tell("run", { first: question, count: 1 }); // Rejects a wrong answer.
        return generated;
      };

      await worker.tell("open", setting);
      const calls = [await callsFor(0), await callsFor(0), await callsFor(1), await callsFor(1)];
      await worker.tell("close");
      expect(calls).toEqual([1, 0, 1, 0]);

      await worker.tell("open", setting);
      expect(await callsFor(0)).toBe(isGoneWhenClosed(tier, id) ? 1 : 0);
      await worker.tell("close");
    },
  );
});

function isGoneWhenClosed(tier: Tier, id: string): boolean {
  return tier === "memory" || (tier === "tiered" && id === "floor");
}
