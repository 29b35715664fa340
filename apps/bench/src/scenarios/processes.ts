import type { Bench, Plans } from "../bench.ts";
import type { Opening } from "../contestants.ts";
import { type Crowd, withCrowds } from "../harness/contestant-process.ts";
import { keepAnswers } from "../harness/keep-answers.ts";
import { shuffled } from "../harness/rounds.ts";
import { quantile, ratios, spreadOf } from "../harness/statistics.ts";
import type { Table } from "../report/table.ts";
import type { Scenario } from "../scenario.ts";
import { textOfSize, USUAL } from "../workload.ts";

interface Plan {
  readonly processes: readonly [one: 1, ...more: number[]];
  readonly questions: number;
  readonly rounds: number;
  readonly sliceMs: number;
  readonly warmUpMs: number;
}

const PLANS: Plans<Plan> = {
  full: { processes: [1, 2, 4, 8], questions: 500, rounds: 7, sliceMs: 1_000, warmUpMs: 2_000 },
  quick: { processes: [1, 4], questions: 100, rounds: 3, sliceMs: 100, warmUpMs: 200 },
  least: { processes: [1, 2], questions: 5, rounds: 1, sliceMs: 50, warmUpMs: 1 },
};

export const processes: Scenario = {
  id: "processes",
  about: "how many hits per second several processes read from one SQLite file concurrently",
  async *run(bench) {
    bench.progress("processes");
    const openings = new Map<string, Opening>();
    for (const id of ["floor", "remem", "keyv"]) {
      const opening = { tier: "sqlite", id, size: USUAL } as const;
      const directory = await keepAnswers(bench, opening, PLANS[bench.effort].questions);
      openings.set(id, { ...opening, directory });
    }
    yield await compare(bench, openings);
  },
};

/** The measurements of several processes of one contestant together, one per round. */
interface Takes {
  readonly hitsPerSecond: number[];
  readonly p99Us: number[];
  readonly worstUs: number[];
}

function compare(bench: Bench, openings: ReadonlyMap<string, Opening>): Promise<Table> {
  const { processes: counts, questions, rounds, sliceMs, warmUpMs } = PLANS[bench.effort];
  const most = counts.at(-1)!;
  return withCrowds(bench, openings, most, async (crowds) => {
    for (const crowd of crowds.values()) await hitsOf(crowd, questions, warmUpMs); // The warm-up, until the code is compiled.
    const takes = new Map<string, Takes>(
      [...crowds.keys()].flatMap((name) =>
        counts.map((count) => [rowOf(name, count), { hitsPerSecond: [], p99Us: [], worstUs: [] }]),
      ),
    );
    for (let round = 0; round < rounds; round++) {
      bench.progress(`processes: round ${round + 1} of ${rounds}`);
      for (const count of shuffled(counts)) {
        // One right after the other, so that the machine is in the same state for a contestant and its floor.
        for (const [name, crowd] of shuffled([...crowds])) {
          const { hitsPerSecond, eachUs } = await hitsOf(crowd.slice(0, count), questions, sliceMs);
          const taken = takes.get(rowOf(name, count))!;
          taken.hitsPerSecond.push(hitsPerSecond);
          taken.p99Us.push(quantile(eachUs, 0.99));
          taken.worstUs.push(quantile(eachUs, 1));
        }
      }
    }
    return {
      id: "processes",
      title: `Hits of several processes on one SQLite file, ${textOfSize(USUAL)}`,
      columns: {
        hits: { title: "hits/s", digits: 0 },
        scale: { title: "x one process" },
        p99: { title: "p99 us", digits: 0 },
        p99Ratio: { title: "p99 x floor's" },
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
        { row: rowOf("remem", most), column: "scale", least: 1.2 },
        { row: rowOf("remem", most), column: "p99Ratio", most: 2 },
      ],
      notes: [
        "All processes begin and end at the same time. The floor's p99 is that of the same number of processes in the same round.",
      ],
    };
  });
}

const rowOf = (name: string, count: number): string => `${name}, ${count} ${count === 1 ? "process" : "processes"}`;

/** Time for every process to learn when to begin. */
const GATE_MS = 50;

async function hitsOf(
  crowd: Crowd,
  questions: number,
  forMs: number,
): Promise<{ readonly hitsPerSecond: number; readonly eachUs: readonly number[] }> {
  const from = Date.now() + GATE_MS;
  const asked = { first: 0, count: questions, from, to: from + forMs };
  const slices = await Promise.all(crowd.map((member) => member.tell("repeat", asked)));
  if (slices.some(({ generated }) => generated > 0)) throw new Error("The model was asked for a stored answer.");
  const eachUs = slices.flatMap((slice) => slice.eachUs);
  return { hitsPerSecond: (eachUs.length * 1_000) / forMs, eachUs };
}
