import type { ChatCompletion } from "./chat/chat-completion.ts";
import type { ChatCompletionChunk } from "./chat/completion-chunk.ts";
import type { InferResult } from "./chat/infer-result.ts";
import { visibleChunk } from "./chat/visible-chunk.ts";
import type { Following, Outcome } from "./contracts/call.ts";

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

export function createInferStream({ follow, toResult, showsUsage }: InferStreamParts): InferStream {
  let following: Following<ChatCompletion> | undefined;
  let result: Promise<InferResult> | undefined;
  let isLeft = false;

  function running(): Following<ChatCompletion> {
    following ??= follow();
    return following;
  }
  async function* read(): AsyncGenerator<ChatCompletionChunk, void, undefined> {
    try {
      for await (const chunk of running().chunks()) {
        const visible = visibleChunk(chunk as ChatCompletionChunk, showsUsage);
        if (visible !== undefined) yield visible;
      }
    } catch (error) {
      if (!isLeft) throw error;
    }
  }
  const chunks = read();
  const iterator: AsyncIterator<ChatCompletionChunk, void, undefined> = {
    next: () => chunks.next(),
    return() {
      isLeft = true;
      if (result === undefined) following?.leave();
      // Of the generator alone: it would wait for a chunk that is being read, and the call go on until then.
      return chunks.return();
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
