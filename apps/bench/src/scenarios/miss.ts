import { type Crowd, withCrowds } from "../harness/crowd.ts";
import { noteOnLocks } from "../harness/file-system.ts";
import { shuffled } from "../harness/rounds.ts";
import { quantile, ratios, spreadOf } from "../harness/statistics.ts";
import type { Table } from "../report/table.ts";
import type { Bench, Scenario } from "../scenario.ts";

const KB = 1_024;
const SIZE = { promptChars: 1 * KB, answerChars: 2 * KB };

/** By tier, the floor first, with the most microseconds that a way aims at. */
const WAYS: Readonly<Record<string, Readonly<Record<string, number | undefined>>>> = {
  memory: { floor: undefined, remem: 300 },
  sqlite: { floor: undefined, remem: 1_000, "remem-without-flights": 300, keyv: undefined },
  redis: { floor: undefined, remem: undefined },
};

export const miss: Scenario = {
  id: "miss",
  about: "what a call takes beyond the model's own time when nothing is kept yet",
  async *run(bench) {
    for (const tier of Object.keys(WAYS)) {
      if (tier === "redis" && bench.redisUrl === undefined) continue;
      const options = Object.keys(WAYS[tier]!).map(
        (name, at) =>
          [name, { module: `${tier}/${name}`, size: SIZE, redisUrl: `${bench.redisUrl}/${DATABASES[at]}` }] as const,
      );
      yield await withCrowds(new Map(options), (crowds) => compare(bench, tier, crowds));
    }
  },
};

/** Of Redis. No other scenario uses them. */
const DATABASES = [10, 11];

async function compare(bench: Bench, tier: string, crowds: ReadonlyMap<string, Crowd>): Promise<Table> {
  const rounds = bench.quick ? 7 : 31;
  const count = bench.quick ? 20 : 50;
  const warmUp = bench.quick ? 200 : 1_000;
  const takes = new Map(
    Array.from(crowds.keys(), (name) => [name, { wallUs: [] as number[], eachUs: [] as number[] }]),
  );
  for (const [name, crowd] of crowds) {
    bench.progress(`miss, ${tier}: ${name}`);
    await crowd.open(bench.directory());
    await crowd.tell("fill", () => [{ first: 0, count: warmUp }]);
  }
  bench.progress(`miss, ${tier}: rounds`);
  for (let round = 0; round < rounds; round++) {
    for (const [name, crowd] of shuffled([...crowds])) {
      const [slice] = await crowd.tell("run", () => [{ first: warmUp + round * count, count }]);
      const { wallUs, eachUs, generated } = slice!;
      if (generated !== count) throw new Error(`${name} had ${count - generated} answers that it was never given.`);
      takes.get(name)!.wallUs.push(wallUs / count);
      takes.get(name)!.eachUs.push(...eachUs);
    }
  }
  const floor = takes.get("floor")!;
  return {
    id: `miss/${tier}`,
    title: `Miss, ${tier}, a model that answers at once, prompt of 1 KB, answer of 2 KB`,
    columns: {
      ratio: { title: "x floor" },
      mean: { title: "us", digits: 0 },
      median: { title: "median us", digits: 0 },
      p99: { title: "p99 us", digits: 0 },
    },
    rows: Array.from(takes, ([name, { wallUs, eachUs }]) => ({
      name,
      cells: {
        ratio: spreadOf(ratios(wallUs, floor.wallUs)),
        mean: spreadOf(wallUs),
        median: quantile(eachUs, 0.5),
        p99: quantile(eachUs, 0.99),
      },
    })),
    aims: Object.entries(WAYS[tier]!).flatMap(([row, most]) =>
      most === undefined ? [] : [{ row, column: "mean", most }],
    ),
    ...(tier === "sqlite" && { notes: [noteOnLocks(bench.directory())] }),
  };
}
