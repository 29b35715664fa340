import type { Bench, Plans } from "../bench.ts";
import { startChild } from "../harness/child.ts";
import { fillFile } from "../harness/fill-file.ts";
import { keepAnswers } from "../harness/keep-answers.ts";
import { ratios, spreadOf } from "../harness/statistics.ts";
import type { LongBatch, Taken } from "../processes/long-batch.ts";
import type { Table } from "../report/table.ts";
import type { Scenario } from "../scenario.ts";
import { createWorkload, textOfSize, USUAL } from "../workload.ts";

interface Plan {
  readonly lengths: readonly [short: number, middle: number, long: number];
  /** Items before the measured ones, until the code is compiled. Not more than the longest batch has. */
  readonly warmUp: number;
  readonly rounds: number;
}

const PLANS: Plans<Plan> = {
  full: { lengths: [1_000, 10_000, 100_000], warmUp: 5_000, rounds: 3 },
  quick: { lengths: [500, 3_000, 6_000], warmUp: 1_000, rounds: 1 },
  least: { lengths: [5, 10, 20], warmUp: 5, rounds: 1 },
};

const MB = 1e6;

export const longBatch: Scenario = {
  id: "long-batch",
  about: "whether items cost more, and the heap grows, in a batch that is a hundred times as long",
  async *run(bench) {
    const { lengths } = PLANS[bench.effort];
    bench.progress("long-batch: fill");
    const directory = await keepAnswers(bench, { tier: "sqlite", id: "remem", size: USUAL }, 1);
    await fillFile(directory, "remem", createWorkload(USUAL), {
      first: 1,
      end: lengths[2],
      told: (done) => bench.progress(`long-batch: fill, ${done}`),
    });
    yield await streams(bench, directory);
    yield await lists(bench, directory, lengths[2]);
  },
};

async function streams(bench: Bench, directory: string): Promise<Table> {
  const { lengths, rounds } = PLANS[bench.effort];
  const takes = lengths.map((items) => ({ items, itemUs: [] as number[], heap: [] as number[], live: 0 }));
  for (let round = 0; round < rounds; round++) {
    for (const { items, itemUs, heap } of takes) {
      const taken = await takeBatch(bench, { directory, items, way: "inferEach", sampled: "all" });
      itemUs.push(taken.itemUs);
      heap.push(taken.heapBytes / MB);
    }
  }
  for (const take of takes) {
    const { heapBytes } = await takeBatch(bench, { directory, items: take.items, way: "inferEach", sampled: "live" });
    take.live = heapBytes / MB;
  }
  const [, middle, last] = takes;
  const longest = nameOf(last!.items);
  return {
    id: "long-batch/inferEach",
    title: `inferEach over hits, SQLite, ${textOfSize(USUAL)}`,
    columns: {
      ratio: { title: `x time of ${nameOf(middle!.items)}` },
      wall: { title: "us an item", digits: 1 },
      liveRatio: { title: `x heap of ${nameOf(middle!.items)}` },
      live: { title: "heap in use, MB", digits: 1 },
      heap: { title: "with garbage, MB", digits: 1 },
    },
    rows: takes.map(({ items, itemUs, heap, live }) => ({
      name: nameOf(items),
      cells: {
        ratio: spreadOf(ratios(itemUs, middle!.itemUs)),
        wall: spreadOf(itemUs).median,
        liveRatio: live / middle!.live,
        live,
        heap: spreadOf(heap).median,
      },
    })),
    aims: [
      { row: longest, column: "ratio", most: 1.2 },
      { row: longest, column: "liveRatio", most: 1.3 },
    ],
    notes: [
      "The highest of many samples. The engine decides how much garbage accumulates, so the aim is for the heap in use.",
      "Creating the requests does not count. Each batch runs in a process of its own, after a warm-up.",
    ],
  };
}

async function lists(bench: Bench, directory: string, items: number): Promise<Table> {
  const { itemUs, heapBytes } = await takeBatch(bench, { directory, items, way: "batchInfer", sampled: "all" });
  return {
    id: "long-batch/batchInfer",
    title: `batchInfer over hits, SQLite, ${textOfSize(USUAL)}`,
    columns: {
      wall: { title: "us an item", digits: 1 },
      bytes: { title: "bytes of a result", digits: 0 },
    },
    rows: [{ name: nameOf(items), cells: { wall: itemUs, bytes: heapBytes / items } }],
    notes: ["A result contains the prompt and the whole answer, and all results are in one array."],
  };
}

/** Runs the batch in a process of its own, so that it does not share its heap with another. */
async function takeBatch(bench: Bench, batch: Omit<LongBatch, "size" | "warmUp">): Promise<Taken> {
  bench.progress(`long-batch: ${batch.way}, ${batch.items}, ${batch.sampled}`);
  const { warmUp } = PLANS[bench.effort];
  const child = startChild("long-batch", [JSON.stringify({ ...batch, size: USUAL, warmUp } satisfies LongBatch)]);
  try {
    return (await child.ask()) as Taken;
  } finally {
    await child.end();
  }
}

const nameOf = (items: number): string => `${items.toLocaleString("en")} items`;
