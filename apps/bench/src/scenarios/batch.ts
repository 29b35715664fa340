import type { Bench, Plans } from "../bench.ts";
import type { Tier } from "../contestants.ts";
import { type ContestantProcess, withContestants } from "../harness/contestant-process.ts";
import { takeRounds } from "../harness/rounds.ts";
import { ratios, spreadOf } from "../harness/statistics.ts";
import type { Aim, Table } from "../report/table.ts";
import type { Scenario } from "../scenario.ts";
import { textOfSize, USUAL } from "../workload.ts";

interface Plan {
  readonly items: number;
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly repeatRounds: number;
}

const PLANS: Plans<Plan> = {
  full: { items: 1_000, rounds: 31, warmUpMs: 1_000, repeatRounds: 9 },
  quick: { items: 200, rounds: 5, warmUpMs: 100, repeatRounds: 2 },
  least: { items: 10, rounds: 1, warmUpMs: 0, repeatRounds: 1 },
};

const TIERS = ["memory", "sqlite", "redis"] as const satisfies Tier[];
type BatchTier = (typeof TIERS)[number];

export const batch: Scenario = {
  id: "batch",
  about: "what an item of a batch costs, if all are stored, and if half of them repeat the other half",
  async *run(bench) {
    for (const tier of TIERS) {
      if (tier === "redis" && bench.redis === undefined) continue;
      const openings = new Map(["floor", "remem"].map((id) => [id, { tier, id, size: USUAL }]));
      yield* await withContestants(bench, openings, async (contestants) => {
        const [floor, remem] = [contestants.get("floor")!, contestants.get("remem")!];
        return [await hits(bench, tier, floor, remem), await repeats(bench, tier, floor, remem)];
      });
    }
  },
};

const ONE_BY_ONE = "floor, one by one";
const FLOOR_AT_ONCE = "floor, at once";
const REMEM_AT_ONCE = "remem, at once";
const REMEM_ONE_BY_ONE = "remem, one by one";

const HIT_AIMS: Readonly<Partial<Record<BatchTier, Aim>>> = {
  sqlite: { row: REMEM_AT_ONCE, column: "ratio", most: 1 },
  redis: { row: REMEM_AT_ONCE, column: "toAtOnce", most: 1.2 },
};

async function hits(bench: Bench, tier: BatchTier, floor: ContestantProcess, remem: ContestantProcess): Promise<Table> {
  const { items, rounds, warmUpMs } = PLANS[bench.effort];
  bench.progress(`batch, ${tier}: hits`);
  await Promise.all([floor, remem].map((contestant) => contestant.tell("fill", { first: 0, count: items })));
  // A floor gains by asking for many at once only over a network.
  const ways = new Map([
    [ONE_BY_ONE, floor],
    ...(tier === "redis" ? [[FLOOR_AT_ONCE, floor] as const] : []),
    [REMEM_AT_ONCE, remem],
    [REMEM_ONE_BY_ONE, remem],
  ]);
  const takes = await takeRounds(ways, {
    questions: items,
    rounds,
    sliceMs: Number.POSITIVE_INFINITY,
    warmUpMs,
    atOnce: new Set([FLOOR_AT_ONCE, REMEM_AT_ONCE]),
  });
  const oneByOne = takes.get(ONE_BY_ONE)!.wallUs;
  const atOnce = takes.get(FLOOR_AT_ONCE)?.wallUs;
  const aim = HIT_AIMS[tier];
  return {
    id: `batch/${tier}/hits`,
    title: `Batch of ${items.toLocaleString("en")} hits, ${tier}, ${textOfSize(USUAL)}`,
    columns: {
      ratio: { title: `x ${ONE_BY_ONE}` },
      ...(atOnce !== undefined && { toAtOnce: { title: `x ${FLOOR_AT_ONCE}` } }),
      wall: { title: "us an item", digits: 1 },
      cpu: { title: "CPU us", digits: 1 },
    },
    rows: Array.from(takes, ([name, { wallUs, cpuUs }]) => ({
      name,
      cells: {
        ratio: spreadOf(ratios(wallUs, oneByOne)),
        ...(atOnce !== undefined && { toAtOnce: spreadOf(ratios(wallUs, atOnce)) }),
        wall: spreadOf(wallUs).median,
        cpu: spreadOf(cpuUs).median,
      },
    })),
    ...(aim !== undefined && { aims: [aim] }),
  };
}

/** The first question that no other part of this scenario has asked. */
const FIRST_NEW = 1_000_000;

async function repeats(
  bench: Bench,
  tier: BatchTier,
  floor: ContestantProcess,
  remem: ContestantProcess,
): Promise<Table> {
  const { items, repeatRounds } = PLANS[bench.effort];
  bench.progress(`batch, ${tier}: repeats`);
  const ways = [
    { name: ONE_BY_ONE, contestant: floor, atOnce: false, takes: [] as number[], calls: 0 },
    { name: REMEM_AT_ONCE, contestant: remem, atOnce: true, takes: [] as number[], calls: 0 },
    { name: REMEM_ONE_BY_ONE, contestant: remem, atOnce: false, takes: [] as number[], calls: 0 },
  ];
  const different = items / 2;
  for (let round = -1; round < repeatRounds; round++) {
    for (const [turn, way] of ways.entries()) {
      const first = FIRST_NEW + ((round + 1) * ways.length + turn) * different;
      const questions = { first, count: items, among: different };
      const { wallUs, generated } = await way.contestant.tell("run", { ...questions, atOnce: way.atOnce });
      if (round < 0) continue; // The warm-up, until the code is compiled.
      way.takes.push(wallUs / items);
      way.calls = Math.max(way.calls, generated);
    }
  }
  return {
    id: `batch/${tier}/repeats`,
    title: `Batch of ${items.toLocaleString("en")} new items, half of them repeats, ${tier}, a model without latency`,
    columns: {
      ratio: { title: `x ${ONE_BY_ONE}` },
      wall: { title: "us an item", digits: 1 },
      calls: { title: "calls of the model", digits: 0 },
    },
    rows: ways.map(({ name, takes, calls }) => ({
      name,
      cells: { ratio: spreadOf(ratios(takes, ways[0]!.takes)), wall: spreadOf(takes).median, calls },
    })),
    aims: [{ row: REMEM_AT_ONCE, column: "calls", most: different, least: different }],
    notes: [
      "The floor does not coordinate processes. remem uses lock files or leases, so that other processes do not pay as well.",
    ],
  };
}
