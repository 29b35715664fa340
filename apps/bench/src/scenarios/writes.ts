import type { Bench, Plans } from "../bench.ts";
import { type Crowd, firstThenRest, withCrowds } from "../harness/contestant-process.ts";
import { noteOnLocks } from "../harness/note-on-locks.ts";
import { shuffled } from "../harness/rounds.ts";
import { quantile, spreadOf } from "../harness/statistics.ts";
import type { Table } from "../report/table.ts";
import type { Scenario } from "../scenario.ts";
import { textOfSize, USUAL } from "../workload.ts";

interface Plan {
  readonly processes: number;
  /** The number of answers that each process writes in a round. */
  readonly count: number;
  readonly rounds: number;
  /** Answers before the measured ones, until the code is compiled. */
  readonly warmUp: number;
}

const PLANS: Plans<Plan> = {
  full: { processes: 8, count: 300, rounds: 5, warmUp: 50 },
  quick: { processes: 4, count: 100, rounds: 2, warmUp: 50 },
  least: { processes: 2, count: 5, rounds: 1, warmUp: 1 },
};

export const writes: Scenario = {
  id: "writes",
  about: "what is lost, and how long a call can take, while several processes write to one SQLite file",
  async *run(bench) {
    yield await compare(bench);
  },
};

interface Takes {
  readonly totalUs: number[];
  readonly eachUs: number[];
  lost: number;
}

function compare(bench: Bench): Promise<Table> {
  const { processes, count, rounds, warmUp } = PLANS[bench.effort];
  const openings = new Map(["floor", "remem"].map((id) => [id, { tier: "sqlite", id, size: USUAL } as const]));
  bench.progress("writes");
  return withCrowds(bench, openings, processes, async (crowds) => {
    const takes = new Map<string, Takes>(
      Array.from(crowds.keys(), (name) => [name, { totalUs: [], eachUs: [], lost: 0 }]),
    );
    for (const crowd of crowds.values()) await write(crowd, bench.directory(), warmUp);
    for (let round = 0; round < rounds; round++) {
      bench.progress(`writes: round ${round + 1} of ${rounds}`);
      for (const [name, crowd] of shuffled([...crowds])) {
        const { totalUs, eachUs, lost } = await write(crowd, bench.directory(), count);
        const taken = takes.get(name)!;
        taken.totalUs.push(totalUs);
        taken.eachUs.push(...eachUs);
        taken.lost += lost;
      }
    }
    return {
      id: "writes",
      title: `${processes} processes write ${count} answers each to one new SQLite file, ${textOfSize(USUAL)}`,
      columns: {
        lost: { title: "lost", digits: 0 },
        median: { title: "median us", digits: 0 },
        p99: { title: "p99 ms", digits: 1 },
        worst: { title: "worst ms", digits: 1 },
        total: { title: "total ms", digits: 0 },
      },
      rows: Array.from(takes, ([name, { totalUs, eachUs, lost }]) => ({
        name,
        cells: {
          lost,
          median: quantile(eachUs, 0.5),
          p99: quantile(eachUs, 0.99) / 1_000,
          worst: quantile(eachUs, 1) / 1_000,
          total: spreadOf(totalUs.map((us) => us / 1_000)),
        },
      })),
      aims: [
        { row: "remem", column: "lost", most: 0 },
        { row: "remem", column: "worst", most: 500 },
      ],
      notes: [noteOnLocks(bench.directory())],
    };
  });
}

/** Each process writes answers of its own. Then one of them, reopened, looks for all of them. */
async function write(
  crowd: Crowd,
  directory: string,
  count: number,
): Promise<{ readonly totalUs: number; readonly eachUs: readonly number[]; readonly lost: number }> {
  await firstThenRest(crowd, (member) => member.tell("reopen", { directory }));
  const slices = await Promise.all(crowd.map((member, at) => member.tell("run", { first: at * count, count })));
  const reader = crowd[0]!;
  await reader.tell("reopen", { directory });
  const read = await reader.tell("run", { first: 0, count: crowd.length * count });
  return {
    totalUs: Math.max(...slices.map(({ wallUs }) => wallUs)),
    eachUs: slices.flatMap(({ eachUs }) => eachUs),
    lost: read.generated,
  };
}
