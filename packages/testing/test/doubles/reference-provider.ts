import { setTimeout } from "node:timers/promises";
import {
  type ChatCompletion,
  type ChatCompletionChunk,
  type ChatRequest,
  type LLMProvider,
  ProviderError,
} from "@remem/core";
import type { CreateOptions } from "../../src/index.ts";
import { KEY, referenceDeferred } from "./reference-deferred.ts";

const provider = "reference";

/** What a test may replace. */
export interface Parts {
  redact(text: string): string;
  sleep(ms: number, signal: AbortSignal): Promise<unknown>;
  /** The problem with a body that came with a 200. */
  problemOf(body: { readonly choices?: unknown; readonly error?: unknown } | null): string | undefined;
}

const PARTS: Parts = {
  redact: (text) => text.replaceAll(KEY, "[redacted]"),
  sleep: (ms, signal) => setTimeout(ms, undefined, { signal }),
  problemOf(body) {
    if (body?.error) return `an error: ${JSON.stringify(body.error)}`;
    return Array.isArray(body?.choices) && body.choices.length > 0 ? undefined : "no choices";
  },
};

/** A failed attempt, and how long to wait before a retry, if one can help. */
interface Failure {
  readonly error: ProviderError;
  readonly waitMs?: number;
}

/** Keeps every promise of the contract and does nothing else. Doubles break it. */
export function referenceProvider(options: CreateOptions, parts: Partial<Parts> = {}): LLMProvider {
  const { baseURL, fetch, timeoutMs, maxRetries } = options;
  const { redact, sleep, problemOf } = { ...PARTS, ...parts };

  async function attempt(request: ChatRequest, signal: AbortSignal): Promise<ChatCompletion | Failure> {
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(`${baseURL}/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
        body: JSON.stringify(request),
        redirect: "manual",
        signal: AbortSignal.any([signal, limit]),
      });
      const text = await response.text();
      return response.ok ? completionOf(text) : failureOf(response, text);
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      if (ProviderError.is(cause)) throw cause;
      const code = limit.aborted ? "PROVIDER_TIMEOUT" : "PROVIDER_ERROR";
      return { error: new ProviderError("No answer arrived.", { provider, code, retryable: true, cause }), waitMs: 1 };
    }
  }

  function failureOf({ status, headers }: Response, text: string): Failure {
    const retryable = status === 408 || status === 409 || status === 429 || status >= 500;
    const message = redact(`It answered ${status}: ${text}`);
    const error = new ProviderError(message, { provider, status, retryable, cause: new Error(redact(text)) });
    const should = headers.get("x-should-retry") ?? String(retryable);
    return should === "true" ? { error, waitMs: waitOf(headers) } : { error };
  }

  function completionOf(text: string): ChatCompletion {
    const body = parse(text);
    const problem = problemOf(body);
    if (problem === undefined) return body;
    throw new ProviderError(redact(`The answer has ${problem}`), { provider, code: "MALFORMED_ANSWER", status: 200 });
  }

  /** Opens a stream, and retries until there is one. */
  async function open(request: ChatRequest, signal: AbortSignal): Promise<Response> {
    for (let retries = 0; ; retries++) {
      const response = await fetch(`${baseURL}/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
        body: JSON.stringify({ ...request, stream: true, stream_options: { include_usage: true } }),
        redirect: "manual",
        signal,
      });
      if (response.ok) return response;
      const { error, waitMs } = failureOf(response, await response.text());
      if (waitMs === undefined || retries >= maxRetries) throw error;
      await sleep(waitMs, signal);
    }
  }
  async function* stream(request: ChatRequest, signal: AbortSignal): AsyncGenerator<ChatCompletionChunk> {
    const silence = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const listen = (): void => {
      clearTimeout(timer);
      timer = globalThis.setTimeout(() => silence.abort(), timeoutMs);
    };
    try {
      listen();
      const { body } = await open(request, AbortSignal.any([signal, silence.signal]));
      let text = "";
      for await (const piece of body!.pipeThrough(new TextDecoderStream())) {
        listen();
        const events = (text + piece).split("\n\n");
        text = events.pop() ?? "";
        for (const event of events) {
          const data = event.slice("data: ".length);
          if (data === "[DONE]") return;
          const chunk = JSON.parse(data) as ChatCompletionChunk;
          if (chunk.error) {
            throw new ProviderError(redact(`The stream has an error: ${data}`), { provider, status: 200 });
          }
          yield chunk;
        }
      }
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      if (ProviderError.is(cause)) throw cause;
      const code = silence.signal.aborted ? "PROVIDER_TIMEOUT" : "PROVIDER_ERROR";
      throw new ProviderError("The stream broke off.", { provider, code, retryable: true, cause });
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    specVersion: 1,
    deferred: referenceDeferred(options),
    id: provider,
    stream: (request, { signal }) => stream(request, signal),
    scope: baseURL,
    async generate(request, { signal, remainingMs = () => Number.POSITIVE_INFINITY }) {
      for (let retries = 0; ; retries++) {
        signal.throwIfAborted();
        const attempted = await attempt(request, signal);
        if (!isFailure(attempted)) return attempted;
        const { error, waitMs } = attempted;
        if (waitMs === undefined || retries >= maxRetries || waitMs > remainingMs()) throw error;
        await sleep(waitMs, signal).catch(() => signal.throwIfAborted());
      }
    },
  };
}

function isFailure(attempted: ChatCompletion | Failure): attempted is Failure {
  return "error" in attempted && ProviderError.is(attempted.error);
}

function parse(text: string): ChatCompletion {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProviderError("The answer is no JSON.", { provider, code: "MALFORMED_ANSWER", status: 200 });
  }
}

function waitOf(headers: Headers): number {
  return Number(headers.get("retry-after-ms") ?? 1_000 * Number(headers.get("retry-after") ?? 1));
}
