// Runs one long batch of hits, sends its measurements, and ends.

import { join } from "node:path";
import { type ChatMessage, createClient, type InferRequest } from "@remem/core";
import { sqliteStore } from "@remem/sqlite";
import { createWorkload, type Size } from "../workload.ts";

/** A batch of the first `items` questions, whose answers are all stored in the directory. */
export interface LongBatch {
  readonly directory: string;
  readonly size: Size;
  readonly items: number;
  /** The number of items before the measured ones. */
  readonly warmUp: number;
  readonly way: "inferEach" | "batchInfer";
  /** The samples of the heap during `inferEach`: everything, or only the live data, which takes a garbage collection each time. */
  readonly sampled: "all" | "live";
}

export interface Taken {
  /** Microseconds per item, without creating the requests. */
  readonly itemUs: number;
  /** The highest sample; for `batchInfer` the size of its results. */
  readonly heapBytes: number;
}

const { directory, size, items, warmUp, way, sampled } = JSON.parse(process.argv[2]!) as LongBatch;
const work = createWorkload(size);
const { messages: _, ...params } = JSON.parse(work.requestText(0));
const client = createClient({
  provider: {
    specVersion: 1,
    id: "bench",
    async generate() {
      throw new Error("The model was asked for a stored answer.");
    },
  },
  store: sqliteStore({ path: join(directory, "cache.sqlite") }),
  params,
});

await each(warmUp);
process.send!(await (way === "inferEach" ? each(items) : all(items)));
await client.close();

async function each(count: number): Promise<Taken> {
  const makingUs = timeToMake(count);
  const samples = [heapBytes(true)];
  const every = sampled === "live" ? Math.ceil(count / 20) : 250;
  const start = performance.now();
  let given = 0;
  for await (const result of client.inferEach(requests(count))) {
    check(result, given);
    given += 1;
    if (given % every === 0) samples.push(heapBytes(sampled === "live"));
  }
  const wallUs = (performance.now() - start) * 1_000 - makingUs;
  return { itemUs: wallUs / given, heapBytes: Math.max(...samples) };
}

async function all(count: number): Promise<Taken> {
  const batch = Array.from(requests(count), ({ messages }) => messages);
  const before = heapBytes(true);
  const start = performance.now();
  const results = await client.batchInfer(batch);
  const wallUs = (performance.now() - start) * 1_000;
  const after = heapBytes(true);
  for (const [index, result] of results.entries()) check(result, index);
  return { itemUs: wallUs / count, heapBytes: after - before };
}

function* requests(count: number): Generator<InferRequest & { readonly messages: readonly ChatMessage[] }> {
  for (let index = 0; index < count; index++) yield JSON.parse(work.requestText(index));
}

function check(
  result: { readonly response: string; readonly error?: undefined } | { readonly error: Error },
  index: number,
): void {
  if (result.error) throw result.error;
  if (result.response !== work.answer(index)) throw new Error(`A wrong answer to question ${index}.`);
}

/** The time for creating the requests and checking the answers without a batch. */
function timeToMake(count: number): number {
  const start = performance.now();
  let index = 0;
  for (const _ of requests(count)) {
    check({ response: work.answer(index) }, index);
    index += 1;
  }
  return (performance.now() - start) * 1_000;
}

function heapBytes(collected: boolean): number {
  if (collected) globalThis.gc!();
  return process.memoryUsage().heapUsed;
}
