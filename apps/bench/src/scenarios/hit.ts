import type { Bench, Plans } from "../bench.ts";
import { CONTESTANTS, NOTES, type Opening, type Tier } from "../contestants.ts";
import { startChild } from "../harness/child.ts";
import { withContestants } from "../harness/contestant-process.ts";
import { takeRounds } from "../harness/rounds.ts";
import { tableOfHits } from "../report/hits.ts";
import type { Aim, Table } from "../report/table.ts";
import type { Scenario } from "../scenario.ts";
import { KB, textOfSize } from "../workload.ts";

interface Plan {
  readonly promptSizes: readonly number[];
  /** Whether contestants other than the floors and remem are measured. */
  readonly peers: boolean;
  readonly questions: number;
  readonly rounds: number;
  readonly sliceMs: number;
  readonly warmUpMs: number;
}

const PLANS: Plans<Plan> = {
  full: {
    promptSizes: [1 * KB, 20 * KB, 200 * KB],
    peers: true,
    questions: 500,
    rounds: 31,
    sliceMs: 30,
    // In Redis these are some 30,000 hits: only then is everything on their way compiled.
    warmUpMs: 3_000,
  },
  quick: { promptSizes: [1 * KB], peers: true, questions: 100, rounds: 7, sliceMs: 10, warmUpMs: 60 },
  least: { promptSizes: [1 * KB], peers: false, questions: 5, rounds: 1, sliceMs: 1, warmUpMs: 0 },
};

const ANSWER_CHARS = 2 * KB;

/** As multiples of the floor, for prompts up to 20 KB. */
const AIMS: Readonly<Record<Tier, number>> = { memory: 1.3, sqlite: 1.3, redis: 1.15, tiered: 1.3 };

/** As multiples of the bare floor, for prompts of 20 KB. */
const BARE_AIMS: Partial<Readonly<Record<Tier, number>>> = { memory: 1.25, sqlite: 1.35, redis: 1.15 };

export const hit: Scenario = {
  id: "hit",
  about: "what a stored answer costs: in memory, in SQLite, in Redis, in memory in front of SQLite",
  async *run(bench) {
    for (const tier of Object.keys(CONTESTANTS) as Tier[]) {
      if (tier === "redis" && bench.redis === undefined) continue;
      for (const promptChars of PLANS[bench.effort].promptSizes) yield await compare(bench, tier, promptChars);
    }
  },
};

async function compare(bench: Bench, tier: Tier, promptChars: number): Promise<Table> {
  const plan = PLANS[bench.effort];
  const size = { promptChars, answerChars: ANSWER_CHARS };
  const title = `Hit, ${tier}, ${textOfSize(size)}`;
  const questions = Math.min(plan.questions, promptChars > 20 * KB ? 100 : Number.POSITIVE_INFINITY);
  const openings = new Map<string, Opening>();
  for (const [id, label] of Object.entries(CONTESTANTS[tier])) {
    if (plan.peers || id === "floor" || id === "bare" || id === "remem") openings.set(label, { tier, id, size });
  }
  const server =
    tier === "memory" && promptChars === 1 * KB ? startChild("completions-server", [JSON.stringify(size)]) : undefined;
  try {
    if (server !== undefined)
      openings.set("openai, no cache", { tier, id: "openai", size, serverUrl: (await server.ask()) as string });
    bench.progress(title);
    return await withContestants(bench, openings, async (contestants) => {
      await Promise.all(Array.from(contestants.values(), (one) => one.tell("fill", { first: 0, count: questions })));
      return {
        id: `hit/${tier}/${promptChars / KB}KB`,
        title,
        ...tableOfHits(await takeRounds(contestants, { ...plan, questions })),
        aims: aimsFor(tier, promptChars),
        notes: NOTES[tier],
      };
    });
  } finally {
    await server?.end();
  }
}

function aimsFor(tier: Tier, promptChars: number): Aim[] {
  const bare = BARE_AIMS[tier];
  return [
    ...(promptChars <= 20 * KB ? [{ row: "remem", column: "ratio", most: AIMS[tier] }] : []),
    ...(promptChars === 20 * KB && bare !== undefined ? [{ row: "remem", column: "bareRatio", most: bare }] : []),
  ];
}
