import type { InferFailure, InferResult } from "../chat/answer/infer-result.ts";
import type { ChatCompletion, ChatRequest } from "../chat/chat-completion.ts";
import { type Turn, turns } from "../collections/turns.ts";
import { inOrder } from "../concurrency/in-order.ts";
import type { Call, CallLimits } from "../contracts/call.ts";
import type { Access } from "../engine/access.ts";
import type { ReadThrough } from "../engine/read-through-options.ts";
import { asRememError } from "../errors/errors.ts";
import { notify } from "../observe/events.ts";
import type { InferEachOptions } from "./options.ts";
import type { InferRequest, Prompt } from "./request.ts";

export interface Batch<Item, Output> {
  readonly items: Iterable<Item> | AsyncIterable<Item>;
  /** The number of items, if it is known. */
  readonly total?: number;
  readonly readThrough: Pick<ReadThrough, "batchAccess">;
  readonly provider: string;
  /** If the batch asks for several answers to each item, `sample` is the number of this one. */
  prepare(item: Item, sample: number | undefined): Call<ChatRequest, ChatCompletion>;
  answer(call: Call<ChatRequest, ChatCompletion>, limits: CallLimits, access: Access): Promise<InferResult<Output>>;
}

/** The answers to a batch in the order of its items. A failure stands in the place of its item. */
export async function* answersInOrder<Item extends Prompt | InferRequest, Output>(
  { items, total, readThrough, provider, prepare, answer: infer }: Batch<Item, Output>,
  { samples, concurrency = 10, window, onProgress, timeoutMs, signal }: InferEachOptions,
): AsyncGenerator<InferResult<Output> | InferFailure, void, undefined> {
  const progress = { done: 0, ...(total !== undefined && { total: total * (samples ?? 1) }), hits: 0, failures: 0 };
  const stop = new AbortController();
  const abort = (): void => stop.abort(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted) abort();
  const access = readThrough.batchAccess(concurrency);
  const limits = { signal: stop.signal, timeoutMs };

  async function answer({ item, sample }: Turn<Item>): Promise<InferResult<Output> | InferFailure> {
    let call: Call<ChatRequest, ChatCompletion> | undefined;
    let result: InferResult<Output> | InferFailure;
    try {
      call = prepare(item, sample);
      result = await infer(call, limits, access);
    } catch (thrown) {
      const error = asRememError(thrown, provider, stop.signal);
      result = { error, ...(call !== undefined && { key: call.key }), cacheHit: false };
      progress.failures += 1;
    }
    progress.done += 1;
    if (!result.error && result.source === "store") progress.hits += 1;
    if (onProgress !== undefined) notify("onProgress", onProgress, { ...progress });
    return result;
  }

  try {
    const room = window ?? Math.max(1_024, concurrency === "auto" ? 0 : concurrency);
    yield* inOrder(turns(items, samples), room, answer);
  } finally {
    signal?.removeEventListener("abort", abort);
    stop.abort(); // A reader that stops reading does not need the rest.
  }
}
