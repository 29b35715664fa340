import {
  type ChatCompletion,
  type ChatRequest,
  createRedact,
  type GenerateContext,
  isTooDeep,
  orAborted,
  ProviderError,
  type Redact,
} from "@remem/core";
import { boundedFetch } from "./bounded-fetch.ts";
import { defaultHint, type ErrorContext, type ErrorHint, tooDeep, toProviderError } from "./provider-error.ts";
import { streamedAnswer } from "./streamed-answer.ts";

/** What is needed of an `openai` client, of any version and any subclass. */
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
  /** The time limit of an attempt, and the longest wait that a server may ask for between two. */
  readonly timeoutMs: number;
  /** What an answer may take, decompressed. 32 MiB by default. */
  readonly maxResponseBytes?: number | undefined;
  /** `globalThis.fetch` by default. */
  readonly fetch?: typeof fetch | undefined;
  /** The client for one call, which has to use this `fetch`. */
  connect(fetch: typeof globalThis.fetch): Promise<ChatClient>;
  /** What must not appear in an error, besides what looks like a key. Asked when there is one. */
  secrets?(): ReadonlyArray<string | undefined>;
  /** What to do about an error, where `baseURL` and `apiKey` are not all there is to check. */
  readonly hint?: ErrorHint;
}

/**
 * `generate` of a provider that speaks Chat Completions through an `openai` client; that client's retries apply. Where a
 * server gives an answer in a stream alone, ask for one with `stream: true`: it is put together, and comes whole.
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
      return checkCompletion(await orAborted(ask(), signal), { provider: id, redact, hint });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw toProviderError(error, { provider: id, timedOut: bounded.timedOut(), timeoutMs, redact, hint });
    }
  };
}

/** Servers answer 200 with other things than a completion; none of them may be taken for one. */
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
  const what = typeof answer === "string" ? `text (${JSON.stringify(redact(answer.slice(0, 80)))})` : "without choices";
  const message = `"${provider}" answered 200, but with no chat completion: it is ${what}.`;
  throw new ProviderError([message, hint(200)].filter(Boolean).join(" "), {
    provider,
    code: "MALFORMED_ANSWER",
    status: 200,
  });
}
