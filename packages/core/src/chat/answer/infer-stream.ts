import type { Following, Outcome } from "../../contracts/call.ts";
import type { ChatCompletion } from "../chat-completion.ts";
import type { ChatCompletionChunk } from "../stream/completion-chunk.ts";
import { visibleChunk } from "../stream/visible-chunk.ts";
import type { InferResult } from "./infer-result.ts";

/**
 * An answer as it comes. The call begins with the first chunk that is read, or with `result()`. A stream that is never read costs
 * nothing.
 */
export interface InferStream extends AsyncIterable<ChatCompletionChunk> {
  /**
   * The chunks, to be read once. Leaving the loop leaves the call, and the last caller to leave aborts it, unless `result()` was
   * called.
   * @throws as `infer`, after the chunks that came
   */
  [Symbol.asyncIterator](): AsyncIterator<ChatCompletionChunk, void, undefined>;
  /**
   * The whole answer, as `infer` gives it, once it is there: also without reading the chunks, or while they are read. Rejects as
   * `infer` does, and with the code `ABORTED` where the loop was left before.
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
