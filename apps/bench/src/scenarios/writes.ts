import { type Crowd, withCrowds } from "../harness/crowd.ts";
import { noteOnLocks } from "../harness/file-system.ts";
import { shuffled } from "../harness/rounds.ts";
import { quantile, spreadOf } from "../harness/statistics.ts";
import type { Table } from "../report/table.ts";
import type { Bench, Scenario } from "../scenario.ts";

const KB = 1_024;
const SIZE = { promptChars: 1 * KB, answerChars: 2 * KB };
const PROCESSES = 8;

export const writes: Scenario = {
  id: "writes",
  about: "what is lost, and how long a call can take, while several processes write to one SQLite file",
  async *run(bench) {
    const options = ["floor", "remem"].map(
      (name) => [name, { module: `sqlite/${name}`, size: SIZE, processes: PROCESSES }] as const,
    );
    yield await withCrowds(new Map(options), (crowds) => compare(bench, crowds));
  },
};

interface Takes {
  readonly totalUs: number[];
  readonly eachUs: number[];
  lost: number;
}

async function compare(bench: Bench, crowds: ReadonlyMap<string, Crowd>): Promise<Table> {
  const takes = new Map<string, Takes>(
    Array.from(crowds.keys(), (name) => [name, { totalUs: [], eachUs: [], lost: 0 }]),
  );
  for (const crowd of crowds.values()) await write(crowd, bench.directory(), 50); // Until the code is compiled.
  const count = bench.quick ? 100 : 300;
  const rounds = bench.quick ? 1 : 5;
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
    title: `${PROCESSES} processes write ${count} answers each to one new SQLite file, prompt of 1 KB, answer of 2 KB`,
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
}

/** Everybody writes other answers than the rest; then one of them looks for all. */
async function write(
  crowd: Crowd,
  directory: string,
  count: number,
): Promise<{ readonly totalUs: number; readonly eachUs: readonly number[]; readonly lost: number }> {
  await crowd.open(directory);
  const slices = await crowd.tell("run", (member) => [{ first: member * count, count }]);
  await crowd.close();

  await crowd.open(directory);
  const [read] = await crowd.tell("run", () => [{ first: 0, count: PROCESSES * count }], 1);
  await crowd.close();
  return {
    totalUs: Math.max(...slices.map(({ wallUs }) => wallUs)),
    eachUs: slices.flatMap(({ eachUs }) => eachUs),
    lost: read!.generated,
  };
}
