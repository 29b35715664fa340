import { fillFile, makeFile } from "../harness/fill-file.ts";
import { ratios, spreadOf } from "../harness/statistics.ts";
import { takeBatch } from "../long-batch/take-batch.ts";
import type { Table } from "../report/table.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { createWorkload } from "../workload.ts";

const KB = 1_024;
const SIZE = { promptChars: 1 * KB, answerChars: 2 * KB };
const MB = 1e6;

export const longBatch: Scenario = {
  id: "long-batch",
  about: "whether an item costs more, and the heap grows, when there are a hundred times as many",
  async *run(bench) {
    const lengths = bench.quick ? [500, 2_000, 10_000] : [1_000, 10_000, 100_000];
    const directory = bench.directory();
    await makeFile(bench, "remem", directory, SIZE);
    bench.progress("long-batch: fill");
    await fillFile(directory, "remem", createWorkload(SIZE), {
      first: 1,
      end: lengths.at(-1)!,
      told: (done) => bench.progress(`long-batch: fill, ${done}`),
    });
    yield await streams(bench, directory, lengths);
    yield await lists(bench, directory, lengths.at(-1)!);
  },
};

async function streams(bench: Bench, directory: string, lengths: readonly number[]): Promise<Table> {
  const takes = lengths.map((items) => ({ items, itemUs: [] as number[], heap: [] as number[], live: 0 }));
  for (let round = 0; round < (bench.quick ? 1 : 3); round++) {
    for (const { items, itemUs, heap } of takes) {
      bench.progress(`long-batch: inferEach, ${items}`);
      const taken = await takeBatch({ directory, size: SIZE, items, way: "inferEach", sampled: "all" });
      itemUs.push(taken.itemUs);
      heap.push(taken.heapBytes / MB);
    }
  }
  for (const take of takes) {
    const { items } = take;
    bench.progress(`long-batch: heap, ${items}`);
    const taken = await takeBatch({ directory, size: SIZE, items, way: "inferEach", sampled: "live" });
    take.live = taken.heapBytes / MB;
  }
  const [, middle, last] = takes as [unknown, (typeof takes)[number], (typeof takes)[number]];
  const longest = nameOf(last.items);
  return {
    id: "long-batch/inferEach",
    title: "inferEach over hits, SQLite, prompts of 1 KB, answers of 2 KB",
    columns: {
      ratio: { title: `x time of ${nameOf(middle.items)}` },
      wall: { title: "us an item", digits: 1 },
      liveRatio: { title: `x heap of ${nameOf(middle.items)}` },
      live: { title: "heap in use, MB", digits: 1 },
      heap: { title: "with garbage, MB", digits: 1 },
    },
    rows: takes.map(({ items, itemUs, heap, live }) => ({
      name: nameOf(items),
      cells: {
        ratio: spreadOf(ratios(itemUs, middle.itemUs)),
        wall: spreadOf(itemUs).median,
        liveRatio: live / middle.live,
        live,
        heap: spreadOf(heap).median,
      },
    })),
    aims: [
      { row: longest, column: "ratio", most: 1.2 },
      { row: longest, column: "liveRatio", most: 1.3 },
    ],
    notes: [
      "The highest of many samples. How much garbage there is when it is collected is the engine's choice, hence the aim for what is in use.",
      "Making the requests is not counted. Each batch has a process of its own, which has answered others before.",
    ],
  };
}

async function lists(bench: Bench, directory: string, items: number): Promise<Table> {
  bench.progress(`long-batch: batchInfer, ${items}`);
  const { itemUs, heapBytes } = await takeBatch({ directory, size: SIZE, items, way: "batchInfer", sampled: "all" });
  return {
    id: "long-batch/batchInfer",
    title: "batchInfer over hits, SQLite, prompts of 1 KB, answers of 2 KB",
    columns: {
      wall: { title: "us an item", digits: 1 },
      bytes: { title: "bytes of a result", digits: 0 },
    },
    rows: [{ name: nameOf(items), cells: { wall: itemUs, bytes: heapBytes / items } }],
    notes: ["A result holds the prompt and the whole answer, and there is an array of them all."],
  };
}

const nameOf = (items: number): string => `${items.toLocaleString("en")} items`;
