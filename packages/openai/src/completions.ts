import {
  type ChatCompletionChunk,
  type ChatRequest,
  createTimeout,
  type GenerateContext,
  type LLMProvider,
  ProviderError,
  raceSignal,
} from "@remem/core/plugin";
import type { OpenAnswer } from "./answer/open-answer.ts";
import { readCompletion } from "./answer/read-completion.ts";
import { readStream, type StreamLimits } from "./answer/read-stream.ts";
import { stalled } from "./errors/answer-errors.ts";
import { type CompletionsOptions, maxBytesOf, openSession, type Session } from "./session.ts";

/** The part of a provider that asks a server. */
export type Completions = Required<Pick<LLMProvider, "generate" | "stream">>;

/** Creates the `generate` and `stream` of a provider that asks through an `openai` client. */
export function completions(options: CompletionsOptions): Completions {
  const { id, timeoutMs, timeoutOption = "`timeoutMs`" } = options;
  const maxBytes = maxBytesOf(options);
  let refusesStreamOptions = false;

  async function* attempt(
    request: ChatRequest,
    context: GenerateContext,
  ): AsyncGenerator<ChatCompletionChunk, void, undefined> {
    const { signal } = context;
    const { send, about, failed } = await openSession(options, context, true);
    const idle = createTimeout(timeoutMs);
    const limits: StreamLimits = {
      maxBytes,
      wait: (piece) =>
        raceSignal(
          idle(piece, () => stalled(timeoutMs, timeoutOption, id)),
          signal,
        ),
    };
    let isBegun = false;
    try {
      for await (const chunk of readStream(await raceSignal(ask(send, request, signal), signal), limits, about)) {
        isBegun = true;
        yield chunk;
      }
    } catch (error) {
      throw failed(error, isBegun);
    }
  }

  return {
    async generate(request, context) {
      const { send, about, failed } = await openSession(options, context, false);
      try {
        const answer = async () => readCompletion(await ask(send, request, context.signal), maxBytes, about);
        return await raceSignal(answer(), context.signal);
      } catch (error) {
        throw failed(error, false);
      }
    },
    async *stream(request, context) {
      if (!refusesStreamOptions) {
        let isBegun = false;
        try {
          for await (const chunk of attempt(streamed(request, { include_usage: true }), context)) {
            isBegun = true;
            yield chunk;
          }
          return;
        } catch (error) {
          if (isBegun || !isAboutStreamOptions(error)) throw error;
          refusesStreamOptions = true; // Older servers do not know them.
        }
      }
      yield* attempt(streamed(request), context);
    },
  };
}

/** The request as it is sent for a stream. */
function streamed({ stream: _, stream_options: __, ...request }: ChatRequest, options?: object): ChatRequest {
  return { ...request, stream: true, ...(options && { stream_options: options }) } as ChatRequest;
}

/** Whether a server has refused a request because of its `stream_options`. */
function isAboutStreamOptions(error: unknown): boolean {
  if (!ProviderError.is(error) || (error.status !== 400 && error.status !== 422)) return false;
  return /stream_options|include_usage/.test(error.message);
}

function ask(send: Session["send"], request: ChatRequest, signal: AbortSignal): Promise<OpenAnswer> {
  return send((client) => client.chat.completions.create(request as never, { signal }));
}
