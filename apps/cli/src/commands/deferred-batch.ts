import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { DEFERRED_SHARE } from "@remem/inspect";
import type { DeferredJob, DeferredStatus, InferFailure, InferResult } from "remem";
import { inFlags } from "../flags/in-flags.ts";
import { UsageError } from "../flags/usage-error.ts";
import { tell } from "../output/complain.ts";
import { type Output, openOutput } from "../output/output.ts";
import { isTable, jsonLines, table } from "../output/record-format.ts";
import { statusText } from "../progress/deferred-text.ts";
import { summarise } from "../progress/summary.ts";
import { createRequestReader } from "../requests/read-requests.ts";
import type { RequestLine } from "../requests/request-line.ts";
import { budgetFor } from "../spending/budget-for.ts";
import { createCost } from "../spending/cost.ts";
import type { BatchFlags } from "./batch.ts";
import { createDeferredAsker, deferredServer } from "./deferred-asker.ts";
import { INTERRUPTED, onInterrupt } from "./interrupt.ts";
import { isToCome } from "./patience.ts";

/** The exit status while answers are still to come. */
const TO_COME = 3;
const POLL_SECONDS = 60;

/** Answers the lines of a file through the Batch API of the provider. Can be ended at any time, and run again. */
export async function deferredBatch(inputPath: string, flags: BatchFlags): Promise<number> {
  // V8 lets the heap grow to twice the memory in use, and the young generation to 96 MB, when pages of answers come and go.
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=25");
  const startedAt = performance.now();
  const { output: outputPath, samples, wait } = flags;
  if (inputPath === "-") throw new UsageError("--deferred reads its input more than once: give a file instead of -.");
  if (flags.cache !== "default") throw new UsageError("--deferred cannot be combined with --cache.");
  const format = isTable(outputPath) ? table(outputPath, flags) : jsonLines;
  const reader = createRequestReader(inputPath, flags, { takesMessages: true });
  await reader.count();
  const first = await reader.open();
  first.close();
  const server = deferredServer(flags, first);
  const budget = await budgetFor(flags, { share: DEFERRED_SHARE, server });
  const client = createDeferredAsker(flags, first, budget);
  const cost = createCost(server, flags.prices, DEFERRED_SHARE);
  const stop = new AbortController();
  const unsubscribe = onInterrupt(() => stop.abort());
  const seen = { shown: "" };

  function show(status: DeferredStatus): void {
    const text = statusText(status);
    if (text !== seen.shown && status.waiting > 0) tell(text);
    seen.shown = text;
  }
  try {
    const items = {
      async *[Symbol.asyncIterator]() {
        for await (const { item } of (await reader.open()).lines) yield item;
      },
    };
    const output = await openOutput(outputPath, inputPath, format);
    const submit = (): Promise<DeferredJob> => client.deferred(items, { samples, signal: stop.signal });
    let job = await submit();
    if (wait === undefined) {
      const status = await job.status();
      if (status.waiting > 0) return await leave(job, status, output);
    }
    const pollMs = 1_000 * (typeof wait === "number" ? wait : POLL_SECONDS);
    // The reserved amount that the answers have not used is spent on the other requests.
    for (let unasked = wait && budget && (await unaskedAfter(job, pollMs)); unasked; ) {
      job = await submit();
      const left = await unaskedAfter(job, pollMs);
      if (left >= unasked) break;
      unasked = left;
    }
    const written = await write(job.results({ pollMs, onStatus: show }), output);
    const left = written.toCome === undefined ? await output.complete() : await output.leave();
    if (written.toCome === undefined) await job.forget();
    const elapsedMs = performance.now() - startedAt;
    tell(summarise({ ...written, stats: client.stats(), cost, elapsedMs }));
    if (written.toCome !== undefined) {
      const answers = left === undefined ? "" : `the answers so far are in ${left}; `;
      tell(`remem: stopped: ${written.toCome}\nremem: ${answers}run the command again to ask for the rest`);
      return 1;
    }
    if (written.firstFailure !== undefined) {
      tell(`remem: ${written.failed} failed; first failure: ${written.firstFailure}`);
    }
    return written.failed > 0 ? 1 : 0;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    console.error("remem: stopped\nremem: submitted batches continue; run the command again to take their answers");
    return INTERRUPTED;
  } finally {
    unsubscribe();
    await client.close();
  }

  /** Waits for the answers to all submitted requests, and returns how many requests were not submitted. */
  async function unaskedAfter(job: DeferredJob, pollMs: number): Promise<number> {
    for (;;) {
      const status = await job.status();
      show(status);
      if (status.waiting === 0) return status.unasked;
      await sleep(pollMs, undefined, { signal: stop.signal });
    }
  }
  /** Yields each line once for each sample, with the number of the sample. */
  async function* lines(): AsyncGenerator<readonly [line: RequestLine, sample: number | undefined], void, undefined> {
    for await (const line of (await reader.open()).lines) {
      for (let sample = 0; sample < (samples ?? 1); sample++) yield [line, samples && sample];
    }
  }
  async function write(
    results: AsyncIterable<InferResult | InferFailure | undefined>,
    output: Output,
  ): Promise<{ answered: number; failed: number; firstFailure: string | undefined; toCome: string | undefined }> {
    const written = { answered: 0, failed: 0, firstFailure: undefined, toCome: undefined } as Awaited<
      ReturnType<typeof write>
    >;
    const source = lines();
    for await (const result of results) {
      const next = await source.next();
      if (next.done || result === undefined) continue;
      const [line, sample] = next.value;
      if (result.error && isToCome(result.error)) {
        written.toCome ??= inFlags(result.error.message);
        continue;
      }
      if (result.error) {
        written.failed += 1;
        written.firstFailure ??= line.problem ?? inFlags(result.error.message);
      } else {
        written.answered += 1;
        await cost.add(result);
      }
      await output.write(line.record(result, sample));
    }
    await source.return();
    return written;
  }
  /** Writes the answers so far, unless the output goes to another program, which needs all of them. */
  async function leave(job: DeferredJob, status: DeferredStatus, output: Output): Promise<number> {
    if (outputPath !== "-") await write(job.settled(), output);
    const left = await output.leave();
    const answers = left === undefined ? "" : `the answers so far are in ${left}; `;
    tell(`${statusText(status)}\nremem: ${answers}run the command again to take the rest, or add --wait`);
    return TO_COME;
  }
}
