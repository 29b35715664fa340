import type { ChatCompletion, ChatRequest } from "./chat/chat-completion.ts";
import { type InferFailure, type InferResult, toResult } from "./chat/infer-result.ts";
import { inOrder } from "./concurrency/in-order.ts";
import type { Call } from "./contracts/call.ts";
import type { ReadThrough } from "./engine/read-through-options.ts";
import { asRememError } from "./errors/errors.ts";
import { notify } from "./observe/events.ts";
import type { InferEachOptions } from "./options.ts";
import type { InferRequest, Prompt } from "./request.ts";

export interface Batch<Item> {
  readonly items: Iterable<Item> | AsyncIterable<Item>;
  /** How many items there are, where that is known. */
  readonly total?: number;
  readonly readThrough: ReadThrough;
  readonly provider: string;
  prepare(item: Item): Call<ChatRequest, ChatCompletion>;
}

/** The answers to a batch in the order of its items. A failure stands in the place of its item. */
export async function* answersInOrder<Item extends Prompt | InferRequest>(
  { items, total, readThrough, provider, prepare }: Batch<Item>,
  { concurrency = 10, window = Math.max(1_024, concurrency), onProgress, timeoutMs, signal }: InferEachOptions,
): AsyncGenerator<InferResult | InferFailure, void, undefined> {
  const progress = { done: 0, ...(total !== undefined && { total }), hits: 0, failures: 0 };
  const stop = new AbortController();
  const abort = (): void => stop.abort(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted) abort();
  const access = readThrough.batchAccess(concurrency);
  const limits = { signal: stop.signal, timeoutMs };

  async function answer(item: Item): Promise<InferResult | InferFailure> {
    let call: Call<ChatRequest, ChatCompletion> | undefined;
    let result: InferResult | InferFailure;
    try {
      call = prepare(item);
      result = toResult(call, await readThrough.get(call, limits, access));
    } catch (thrown) {
      const error = asRememError(thrown, provider, stop.signal);
      result = { error, ...(call !== undefined && { key: call.key }), cacheHit: false };
      progress.failures += 1;
    }
    progress.done += 1;
    if (result.cacheHit) progress.hits += 1;
    if (onProgress !== undefined) notify("onProgress", onProgress, { ...progress });
    return result;
  }

  try {
    yield* inOrder(items, window, answer);
  } finally {
    signal?.removeEventListener("abort", abort);
    stop.abort(); // A reader that stops reading does not want the rest.
  }
}
