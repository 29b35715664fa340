import type { Following, Outcome } from "../../contracts/call.ts";
import type { ChatCompletion } from "../chat-completion.ts";
import type { ChatCompletionChunk } from "../stream/completion-chunk.ts";
import { visibleChunk } from "../stream/visible-chunk.ts";
import type { InferResult } from "./infer-result.ts";

/**
 * A streamed answer. The call begins when the caller reads the first chunk or calls `result()`. An unread stream costs nothing.
 */
export interface InferStream extends AsyncIterable<ChatCompletionChunk> {
  /**
   * The chunks. They can be read once. A caller that leaves the loop leaves the call, and the last caller that leaves aborts
   * it, unless it has called `result()`.
   * @throws as `infer`, after the chunks that have arrived
   */
  [Symbol.asyncIterator](): AsyncIterator<ChatCompletionChunk, void, undefined>;
  /**
   * Resolves to the whole answer, as `infer` does. The caller need not read the chunks, and may read them at the same time.
   * Rejects as `infer` does, and with the code `ABORTED` if the caller has left the loop before.
   */
  result(): Promise<InferResult>;
}

export interface InferStreamParts {
  /** Starts the call. */
  follow(): Following<ChatCompletion>;
  toResult(outcome: Outcome<ChatCompletion>): InferResult;
  readonly showsUsage: boolean;
}

const ended = (): IteratorReturnResult<undefined> => ({ done: true, value: undefined });

export function createInferStream({ follow, toResult, showsUsage }: InferStreamParts): InferStream {
  let following: Following<ChatCompletion> | undefined;
  let result: Promise<InferResult> | undefined;
  let chunks: ReturnType<Following<ChatCompletion>["chunks"]> | undefined;
  let isLeft = false;

  function running(): Following<ChatCompletion> {
    following ??= follow();
    return following;
  }
  const iterator: AsyncIterator<ChatCompletionChunk, void, undefined> = {
    async next() {
      if (isLeft) return ended();
      try {
        chunks ??= running().chunks();
        for (;;) {
          const next = await chunks.next();
          if (next.done || isLeft) return ended();
          const value = visibleChunk(next.value as ChatCompletionChunk, showsUsage);
          if (value !== undefined) return { done: false, value };
        }
      } catch (error) {
        if (isLeft) return ended();
        throw error;
      }
    },
    async return() {
      isLeft = true;
      if (result === undefined) following?.leave();
      return ended();
    },
  };
  return {
    [Symbol.asyncIterator]: () => iterator,
    result() {
      if (result === undefined) {
        result = running().outcome.then(toResult);
        result.catch(() => {}); // The loop over the chunks throws the same error.
      }
      return result;
    },
  };
}
