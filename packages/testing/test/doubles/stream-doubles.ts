import { type ChatCompletionChunk, type LLMProvider, ProviderError } from "@remem/core";
import type { CreateOptions } from "../../src/index.ts";
import type { streamCases } from "../../src/provider-contract/stream-cases.ts";
import type { Double } from "./provider-doubles.ts";
import { referenceProvider } from "./reference-provider.ts";

type Stream = NonNullable<LLMProvider["stream"]>;
type Fetch = typeof fetch;

/** The reference provider with one promise about streams broken, and what the case reports about it. */
export const STREAM_DOUBLES: Readonly<Record<keyof typeof streamCases, readonly Double[]>> = {
  "streams chunks that add up to the answer, with its usage": [
    { broken: "drops a chunk", create: without((_, at) => at === 1), says: "do not add up" },
    {
      broken: "asks for no usage",
      create: sending(({ stream_options: _, ...body }) => body),
      says: /do not add up|no usage/,
    },
    { broken: "fails", create: streaming(() => failed(new Error("broken"))), says: "Expected a stream" },
  ],
  "asks for a stream, and adds nothing else to the body": [
    { broken: "does not ask", create: sending(({ stream: _, ...body }) => body), says: "must send `stream: true`" },
    { broken: "adds a default", create: sending((body) => ({ ...body, temperature: 0 })), says: "It adds temperature" },
    { broken: "drops a parameter", create: sending(({ seed: _, ...body }) => body), says: "deep-equal" },
  ],
  "keeps unknown members of chunks": [
    {
      broken: "strips a chunk",
      create: changing(({ id, choices }) => ({ id, choices }) as ChatCompletionChunk),
      says: "deep-equal",
    },
    { broken: "gives no chunk", create: without(() => true), says: "deep-equal" },
  ],
  "turns an HTTP error into a ProviderError before the first chunk": [
    {
      broken: "gives the body of the error",
      create: streaming(async function* (stream, ...call) {
        yield { choices: [] } as unknown as ChatCompletionChunk;
        yield* stream(...call);
      }),
      says: "deep-equal",
    },
    { broken: "ends", create: streaming(endingQuietly), says: "Expected a ProviderError, not an end" },
    {
      broken: "does not tell whether a retry helps",
      create: throwing(({ status }) => new ProviderError("failed", { provider: "reference", status })),
      says: "is `retryable`",
    },
  ],
  "retries a stream before its first chunk, and not after": [
    {
      broken: "never retries",
      create: (options) => referenceProvider({ ...options, maxRetries: 0 }),
      says: "It did not retry",
    },
    {
      broken: "retries after chunks",
      create: streaming(async function* (stream, ...call) {
        try {
          yield* stream(...call);
        } catch {
          yield* stream(...call);
        }
      }),
      says: "Expected a ProviderError, not an end",
    },
    {
      broken: "asks again, and fails all the same",
      create: streaming(async function* (stream, ...call) {
        try {
          yield* stream(...call);
        } catch (error) {
          for await (const _ of stream(...call)) break;
          throw error;
        }
      }),
      says: "It sent the request again",
    },
    { broken: "holds all chunks back", create: streaming(atOnce), says: "must be given" },
  ],
  "ends with a ProviderError when the stream has an error": [
    { broken: "ends", create: streaming(endingQuietly), says: "Expected a ProviderError, not an end" },
    { broken: "holds all chunks back", create: streaming(atOnce), says: "before the error must be given" },
    {
      broken: "loses the words",
      create: throwing(() => new ProviderError("failed", { provider: "reference" })),
      says: /The upstream gave up/,
    },
  ],
  "keeps its time limit when a stream stalls": [
    {
      broken: "has no limit",
      create: (options) => referenceProvider({ ...options, timeoutMs: 60_000 }),
      says: "took longer than 4500 ms",
    },
    {
      broken: "does not report the timeout",
      create: throwing(({ message }) => new ProviderError(message, { provider: "reference", retryable: true })),
      says: "PROVIDER_TIMEOUT",
    },
    { broken: "holds all chunks back", create: streaming(atOnce), says: "before the silence must be given" },
  ],
  "gives chunks as they come, and stops at once when it is aborted": [
    {
      broken: "holds all chunks back",
      create: streaming(atOnce),
      says: "The first chunk of a stream that goes on took longer",
    },
    {
      broken: "ignores the signal",
      create: streaming((stream, request) => stream(request, { signal: new AbortController().signal })),
      says: "Stopping after the abort took longer",
    },
    {
      broken: "ends",
      create: streaming(endingQuietly),
      says: "An aborted stream must reject",
    },
    {
      broken: "wraps the reason",
      create: throwing((error) => new ProviderError(String(error), { provider: "reference" })),
      says: "the signal's reason, not ProviderError",
    },
  ],
};

type Create = (options: CreateOptions) => LLMProvider;

function streaming(
  change: (stream: Stream, ...call: Parameters<Stream>) => AsyncIterable<ChatCompletionChunk>,
): Create {
  return (options) => {
    const { stream, ...rest } = referenceProvider(options);
    return { ...rest, stream: (...call) => change(stream!, ...call) };
  };
}

function without(isDropped: (chunk: ChatCompletionChunk, at: number) => boolean): Create {
  return streaming(async function* (stream, ...call) {
    let at = 0;
    for await (const chunk of stream(...call)) if (!isDropped(chunk, at++)) yield chunk;
  });
}

function changing(change: (chunk: ChatCompletionChunk) => ChatCompletionChunk): Create {
  return streaming(async function* (stream, ...call) {
    for await (const chunk of stream(...call)) yield change(chunk);
  });
}

function throwing(change: (error: ProviderError) => Error): Create {
  return streaming(async function* (stream, ...call) {
    try {
      yield* stream(...call);
    } catch (error) {
      throw change(error as ProviderError);
    }
  });
}

/** Changes what is sent for a stream. */
function sending(change: (body: { readonly [member: string]: unknown }) => object): Create {
  return (options) => {
    const changed: Fetch = (input, init) => {
      const body = JSON.parse(String(init?.body));
      return options.fetch(input, { ...init, body: JSON.stringify(body.stream === true ? change(body) : body) });
    };
    return referenceProvider({ ...options, fetch: changed });
  };
}

async function* endingQuietly(stream: Stream, ...call: Parameters<Stream>): AsyncGenerator<ChatCompletionChunk> {
  try {
    yield* stream(...call);
  } catch {
    // Like a stream that is whole.
  }
}

async function* atOnce(stream: Stream, ...call: Parameters<Stream>): AsyncGenerator<ChatCompletionChunk> {
  const chunks: ChatCompletionChunk[] = [];
  for await (const chunk of stream(...call)) chunks.push(chunk);
  yield* chunks;
}

function failed(error: Error): AsyncIterable<ChatCompletionChunk> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) };
}
