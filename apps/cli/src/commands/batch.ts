import type { BatchProgress, InferFailure, InferRequest, InferResult, RememEvent } from "remem";
import { type ClientFlags, createClientFor, serverOf } from "../flags/client-flags.ts";
import { inFlags } from "../flags/in-flags.ts";
import { openOutput } from "../output/output.ts";
import { isTable, jsonLines, table } from "../output/record-format.ts";
import { shownOn } from "../output/terminal.ts";
import { type Counts, showProgress } from "../progress/progress.ts";
import { summarise } from "../progress/summary.ts";
import { createRequestReader, type RequestFlags } from "../requests/read-requests.ts";
import type { RequestLine } from "../requests/request-line.ts";
import type { BudgetFlags } from "../spending/budget.ts";
import { budgetFor } from "../spending/budget-for.ts";
import { createCost } from "../spending/cost.ts";
import { INTERRUPTED, onInterrupt } from "./interrupt.ts";
import { createPatience, isToCome, type PatienceFlags } from "./patience.ts";
import { keepHeapSmall } from "./small-heap.ts";

export interface BatchFlags extends ClientFlags, RequestFlags, PatienceFlags, BudgetFlags {
  readonly concurrency: number | "auto";
  /** The number of independent answers to each line. One, if left out. */
  readonly samples?: number;
  /** Submits the misses to the Batch API of the provider. */
  readonly deferred?: boolean;
  /** Waits until a deferred batch is answered. The interval between two looks in seconds, or true. */
  readonly wait?: number | boolean;
  /** The file for requests that are not stored: then no provider is asked. */
  readonly misses?: string;
}

/** Answers the lines of a file. Writes each answer as soon as all lines before it are answered. */
export async function batch(inputPath: string, flags: BatchFlags): Promise<number> {
  const startedAt = performance.now();
  keepHeapSmall();
  const { output: outputPath, concurrency, samples } = flags;
  const format = isTable(outputPath) ? table(outputPath, flags) : jsonLines;
  const reader = createRequestReader(inputPath, flags);
  const lines = await reader.count();
  const requests = await reader.open();
  const budget = await budgetFor(flags);
  const onEvent = (event: RememEvent): void => progress.report(event);
  const client = createClientFor(flags, { storeModel: requests.model, budget, onEvent });
  const output = await openOutput(outputPath, inputPath, format);
  const cost = createCost(serverOf(flags), flags.prices);
  let settled: BatchProgress = { done: 0, hits: 0, failures: 0 };
  function counts(): Counts {
    const { prompt, completion } = client.stats().tokens.paid;
    return { ...settled, tokens: prompt + completion, dollars: cost.dollars() };
  }
  const progress = showProgress(lines && lines * (samples ?? 1), counts, {
    withAnswers: outputPath === "-" && process.stdout.isTTY,
  });
  const started: Array<{ readonly line: RequestLine; readonly sample: number | undefined }> = [];
  let stopped: { readonly cause: unknown } | undefined;
  let answered = 0;
  let failed = 0;
  let firstFailure: string | undefined;
  let surrender: string | undefined;
  let left: string | undefined;
  const patience = createPatience(flags);

  /** Starts no further calls, and lets those in flight finish: they are paid for, and the store keeps their answers. */
  function stop(cause: unknown): void {
    if (stopped !== undefined) return;
    stopped = { cause };
    requests.close();
    progress.stop();
    void client.close();
  }
  const unsubscribe = onInterrupt(() => {
    stop(undefined);
    console.error("remem: stopping; calls in flight get 5 s, Ctrl-C again exits immediately");
  });

  async function* items(): AsyncGenerator<InferRequest, void, undefined> {
    for await (const line of requests.lines) {
      if (stopped !== undefined) return;
      for (let sample = 0; sample < (samples ?? 1); sample++) started.push({ line, sample: samples && sample });
      yield line.item;
    }
  }

  async function writeResult(
    line: RequestLine,
    sample: number | undefined,
    result: InferResult | InferFailure,
  ): Promise<void> {
    if (stopped !== undefined && result.error?.code === "CLIENT_CLOSED") return;
    if (stopped === undefined) {
      surrender = patience.exhausted(result);
      if (surrender !== undefined) stop(undefined);
    }
    if (result.error && isToCome(result.error)) return;
    if (result.error) {
      failed += 1;
      firstFailure ??= line.problem ?? inFlags(result.error.message);
    } else {
      answered += 1;
      await cost.add(result);
    }
    await output.write(line.record(result, sample)).catch(stop);
  }

  try {
    const onProgress = (now: BatchProgress): void => {
      settled = now;
    };
    for await (const result of client.inferEach(items(), { samples, concurrency, onProgress })) {
      const { line, sample } = started.shift()!;
      await writeResult(line, sample, result);
    }
    if (stopped === undefined) await output.complete();
    else left = await output.leave();
  } finally {
    unsubscribe();
    progress.stop();
    await client.close();
  }
  if (stopped?.cause !== undefined) throw stopped.cause;
  const elapsedMs = performance.now() - startedAt;
  complain(summarise({ answered, failed, stats: client.stats(), cost, elapsedMs }));
  if (surrender !== undefined) {
    complain(`remem: stopped: ${surrender}\n${howToGoOn(left)}`);
    return 1;
  }
  if (firstFailure !== undefined) complain(`remem: ${failed} failed; first failure: ${firstFailure}`);
  if (stopped !== undefined) {
    console.error(`remem: stopped\n${howToGoOn(left)}`);
    return INTERRUPTED;
  }
  return failed > 0 ? 1 : 0;
}

/** Prints a text of a server or of the file, such as the name of a model. */
function complain(text: string): void {
  console.error(shownOn(process.stderr, text));
}

function howToGoOn(partial: string | undefined): string {
  const answers = partial === undefined ? "" : `the answers so far are in ${partial}; `;
  return `remem: ${answers}run the command again to answer the rest`;
}
