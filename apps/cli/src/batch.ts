import type { InferFailure, InferRequest, InferResult } from "remem";
import { type ClientFlags, createClientFor } from "./client-flags.ts";
import { type ColumnFlags, checkColumnFlags } from "./columns.ts";
import { inFlags } from "./in-flags.ts";
import { INTERRUPTED, onInterrupt } from "./interrupt.ts";
import { linesOf, openInput } from "./lines.ts";
import { openOutput } from "./output.ts";
import { createPatience, isToCome, type PatienceFlags } from "./patience.ts";
import { showProgress } from "./progress.ts";
import { type BatchLine, checkLines, parseLine } from "./record.ts";
import { summarise } from "./summary.ts";
import { shownOn } from "./terminal.ts";

export interface BatchFlags extends ClientFlags, ColumnFlags, PatienceFlags {
  /** A file, or `-` for standard output. */
  readonly output: string;
  readonly concurrency: number;
}

/** Answers the lines of a file. Writes each answer as soon as all lines before it are answered. */
export async function batch(inputPath: string, flags: BatchFlags): Promise<number> {
  const startedAt = performance.now();
  const client = createClientFor(flags, (event) => progress.report(event));
  checkColumnFlags(flags);
  const total = await checkLines(inputPath, flags);
  const input = await openInput(inputPath);
  const output = await openOutput(flags.output, inputPath);
  const progress = showProgress(total);
  const started: BatchLine[] = [];
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
    input.destroy();
    progress.stop();
    void client.close();
  }
  const unsubscribe = onInterrupt(() => {
    stop(undefined);
    console.error("remem: stopping; calls in flight get 5 s, Ctrl-C again exits immediately");
  });

  async function* items(): AsyncGenerator<InferRequest, void, undefined> {
    for await (const text of linesOf(input)) {
      if (stopped !== undefined) return;
      const line = parseLine(text, flags);
      started.push(line);
      yield line.item;
    }
  }

  async function writeResult(line: BatchLine, result: InferResult | InferFailure): Promise<void> {
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
    }
    await output.write(line.record(result)).catch(stop);
  }

  const { concurrency } = flags;
  try {
    for await (const result of client.inferEach(items(), { concurrency, onProgress: progress.update })) {
      await writeResult(started.shift()!, result);
    }
    if (stopped === undefined) await output.complete();
    else left = await output.leave();
  } finally {
    unsubscribe();
    progress.stop();
    await client.close();
  }
  if (stopped?.cause !== undefined) throw stopped.cause;
  console.error(summarise({ answered, failed, stats: client.stats(), elapsedMs: performance.now() - startedAt }));
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

/** Prints words of others: a server, or the file. */
function complain(text: string): void {
  console.error(shownOn(process.stderr, text));
}

function howToGoOn(partial: string | undefined): string {
  const answers = partial === undefined ? "" : `the answers so far are in ${partial}; `;
  return `remem: ${answers}run the command again to answer the rest`;
}
