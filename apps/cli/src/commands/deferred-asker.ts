import {
  type Budget,
  type ClientStats,
  type DeferredFailure,
  type DeferredJob,
  type DeferredOptions,
  type InferFailure,
  type InferRequest,
  type InferResult,
  type MessageBatches,
  type MessageResult,
  messageBatches,
  RememError,
  storeFromUrl,
} from "remem";
import { inMilliseconds } from "../config/resolve-flags.ts";
import { type ClientFlags, createClientFor, serverOf } from "../flags/client-flags.ts";
import { inFlags } from "../flags/in-flags.ts";
import { journalOf } from "../flags/journal-flags.ts";
import { UsageError } from "../flags/usage-error.ts";
import { messageAnswer } from "../requests/message-answer.ts";
import type { Requests } from "../requests/read-requests.ts";

/** Submits requests to a Batch API. */
export interface DeferredAsker {
  deferred(
    items: AsyncIterable<InferRequest>,
    options: DeferredOptions,
  ): Promise<DeferredJob<InferResult | InferFailure>>;
  stats(): ClientStats;
  close(): Promise<void>;
}

/** The server that is asked, by the kind of the requests. */
export function deferredServer(flags: ClientFlags, { isMessages }: Pick<Requests, "isMessages">): string | undefined {
  return isMessages ? process.env.ANTHROPIC_BASE_URL || "https://api.anthropic.com" : serverOf(flags);
}

/** @throws {UsageError} if a flag cannot be used */
export function createDeferredAsker(
  flags: ClientFlags,
  { isMessages, model }: Pick<Requests, "isMessages" | "model">,
  budget: Budget | undefined,
): DeferredAsker {
  if (!isMessages) return createClientFor(flags, { storeModel: model, budget });
  if (flags.pythonKeys !== undefined) throw new UsageError("--python-keys works only with Chat Completions.");
  const batches = openMessageBatches(flags, budget);
  return {
    async deferred(items, options) {
      return answersOf(await batches.deferred(items, options));
    },
    stats: batches.stats,
    close: batches.close,
  };
}

/**
 * Opens the store of the flags, whose file is that of `cachedFetch` and of the gateway: one for all models.
 * @throws {UsageError} if a flag cannot be used
 */
export function openMessageBatches(
  { store, ttlMs, timeout, retries, journal }: Pick<ClientFlags, "store" | "ttlMs" | "timeout" | "retries" | "journal">,
  budget?: Budget | undefined,
): MessageBatches {
  try {
    return messageBatches({
      store: storeFromUrl(store, { config: false }),
      config: false, // The flags are completed already.
      ttlMs,
      timeoutMs: inMilliseconds(timeout),
      maxRetries: retries,
      limits: { budget },
      journal: journalOf(journal),
    });
  } catch (error) {
    if (!RememError.is(error) || error.code !== "INVALID_OPTION") throw error;
    throw new UsageError(inFlags(error.message), { cause: error });
  }
}

function answersOf(job: DeferredJob<MessageResult | DeferredFailure>): DeferredJob<InferResult | InferFailure> {
  const answerOf = (result: MessageResult | DeferredFailure): InferResult | InferFailure =>
    result.error ? (result as InferFailure) : messageAnswer(result as MessageResult);
  return {
    ...job,
    async *results(options) {
      for await (const result of job.results(options)) yield answerOf(result);
    },
    async *settled() {
      for await (const result of job.settled()) yield result && answerOf(result);
    },
  };
}
