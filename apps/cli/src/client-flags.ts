import { type CacheMode, type CallParams, type Client, createRemem } from "remem";

export interface ClientFlags {
  readonly model?: string;
  readonly store?: string;
  readonly cache: CacheMode;
  readonly baseUrl?: string;
  readonly param: CallParams;
  /** The timeout of one attempt, in seconds. */
  readonly timeout?: number;
  readonly retries?: number;
}

export function createClientFor({ model, store, cache, baseUrl, param, timeout, retries }: ClientFlags): Client {
  return createRemem({
    cache,
    params: param,
    ...(model !== undefined && { model }),
    ...(store !== undefined && { store }),
    ...(baseUrl !== undefined && { baseURL: baseUrl }),
    ...(timeout !== undefined && { timeoutMs: timeout * 1_000 }),
    ...(retries !== undefined && { maxRetries: retries }),
  });
}
