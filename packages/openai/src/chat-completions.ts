import {
  type ChatCompletion,
  type ChatRequest,
  createRedact,
  type GenerateContext,
  isTooDeep,
  ProviderError,
  type Redact,
  raceSignal,
} from "@remem/core/plugin";
import { boundedFetch } from "./bounded-fetch.ts";
import { defaultHint, type ErrorContext, type ErrorHint, tooDeep, toProviderError } from "./provider-error.ts";
import { streamedAnswer } from "./streamed-answer.ts";

/** The part of an `openai` client that is used, common to all versions and subclasses. */
export interface ChatClient {
  readonly chat: {
    readonly completions: {
      create(body: never, options: { readonly signal: AbortSignal }): Answer;
    };
  };
}

interface Answer extends PromiseLike<unknown> {
  asResponse(): Promise<Response>;
}

export interface ChatCompletionsOptions {
  /** The provider's id, for errors. */
  readonly id: string;
  /** The timeout of an attempt, and the longest delay between two that a server may ask for. */
  readonly timeoutMs: number;
  /** The size limit of an answer after decompression. 32 MiB by default. */
  readonly maxResponseBytes?: number | undefined;
  /** `globalThis.fetch` by default. */
  readonly fetch?: typeof fetch | undefined;
  /** Creates the client for one call. It must use this `fetch`. */
  connect(fetch: typeof globalThis.fetch): Promise<ChatClient>;
  /** Secrets to redact from errors, besides strings that look like keys. Called when an error occurs. */
  secrets?(): ReadonlyArray<string | undefined>;
  /** Returns a hint for the message of an error. The default hints name `baseURL`, `apiKey` and `model`. */
  readonly hint?: ErrorHint;
}

/**
 * Creates the `generate` of a provider that speaks Chat Completions through an `openai` client, whose retries apply. For
 * servers that give some answers only as a stream, set `stream: true` in the request: the stream is assembled and returned
 * whole.
 */
export function chatCompletions(options: ChatCompletionsOptions) {
  const { id, timeoutMs, maxResponseBytes = 32 * 1024 * 1024, fetch, connect, secrets, hint = defaultHint } = options;
  return async function generate(request: ChatRequest, context: GenerateContext): Promise<ChatCompletion> {
    const { signal, remainingMs } = context;
    signal.throwIfAborted();
    const longestWaitMs = (): number => Math.min(timeoutMs, remainingMs?.() ?? timeoutMs);
    const bounded = boundedFetch(fetch ?? globalThis.fetch, { longestWaitMs, maxBytes: maxResponseBytes });
    const client = await connect(bounded.fetch);
    const redact: Redact = (text) => createRedact(secrets?.() ?? [])(text);

    async function ask(): Promise<unknown> {
      const answer = client.chat.completions.create(request as never, { signal });
      return request.stream === true ? streamedAnswer(await answer.asResponse(), id) : answer;
    }

    try {
      return checkCompletion(await raceSignal(ask(), signal), { provider: id, redact, hint });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw toProviderError(error, { provider: id, timedOut: bounded.timedOut(), timeoutMs, redact, hint });
    }
  };
}

/** Servers answer 200 with other bodies than completions, none of which may pass for one. */
function checkCompletion(
  answer: unknown,
  { provider, redact, hint }: Pick<ErrorContext, "provider" | "redact" | "hint">,
): ChatCompletion {
  if (isTooDeep(answer)) throw tooDeep(provider);
  const { choices, error } = (answer ?? {}) as { choices?: unknown; error?: unknown };
  if (error !== undefined && error !== null) {
    const { message = error } = error as { message?: unknown };
    const detail = redact(typeof message === "string" ? message : JSON.stringify(message));
    throw new ProviderError(`"${provider}" answered 200 with an error: ${detail}`, { provider, status: 200 });
  }
  if (Array.isArray(choices) && choices.length > 0) return answer as ChatCompletion;
  const body =
    typeof answer === "string" ? `is text (${JSON.stringify(redact(answer.slice(0, 80)))})` : "has no choices";
  const message = `"${provider}" answered 200, but not with a chat completion: the body ${body}.`;
  throw new ProviderError([message, hint(200)].filter(Boolean).join(" "), {
    provider,
    code: "MALFORMED_ANSWER",
    status: 200,
  });
}
