import { type ChatCompletionChunk, chatChunks, isMembers } from "@remem/core/plugin";
import { createEventReader } from "../body/event-reader.ts";
import { parseOr } from "../body/parse-body.ts";
import { type AnswerContext, tooLarge } from "../errors/answer-errors.ts";
import { checkChunk, checkCompletion, chunkIn } from "./check-answer.ts";
import type { OpenAnswer } from "./open-answer.ts";
import { completionIn, isStream } from "./read-completion.ts";

export interface StreamLimits {
  /** The size limit of the body after decompression. */
  readonly maxBytes: number;
  /** Waits for the next piece, within the time limit and until the signal is aborted. */
  wait<T>(piece: Promise<T>): Promise<T>;
}

/**
 * Reads the chunks of a stream of any content type as they arrive. A whole answer gives its chunks. The caller checks whether
 * the answer is complete.
 * @throws {ProviderError} if it is something else, or has an error
 */
export async function* readStream(
  answer: OpenAnswer,
  limits: StreamLimits,
  context: Omit<AnswerContext, "status">,
): AsyncGenerator<ChatCompletionChunk, void, undefined> {
  if ("response" in answer) {
    yield* chunksInBody(answer.response, limits, { ...context, status: answer.response.status });
    return;
  }
  const { value, status } = answer;
  const at = { ...context, status };
  if (isStream(value)) yield* parsedChunks(value, limits, at);
  else yield* chatChunks(typeof value === "string" ? completionIn(value, at) : checkCompletion(value, at));
}

async function* chunksInBody(
  response: Response,
  limits: StreamLimits,
  context: AnswerContext,
): AsyncGenerator<ChatCompletionChunk, void, undefined> {
  const events = createEventReader();
  const texts = textsIn(response, limits, context);
  let hasChunks = false;
  let head = ""; // The text before the first chunk may not be a stream.
  for await (const text of texts) {
    if (!hasChunks) head += text;
    for (const event of events.feed(text)) {
      if (event.data === "[DONE]") {
        texts.end();
        break;
      }
      const chunk = chunkIn(event, context);
      hasChunks = true;
      if (isMembers(chunk)) yield chunk as ChatCompletionChunk;
    }
  }
  if (hasChunks) {
    // A server that fails may not even end the event of its error.
    const cut = texts.isEnded() ? undefined : events.end();
    if (cut !== undefined) checkChunk(parseOr(cut.data), context);
  } else yield* chatChunks(completionIn(head, context));
}

/** The chunks of a stream that the SDK has parsed. */
async function* parsedChunks(
  chunks: AsyncIterable<unknown>,
  { wait }: StreamLimits,
  context: AnswerContext,
): AsyncGenerator<ChatCompletionChunk, void, undefined> {
  const iterator = chunks[Symbol.asyncIterator]();
  let isOver = false;
  try {
    for (;;) {
      const next = await wait(iterator.next());
      isOver = next.done === true;
      if (next.done) return;
      checkChunk(next.value, context);
      if (isMembers(next.value)) yield next.value as ChatCompletionChunk;
    }
  } finally {
    // Not awaited: a stream that stalls ends with its request.
    if (!isOver) iterator.return?.().catch(() => {});
  }
}

/** The text of a body, piece by piece. */
interface Texts extends AsyncIterable<string> {
  /** Ends the text before the body: the rest after the last event is read and dropped, so that the connection can be used again. */
  end(): void;
  isEnded(): boolean;
}

function textsIn({ body }: Response, { maxBytes, wait }: StreamLimits, context: AnswerContext): Texts {
  let isEnded = false;

  async function* read(): AsyncGenerator<string, void, undefined> {
    if (body === null) return;
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let bytes = 0;
    try {
      while (!isEnded) {
        const { done, value } = await wait(reader.read());
        if (done) break;
        bytes += value.length;
        if (bytes > maxBytes) throw tooLarge(maxBytes, context);
        yield decoder.decode(value, { stream: true });
      }
      if (!isEnded) yield decoder.decode();
    } finally {
      void (isEnded ? drain(reader) : reader.cancel().catch(() => {}));
    }
  }
  return {
    [Symbol.asyncIterator]: read,
    end() {
      isEnded = true;
    },
    isEnded: () => isEnded,
  };
}

/** How long the end of a body may take after its last event. */
const DRAIN_MS = 1_000;

async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const timer = setTimeout(() => reader.cancel().catch(() => {}), DRAIN_MS).unref();
  try {
    while (!(await reader.read()).done);
  } catch {
    // The answer has arrived.
  } finally {
    clearTimeout(timer);
  }
}
