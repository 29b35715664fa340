import { raceSignal, retryAfterMs, type ServerError, usedUpMs } from "@remem/core/plugin";
import { readText, textResponse, tooLargeMessage } from "../body/read-text.ts";
import { wrappedError } from "../errors/error-body.ts";
import { isRetryPointless } from "../errors/retry-policy.ts";
import { patientSignal } from "./patient-signal.ts";

type Fetch = typeof fetch;

export interface BoundedFetch {
  /** A `fetch` that asks another one, within the bounds. */
  around(fetch: Fetch): Fetch;
  /** Whether the last attempt timed out. */
  timedOut(): boolean;
  /** The server's error in the last attempt, if it failed. */
  failure(): ServerError | undefined;
  /** The wait that the server asked for after the last attempt, in milliseconds. */
  waitMs(): number | undefined;
}

export interface BoundedFetchOptions {
  /** Whether the body is streamed: `fetch` then resolves with its first bytes, unless the answer is an error. */
  readonly streams: boolean;
  /** The signal of the whole call. */
  readonly signal: AbortSignal;
  /** The SDK's timeout of an attempt, in milliseconds. */
  readonly timeoutMs: number;
  /** The longest delay between two attempts that a server may ask for. */
  longestWaitMs(): number;
  /** The size limit of a body after decompression. */
  readonly maxBytes: number;
  /** The kind of server, or "". */
  readonly server: string;
  /** Whether the client waits out rate limits, so that the SDK must not retry after a 429. */
  waitsElsewhere(): boolean;
  /** Called with the time for which a limit stays exhausted. */
  onUsedUp(waitMs: number): void;
}

/**
 * Makes a `fetch` for the SDK that reads the whole body before it resolves, or the beginning of a stream. The SDK's timeout of
 * an attempt ends when `fetch` resolves, and so do its retries. With this `fetch`, a body that stalls, resets or ends early
 * fails the attempt, in every version of the SDK. It gives every error body the form that all versions read. It tells the SDK
 * not to retry if a retry is pointless: the quota is exhausted, or `Retry-After` is beyond `longestWaitMs()`. It does not
 * follow redirects, which would forward the credentials.
 */
export function boundedFetch(options: BoundedFetchOptions): BoundedFetch {
  const { streams, signal: callSignal, timeoutMs, longestWaitMs, maxBytes, server, waitsElsewhere, onUsedUp } = options;
  let waitMs: number | undefined;
  let timedOut = false;
  let failure: ServerError | undefined;

  async function fetchBounded(fetch: Fetch, input: Parameters<Fetch>[0], init: RequestInit = {}): Promise<Response> {
    timedOut = false;
    failure = undefined;
    waitMs = undefined;
    const attempt = init.signal ? patientSignal(init.signal, callSignal, timeoutMs) : undefined;
    const signal = attempt?.signal;
    try {
      const response = await raceSignal(
        fetch(input, { ...init, ...(signal && { signal }), redirect: "manual" }),
        signal,
      );
      const read = streams && response.ok ? beginBody(response) : bufferBody(response, `${server} ${addressOf(input)}`);
      return await raceSignal(read, signal);
    } catch (error) {
      timedOut = signal?.aborted === true;
      throw error;
    } finally {
      attempt?.settled();
    }
  }

  function noteLimits(headers: Headers): void {
    const usedUp = usedUpMs(headers);
    if (usedUp !== undefined) onUsedUp(usedUp);
  }

  async function beginBody({ status, headers, body }: Response): Promise<Response> {
    noteLimits(headers);
    const reader = body?.getReader();
    const first = await reader?.read();
    if (reader === undefined || first?.done !== false) return responseOf(status, new Headers(headers), "");
    const rest = new ReadableStream<Uint8Array>(
      {
        start: (controller) => controller.enqueue(first.value),
        async pull(controller) {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    );
    return new Response(rest, { status, headers });
  }

  async function bufferBody(response: Response, address: string): Promise<Response> {
    const { status, ok } = response;
    const headers = new Headers(response.headers);
    const text = await readText(response, maxBytes);
    if (text === undefined) headers.set("content-type", "application/json");
    const received = text ?? tooLargeBody(maxBytes);
    if (ok) {
      noteLimits(headers);
      return responseOf(status, headers, received);
    }
    waitMs = retryAfterMs(headers) ?? usedUpMs(headers);
    const { body, said } = wrappedError(received, address);
    failure = said;
    if (status === 429 && waitsElsewhere()) headers.set("x-should-retry", "false");
    if (isRetryPointless(status, headers, longestWaitMs(), said)) headers.set("x-should-retry", "false");
    return responseOf(status, headers, body);
  }

  return {
    around: (fetch) => (input, init) => fetchBounded(fetch, input, init),
    timedOut: () => timedOut,
    failure: () => failure,
    waitMs: () => waitMs,
  };
}

/** A body rather than an exception, which the SDK would treat as a lost connection and retry even after a 200. */
function tooLargeBody(maxBytes: number): string {
  return JSON.stringify({ error: { message: tooLargeMessage(maxBytes) } });
}

/**
 * Makes a response of any status, without its reason phrase: the constructor of `Response` throws for some statuses and phrases
 * of servers.
 */
function responseOf(status: number, headers: Headers, body: string): Response {
  if (status >= 200 && status <= 599) return textResponse(body, { status, headers });
  return Object.defineProperty(textResponse(body, { status: 500, headers }), "status", { value: status });
}

function addressOf(input: Parameters<Fetch>[0]): string {
  return input instanceof Request ? input.url : String(input);
}
