import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openBench } from "../src/bench.ts";
import type { Contestant, Open } from "../src/contestant.ts";
import { CLIENTS, CONTESTANTS, type Opening } from "../src/contestants.ts";
import { withContestants } from "../src/harness/contestant-process.ts";
import { createWorkload, indexOf } from "../src/workload.ts";

const bench = await openBench("least");
afterAll(() => bench.end());

const size = { promptChars: 100, answerChars: 200 };
const { requestText, completion, answer } = createWorkload(size);

const GROUPS = { ...CONTESTANTS, clients: CLIENTS };
type Group = keyof typeof GROUPS;

/** Those without a cache, which are tested in their scenarios, with their server. */
const UNCACHED = /^(?:memory\/openai|clients\/(?:openai|ai-sdk|langchain|anthropic))$/;

describe.each(Object.keys(GROUPS) as Group[])("with %s", (tier) => {
  const folder = new URL(`../src/contestants/${tier}/`, import.meta.url);
  const ids = readdirSync(folder).map((file) => basename(file, ".ts"));

  test("every contestant has a module", () => {
    expect(ids).toEqual(expect.arrayContaining(Object.keys(GROUPS[tier])));
  });

  test.skipIf(tier === "redis" && bench.redis === undefined).each(ids.filter((id) => !UNCACHED.test(`${tier}/${id}`)))(
    "%s answers, stores the answer, and tells two questions apart",
    async (id) => {
      const { open } = (await import(`../src/contestants/${tier}/${id}.ts`)) as { readonly open: Open };
      const asked: number[] = [];
      const setting: Parameters<Open>[0] = {
        directory: bench.directory(),
        redisUrl: tier === "redis" ? bench.redis!() : "",
        async generate(request) {
          asked.push(indexOf(request));
          return completion(indexOf(request));
        },
      };
      const ask = async (contestant: Contestant, index: number): Promise<void> =>
        expect(await contestant.ask(JSON.parse(requestText(index)))).toBe(answer(index));

      const first = await open(setting);
      for (const index of [0, 0, 1, 1]) await ask(first, index);
      await first.close();
      expect(asked).toEqual([0, 1]);

      const second = await open(setting);
      await ask(second, 0);
      await second.close();
      expect(asked).toEqual(isGoneWhenClosed(tier, id) ? [0, 1, 0] : [0, 1]);
    },
  );
});

function isGoneWhenClosed(tier: Group, id: string): boolean {
  return tier === "memory" || tier === "clients" || (tier === "tiered" && id === "floor");
}

test("an error in the process of a contestant fails the bench", async () => {
  const opening: Opening = { tier: "memory", id: "nobody", size };
  const opened = withContestants(bench, new Map([["nobody", opening]]), async () => {});
  await expect(opened).rejects.toThrow("contestants/memory/nobody.ts");
});
