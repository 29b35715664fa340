import {
  createTimeout,
  type DeferredContext,
  ProviderError,
  RememError,
  raceSignal,
  retryAfterMs,
  sleep,
  type Timeout,
} from "@remem/core/plugin";
import { linesOf } from "./lines.ts";
import { type Named, refusedBy } from "./server-errors.ts";
import type { StreamedBody } from "./submission-body.ts";

/** Asks a server, whose address and headers are known. */
export interface Http {
  /** Sends a request, and returns the JSON of its answer. A request without a body is repeated after a temporary failure. */
  json(method: "GET" | "POST", path: string, context: DeferredContext, sent?: Sent): Promise<unknown>;
  /** The lines of an answer. */
  lines(path: string, context: DeferredContext): AsyncGenerator<string, void, undefined>;
}

/** The parts of a request besides the address. */
export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: StreamedBody;
}

export interface HttpOptions extends Named {
  /** The address that paths are appended to. */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  /** @throws {RememError} if there are no credentials */
  check(): void;
  /** The time limit of a request in milliseconds, and of each piece of a file. */
  readonly timeoutMs: number;
  /** The number of retries of a request that changes nothing. */
  readonly maxRetries: number;
  readonly fetch: () => typeof globalThis.fetch;
}

/** An upload of 256 MB takes 10 minutes at 3.4 Mbit/s. */
const UPLOAD_MS = 600_000;
const FIRST_PAUSE_MS = 500;

export function createHttp(options: HttpOptions): Http {
  const { base, provider, redact, timeoutMs, maxRetries } = options;
  const usual = createTimeout(timeoutMs);
  const upload = createTimeout(UPLOAD_MS);

  const timedOut = (ms: number) => (): ProviderError => {
    const message = `"${provider}" did not answer within ${ms} ms.${ms === timeoutMs ? " Raise `timeoutMs` if it needs longer." : ""}`;
    return new ProviderError(message, { provider, code: "PROVIDER_TIMEOUT", retryable: true });
  };
  /** Rejects when the caller leaves or a time limit is over, and then aborts the work. */
  async function within<T>(
    { signal }: DeferredContext,
    [timeout, ms]: readonly [Timeout, number],
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const stop = new AbortController();
    try {
      return await raceSignal(timeout(run(stop.signal), timedOut(ms)), signal);
    } catch (error) {
      stop.abort();
      throw signal.aborted ? signal.reason : failure(error);
    }
  }
  function failure(error: unknown): Error {
    const own = [error, (error as Error | undefined)?.cause].find(RememError.is);
    if (own !== undefined) return own;
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? `: ${cause.message || cause.name}` : "";
    const text = redact(`"${provider}" could not be reached: ${message}${reason}`);
    return new ProviderError(text, { provider, retryable: true, cause: new Error(redact(message + reason)) });
  }
  async function open(method: string, path: string, { headers, body }: Sent, signal: AbortSignal): Promise<Response> {
    options.check();
    const response = await options.fetch()(`${base}${path}`, {
      method,
      // A redirect would forward the credentials.
      redirect: "manual",
      signal,
      headers: {
        ...options.headers,
        ...headers,
        ...(body !== undefined && { "content-type": "application/json", "content-length": `${body.length}` }),
      },
      ...(body !== undefined && { body: body.open(), duplex: "half" }),
    } as RequestInit);
    const { status } = response;
    if (status >= 200 && status < 300) return response;
    const text = await response.text();
    throw refusedBy(options, parsed(text), { status, text, retryAfterMs: retryAfterMs(response.headers) });
  }
  async function repeated<T>({ signal }: DeferredContext, run: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await run();
      } catch (error) {
        if (!ProviderError.is(error) || !error.retryable || attempt >= maxRetries) throw error;
        const pauseMs = error.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** attempt;
        if (pauseMs > timeoutMs) throw error;
        await sleep(pauseMs, signal);
      }
    }
  }

  return {
    async json(method, path, context, sent = {}) {
      const limit = sent.body === undefined ? ([usual, timeoutMs] as const) : ([upload, UPLOAD_MS] as const);
      const run = (): Promise<unknown> =>
        within(context, limit, async (signal) => {
          const text = await (await open(method, path, sent, signal)).text();
          const value = parsed(text);
          if (value !== undefined) return value;
          const message = `"${provider}" answered with something else than JSON. Check \`baseURL\`.`;
          throw new ProviderError(message, { provider, code: "MALFORMED_ANSWER" });
        });
      return sent.body === undefined ? repeated(context, run) : run();
    },
    async *lines(path, context) {
      const limit = [usual, timeoutMs] as const;
      const stop = new AbortController();
      try {
        const { body } = await repeated(context, () =>
          within(context, limit, () => open("GET", path, {}, stop.signal)),
        );
        if (body !== null) yield* linesOf(body, (piece) => within(context, limit, () => piece));
      } finally {
        stop.abort();
      }
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
