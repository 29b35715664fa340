import { type Crowd, withCrowds } from "../harness/crowd.ts";
import { filled } from "../harness/filled.ts";
import { shuffled } from "../harness/rounds.ts";
import { quantile, ratios, spreadOf } from "../harness/statistics.ts";
import type { Table } from "../report/table.ts";
import type { Bench, Scenario } from "../scenario.ts";

const KB = 1_024;
const SIZE = { promptChars: 1 * KB, answerChars: 2 * KB };
const QUESTIONS = 500;
const CONTESTANTS = ["floor", "remem", "keyv"];

export const processes: Scenario = {
  id: "processes",
  about: "how many hits a second several processes get from one SQLite file at the same time",
  async *run(bench) {
    const options = CONTESTANTS.map((name) => [name, { module: `sqlite/${name}`, size: SIZE, processes: 8 }] as const);
    yield await withCrowds(new Map(options), (crowds) => compare(bench, crowds));
  },
};

/** What so many processes of one contestant have done together, round after round. */
interface Takes {
  readonly hitsPerSecond: number[];
  readonly p99Us: number[];
  readonly worstUs: number[];
}

async function compare(bench: Bench, crowds: ReadonlyMap<string, Crowd>): Promise<Table> {
  const counts = bench.quick ? [1, 8] : [1, 2, 4, 8];
  for (const [name, crowd] of crowds) {
    bench.progress(`processes: ${name}`);
    await crowd.open(await filled(bench.directory(), `sqlite/${name}`, SIZE, QUESTIONS));
    await hitsOf(crowd, 8, bench.quick ? 300 : 2_000); // Until the code is compiled.
  }
  const turns = [...crowds].flatMap(([name, crowd]) =>
    counts.map((count) => ({ crowd, count, row: rowOf(name, count) })),
  );
  const takes = new Map<string, Takes>(turns.map(({ row }) => [row, { hitsPerSecond: [], p99Us: [], worstUs: [] }]));
  const rounds = bench.quick ? 2 : 7;
  for (let round = 0; round < rounds; round++) {
    bench.progress(`processes: round ${round + 1} of ${rounds}`);
    for (const { crowd, count, row } of shuffled(turns)) {
      const { hitsPerSecond, eachUs } = await hitsOf(crowd, count, bench.quick ? 150 : 1_000);
      const taken = takes.get(row)!;
      taken.hitsPerSecond.push(hitsPerSecond);
      taken.p99Us.push(quantile(eachUs, 0.99));
      taken.worstUs.push(quantile(eachUs, 1));
    }
  }
  return {
    id: "processes",
    title: "Hits of several processes on one SQLite file, prompt of 1 KB, answer of 2 KB",
    columns: {
      hits: { title: "hits/s", digits: 0 },
      scale: { title: "x one process" },
      p99: { title: "p99 us", digits: 0 },
      p99Ratio: { title: "p99 x floor" },
      worst: { title: "worst ms", digits: 1 },
    },
    rows: [...crowds.keys()].flatMap((name) =>
      counts.map((count) => {
        const { hitsPerSecond, p99Us, worstUs } = takes.get(rowOf(name, count))!;
        return {
          name: rowOf(name, count),
          cells: {
            hits: spreadOf(hitsPerSecond),
            scale: spreadOf(ratios(hitsPerSecond, takes.get(rowOf(name, 1))!.hitsPerSecond)),
            p99: spreadOf(p99Us).median,
            p99Ratio: spreadOf(ratios(p99Us, takes.get(rowOf("floor", count))!.p99Us)),
            worst: Math.max(...worstUs) / 1_000,
          },
        };
      }),
    ),
    aims: [
      { row: rowOf("remem", 8), column: "scale", least: 1.2 },
      { row: rowOf("remem", 8), column: "p99Ratio", most: 2 },
    ],
  };
}

const rowOf = (name: string, count: number): string => `${name}, ${count} ${count === 1 ? "process" : "processes"}`;

async function hitsOf(
  crowd: Crowd,
  count: number,
  forMs: number,
): Promise<{ readonly hitsPerSecond: number; readonly eachUs: readonly number[] }> {
  const slices = await crowd.tell("repeat", () => [{ first: 0, count: QUESTIONS, forMs }], count);
  if (slices.some(({ generated }) => generated > 0)) throw new Error("The model was asked for what was kept.");
  const rates = slices.map(({ eachUs, wallUs }) => (eachUs.length * 1_000_000) / wallUs);
  return { hitsPerSecond: rates.reduce((sum, rate) => sum + rate, 0), eachUs: slices.flatMap(({ eachUs }) => eachUs) };
}
