import type { Bench, Plans } from "../bench.ts";
import type { Opening, Tier } from "../contestants.ts";
import { withContestants } from "../harness/contestant-process.ts";
import { takeRounds } from "../harness/rounds.ts";
import { ratios, spreadOf } from "../harness/statistics.ts";
import type { Table } from "../report/table.ts";
import type { Scenario } from "../scenario.ts";
import { KB, textOfSize } from "../workload.ts";

interface Plan {
  readonly promptSizes: readonly number[];
  readonly questions: number;
  readonly rounds: number;
  readonly sliceMs: number;
  readonly warmUpMs: number;
}

const PLANS: Plans<Plan> = {
  // Slices that are long enough for several writes of the journal each.
  full: { promptSizes: [1 * KB, 20 * KB], questions: 500, rounds: 61, sliceMs: 30, warmUpMs: 3_000 },
  quick: { promptSizes: [1 * KB], questions: 100, rounds: 15, sliceMs: 10, warmUpMs: 200 },
  least: { promptSizes: [1 * KB], questions: 5, rounds: 1, sliceMs: 1, warmUpMs: 0 },
};

const ANSWER_CHARS = 2 * KB;

/** As multiples of a hit without a journal. */
const AIMS = { memory: 1.1, sqlite: 1.05 } as const satisfies Partial<Record<Tier, number>>;

const WITHOUT = "remem";
const WITH = "remem, journal";

export const journal: Scenario = {
  id: "journal",
  about: "what a hit costs more with a journal in a file, in memory and in SQLite",
  async *run(bench) {
    for (const tier of ["memory", "sqlite"] as const) {
      for (const promptChars of PLANS[bench.effort].promptSizes) yield await compare(bench, tier, promptChars);
    }
  },
};

async function compare(bench: Bench, tier: keyof typeof AIMS, promptChars: number): Promise<Table> {
  const plan = PLANS[bench.effort];
  const { questions } = plan;
  const size = { promptChars, answerChars: ANSWER_CHARS };
  const title = `Hit with a journal, ${tier}, ${textOfSize(size)}`;
  const openings = new Map<string, Opening>([
    [WITHOUT, { tier, id: "remem", size }],
    [WITH, { tier, id: "remem-journal", size }],
  ]);
  bench.progress(title);
  return withContestants(bench, openings, async (contestants) => {
    await Promise.all(Array.from(contestants.values(), (one) => one.tell("fill", { first: 0, count: questions })));
    const takes = await takeRounds(contestants, { ...plan, questions });
    const without = takes.get(WITHOUT)!;
    return {
      id: `journal/${tier}/${promptChars / KB}KB`,
      title,
      columns: {
        wallRatio: { title: "x without" },
        cpuRatio: { title: "CPU x without" },
        wall: { title: "us", digits: 1 },
        cpu: { title: "CPU us", digits: 1 },
      },
      rows: Array.from(takes, ([name, { wallUs, cpuUs }]) => ({
        name,
        cells: {
          wallRatio: spreadOf(ratios(wallUs, without.wallUs)),
          cpuRatio: spreadOf(ratios(cpuUs, without.cpuUs)),
          wall: spreadOf(wallUs).median,
          cpu: spreadOf(cpuUs).median,
        },
      })),
      aims: [{ row: WITH, column: "wallRatio", most: AIMS[tier] }],
      notes: ["A slice ends with lines that are not written yet, and writes some of the slice before."],
    };
  });
}
