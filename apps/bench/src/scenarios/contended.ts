import { type Crowd, type CrowdOptions, withCrowds } from "../harness/crowd.ts";
import { noteOnLocks } from "../harness/file-system.ts";
import { shuffled } from "../harness/rounds.ts";
import { quantile, spreadOf } from "../harness/statistics.ts";
import type { Table } from "../report/table.ts";
import type { Bench, Scenario } from "../scenario.ts";

const KB = 1_024;
const SIZE = { promptChars: 1 * KB, answerChars: 2 * KB };
const PROCESSES = 8;
const QUESTIONS = 50;
const MODEL_MS = 20;

export const contended: Scenario = {
  id: "contended",
  about: "what is paid, and how long it takes, when several processes ask the same new questions at once",
  async *run(bench) {
    for (const tier of bench.redisUrl === undefined ? ["sqlite"] : ["sqlite", "redis"]) {
      const options = ["floor", "remem"].map((name, at): [string, CrowdOptions] => [
        name,
        {
          module: `${tier}/${name}`,
          size: SIZE,
          processes: PROCESSES,
          redisUrl: `${bench.redisUrl}/${DATABASES[at]}`,
          modelMs: MODEL_MS,
        },
      ]);
      yield await withCrowds(new Map(options), (crowds) => compare(bench, tier, crowds));
    }
  },
};

/** Of Redis. No other scenario uses them. */
const DATABASES = [8, 9];

interface Takes {
  readonly calls: number[];
  readonly beyondMs: number[];
  readonly worstMs: number[];
}

async function compare(bench: Bench, tier: string, crowds: ReadonlyMap<string, Crowd>): Promise<Table> {
  const takes = new Map<string, Takes>(
    Array.from(crowds.keys(), (name) => [name, { calls: [], beyondMs: [], worstMs: [] }]),
  );
  for (const crowd of crowds.values()) await crowd.open(bench.directory());
  const rounds = bench.quick ? 2 : 15;
  const warmUps = bench.quick ? 1 : 3; // Until the code is compiled.
  for (let round = -warmUps; round < rounds; round++) {
    bench.progress(`contended, ${tier}: round ${round + 1} of ${rounds}`);
    for (const [name, crowd] of shuffled([...crowds])) {
      const slices = await crowd.tell("askTogether", () => [
        { first: (warmUps + round) * QUESTIONS, count: QUESTIONS },
      ]);
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
    title: `${PROCESSES} processes ask the same ${QUESTIONS} new questions at once, ${tier}, a model of ${MODEL_MS} ms`,
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
}
