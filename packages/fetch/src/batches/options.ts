import type { Limits, ReadThroughOptions } from "@remem/core";
import {
  checkCount,
  checkLimits,
  checkOptions,
  checkTtl,
  invalidOption,
  READ_THROUGH_OPTIONS,
} from "@remem/core/plugin";
import type { CachedFetchOptions } from "../options.ts";

/** The options of `messageBatches`. Options that change keys must be the same as in the `cachedFetch` that finds the answers. */
export interface MessageBatchesOptions
  extends ReadThroughOptions,
    Pick<CachedFetchOptions, "fetch" | "ttlMs" | "scope" | "sample" | "admit"> {
  /** Sent as `x-api-key`. Left out if `headers` have other credentials. */
  readonly apiKey?: string | undefined;
  /** The server's address, with or without `/v1`. `https://api.anthropic.com` by default. */
  readonly baseURL?: string | undefined;
  /** Further headers, such as `anthropic-beta`. Requests that are plain objects take the two keyed headers from here. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Decides about each request whether it may be submitted. None by default. */
  readonly limits?: Pick<Limits, "budget"> | undefined;
  /** The time limit of a request in milliseconds, except for uploads. 60,000 by default. */
  readonly timeoutMs?: number | undefined;
  /** The number of retries after a temporary failure. The creation of a batch is never repeated. 5 by default. */
  readonly maxRetries?: number | undefined;
}

const KNOWN = {
  apiKey: true,
  baseURL: true,
  headers: true,
  limits: true,
  timeoutMs: true,
  maxRetries: true,
  fetch: true,
  ttlMs: true,
  scope: true,
  sample: true,
  admit: true,
  ...READ_THROUGH_OPTIONS,
} as const satisfies Record<keyof MessageBatchesOptions, true>;

const WHERE = "messageBatches";

/** @throws {RememError} with code `INVALID_OPTION` */
export function checkMessageBatchesOptions(options: MessageBatchesOptions): void {
  checkOptions(WHERE, options, KNOWN);
  const { fetch, baseURL, apiKey, headers, timeoutMs, maxRetries, ttlMs, sample, limits } = options;
  if (fetch !== undefined && typeof fetch !== "function") throw invalidOption(WHERE, "fetch", "a function");
  if (apiKey !== undefined && (typeof apiKey !== "string" || apiKey === ""))
    throw invalidOption(WHERE, "apiKey", "a text that is not empty");
  if (baseURL !== undefined && !/^https?:$/.test(URL.parse(baseURL)?.protocol ?? ""))
    throw invalidOption(WHERE, "baseURL", "an address that begins with https:// or http://");
  if (headers !== undefined && (typeof headers !== "object" || headers === null))
    throw invalidOption(WHERE, "headers", "an object");
  checkCount(WHERE, "timeoutMs", timeoutMs);
  checkCount(WHERE, "maxRetries", maxRetries, 0);
  checkTtl(WHERE, "ttlMs", ttlMs);
  checkCount(WHERE, "sample", sample, 0);
  checkLimits(WHERE, limits);
}
