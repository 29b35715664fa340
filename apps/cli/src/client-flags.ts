import { type CacheMode, type CallParams, type Client, createRemem, RememError, type RememEvent } from "remem";
import { inFlags } from "./in-flags.ts";
import { UsageError } from "./usage-error.ts";

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
  /** The longest wait for a rate limit of the server, in seconds. */
  readonly maxWait?: number;
}

/** @throws {UsageError} where a flag cannot be used */
export function createClientFor(flags: ClientFlags, onEvent?: (event: RememEvent) => void): Client {
  const { model, store, cache, baseUrl, param, timeout, retries, rpm, tpm, maxWait } = flags;
  const options = {
    cache,
    model,
    store,
    params: param,
    baseURL: baseUrl,
    timeoutMs: inMilliseconds(timeout),
    maxRetries: retries,
    limits: { rpm, tpm, maxWaitMs: inMilliseconds(maxWait) },
    onEvent,
  };
  try {
    return createRemem(options);
  } catch (error) {
    if (!RememError.is(error) || error.code !== "INVALID_OPTION") throw error;
    throw new UsageError(inFlags(error.message), { cause: error });
  }
}

function inMilliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
}
