import { type CacheMode, type CallParams, type Client, createRemem, type RememEvent } from "remem";

export interface ClientFlags {
  readonly model?: string;
  readonly store?: string;
  readonly cache: CacheMode;
  readonly baseUrl?: string;
  readonly param: CallParams;
  /** The timeout of one attempt, in seconds. */
  readonly timeout?: number;
  readonly retries?: number;
  /** The most requests a minute. */
  readonly rpm?: number;
  /** The most tokens a minute. */
  readonly tpm?: number;
  /** How long a rate limit of the server is waited for, in seconds. */
  readonly maxWait?: number;
}

export function createClientFor(flags: ClientFlags, onEvent?: (event: RememEvent) => void): Client {
  const { model, store, cache, baseUrl, param, timeout, retries, rpm, tpm, maxWait } = flags;
  return createRemem({
    cache,
    model,
    store,
    params: param,
    baseURL: baseUrl,
    timeoutMs: inMilliseconds(timeout),
    maxRetries: retries,
    limits: { rpm, tpm, maxWaitMs: inMilliseconds(maxWait) },
    onEvent,
  });
}

function inMilliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
}
