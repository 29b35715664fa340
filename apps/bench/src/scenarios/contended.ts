import type { Bench, Plans } from "../bench.ts";
import { withCrowds } from "../harness/contestant-process.ts";
import { noteOnLocks } from "../harness/note-on-locks.ts";
import { shuffled } from "../harness/rounds.ts";
import { quantile, spreadOf } from "../harness/statistics.ts";
import type { Table } from "../report/table.ts";
import type { Scenario } from "../scenario.ts";
import { USUAL } from "../workload.ts";

interface Plan {
  readonly processes: number;
  readonly rounds: number;
  /** Rounds before the measured ones, until the code is compiled. */
  readonly warmUps: number;
}

const PLANS: Plans<Plan> = {
  full: { processes: 8, rounds: 15, warmUps: 3 },
  quick: { processes: 4, rounds: 2, warmUps: 1 },
  least: { processes: 2, rounds: 1, warmUps: 0 },
};

const QUESTIONS = 50;
const MODEL_MS = 20;

export const contended: Scenario = {
  id: "contended",
  about:
    "how many calls are paid for, and how long they take, when several processes ask the same new questions at once",
  async *run(bench) {
    yield await compare(bench, "sqlite");
    if (bench.redis !== undefined) yield await compare(bench, "redis");
  },
};

interface Takes {
  readonly calls: number[];
  readonly beyondMs: number[];
  readonly worstMs: number[];
}

function compare(bench: Bench, tier: "sqlite" | "redis"): Promise<Table> {
  const { processes, rounds, warmUps } = PLANS[bench.effort];
  const openings = new Map(["floor", "remem"].map((id) => [id, { tier, id, size: USUAL, modelMs: MODEL_MS }]));
  bench.progress(`contended, ${tier}`);
  return withCrowds(bench, openings, processes, async (crowds) => {
    const takes = new Map<string, Takes>(
      Array.from(crowds.keys(), (name) => [name, { calls: [], beyondMs: [], worstMs: [] }]),
    );
    for (let round = -warmUps; round < rounds; round++) {
      bench.progress(`contended, ${tier}: round ${round + 1} of ${rounds}`);
      for (const [name, crowd] of shuffled([...crowds])) {
        const questions = { first: (warmUps + round) * QUESTIONS, count: QUESTIONS };
        const slices = await Promise.all(crowd.map((member) => member.tell("askTogether", questions)));
        if (round < 0) continue;
        const { calls, beyondMs, worstMs } = takes.get(name)!;
        const eachMs = slices.flatMap(({ eachUs }) => eachUs).map((us) => us / 1_000 - MODEL_MS);
        calls.push(slices.reduce((sum, { generated }) => sum + generated, 0));
        beyondMs.push(quantile(eachMs, 0.5));
        worstMs.push(quantile(eachMs, 1));
      }
    }
    return {
      id: `contended/${tier}`,
      title: `${processes} processes ask the same ${QUESTIONS} new questions at once, ${tier}, a model of ${MODEL_MS} ms`,
      columns: {
        calls: { title: "calls of the model, at most", digits: 0 },
        median: { title: "ms beyond the model's, median", digits: 1 },
        worst: { title: "worst of a round", digits: 1 },
        worstOfAll: { title: "worst of all", digits: 1 },
      },
      rows: Array.from(takes, ([name, { calls, beyondMs, worstMs }]) => ({
        name,
        cells: {
          calls: Math.max(...calls),
          median: spreadOf(beyondMs),
          worst: spreadOf(worstMs),
          worstOfAll: Math.max(...worstMs),
        },
      })),
      aims: [{ row: "remem", column: "calls", most: QUESTIONS }],
      ...(tier === "sqlite" && { notes: [noteOnLocks(bench.directory())] }),
    };
  });
}
