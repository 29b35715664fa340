import type { Bench, Plans } from "../bench.ts";
import type { Opening, Tier } from "../contestants.ts";
import { withContestants } from "../harness/contestant-process.ts";
import { noteOnLocks } from "../harness/note-on-locks.ts";
import { shuffled } from "../harness/rounds.ts";
import { quantile, ratios, spreadOf } from "../harness/statistics.ts";
import type { Table } from "../report/table.ts";
import type { Scenario } from "../scenario.ts";
import { textOfSize, USUAL } from "../workload.ts";

interface Plan {
  readonly rounds: number;
  /** The number of new questions per round. */
  readonly count: number;
  /** Questions before the measured ones, until the code is compiled. */
  readonly warmUp: number;
}

const PLANS: Plans<Plan> = {
  full: { rounds: 31, count: 50, warmUp: 1_000 },
  quick: { rounds: 7, count: 20, warmUp: 200 },
  least: { rounds: 1, count: 3, warmUp: 1 },
};

/** By tier, floors first, with the maximum of microseconds that is aimed at. */
const WAYS = {
  memory: { floor: undefined, remem: 300 },
  sqlite: { floor: undefined, remem: 1_000, "remem-without-flights": 300, keyv: undefined },
  redis: { floor: undefined, remem: undefined },
} as const satisfies Partial<Record<Tier, Readonly<Record<string, number | undefined>>>>;
type MissTier = keyof typeof WAYS;

export const miss: Scenario = {
  id: "miss",
  about: "how long a call takes beyond the latency of the model if nothing is stored",
  async *run(bench) {
    for (const tier of Object.keys(WAYS) as MissTier[]) {
      if (tier !== "redis" || bench.redis !== undefined) yield await compare(bench, tier);
    }
  },
};

function compare(bench: Bench, tier: MissTier): Promise<Table> {
  const { rounds, count, warmUp } = PLANS[bench.effort];
  const openings = new Map(Object.keys(WAYS[tier]).map((id): [string, Opening] => [id, { tier, id, size: USUAL }]));
  bench.progress(`miss, ${tier}`);
  return withContestants(bench, openings, async (contestants) => {
    const takes = new Map(
      Array.from(contestants.keys(), (name) => [name, { wallUs: [] as number[], eachUs: [] as number[] }]),
    );
    await Promise.all(Array.from(contestants.values(), (one) => one.tell("fill", { first: 0, count: warmUp })));
    for (let round = 0; round < rounds; round++) {
      for (const [name, contestant] of shuffled([...contestants])) {
        const slice = await contestant.tell("run", { first: warmUp + round * count, count });
        if (slice.generated !== count)
          throw new Error(`${name} had ${count - slice.generated} answers that it was never given.`);
        takes.get(name)!.wallUs.push(slice.wallUs / count);
        takes.get(name)!.eachUs.push(...slice.eachUs);
      }
    }
    const floor = takes.get("floor")!;
    return {
      id: `miss/${tier}`,
      title: `Miss, ${tier}, a model without latency, ${textOfSize(USUAL)}`,
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
      aims: Object.entries(WAYS[tier]).flatMap(([row, most]) =>
        most === undefined ? [] : [{ row, column: "mean", most }],
      ),
      ...(tier === "sqlite" && { notes: [noteOnLocks(bench.directory())] }),
    };
  });
}
