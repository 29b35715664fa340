import type { CacheMode, Limits, ReadThroughOptions } from "@remem/core";
import {
  checkCacheMode,
  checkCount,
  checkLimits,
  checkOptions,
  checkTtl,
  invalidOption,
  READ_THROUGH_OPTIONS,
} from "@remem/core/plugin";
import type { ListSurface } from "./surfaces/embeddings/list-surface.ts";
import type { HttpSurface } from "./surfaces/http-surface.ts";

/** A request before `cachedFetch` answers it. */
export interface AskedFor {
  /** The method of HTTP, in capitals. */
  readonly method: string;
  /** The address that it is sent to. */
  readonly url: URL;
  /** The name of its surface. Undefined for a request of a kind that is not cached. */
  readonly surface: string | undefined;
  /** The model that it names, if the surface knows. */
  readonly model: string | undefined;
  /** The reason why the request bypasses the store. Undefined for a request that the store may answer. */
  readonly passes: string | undefined;
}

/** The options of `cachedFetch`. */
export interface CachedFetchOptions extends ReadThroughOptions {
  /** Sends requests to the server. By default the current global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** The mode of requests without a `Cache-Control`. `"default"` by default. */
  readonly cache?: CacheMode | undefined;
  /** The time to live of answers in milliseconds. Forever by default. */
  readonly ttlMs?: number | undefined;
  /**
   * The scope in the key, instead of the server's address. With `false`, all servers share entries. A function gets the scope
   * of the server, which is undefined for OpenAI's own, and returns another one.
   */
  readonly scope?: string | false | ((server: string | undefined) => string | undefined) | undefined;
  /**
   * Called with each request before `cachedFetch` reads the store or sends anything. `cachedFetch` awaits a promise, and
   * rejects with what this throws. By default it answers every request.
   */
  readonly authorize?: ((asked: AskedFor) => void | Promise<void>) | undefined;
  /** The n-th independent answer, for requests without the header `x-remem-sample`. 0 by default. */
  readonly sample?: number | undefined;
  /** Decides which complete answers to store, in addition to the rules of the surface. */
  readonly admit?: ((answer: object, request: object) => boolean) | undefined;
  /**
   * Limits of the requests to each server with each API key: see `Limits`. Instances over one store count together. After a
   * rate limit of the server, all requests wait together, and `cachedFetch` sends the refused ones again. If the wait is longer
   * than `maxWaitMs`, callers get the server's answer. By default there are no limits, and callers get the server's answers
   * about its own limits.
   */
  readonly limits?: Limits | undefined;
  /** Milliseconds between the chunks of a stored answer that is read as a stream. All at once by default. */
  readonly replay?: { readonly chunkMs?: number | undefined } | undefined;
  /** Kinds of requests besides the built-in ones. */
  readonly surfaces?: ReadonlyArray<HttpSurface<object, object> | ListSurface<object, object>> | undefined;
}

const KNOWN = {
  fetch: true,
  cache: true,
  ttlMs: true,
  scope: true,
  authorize: true,
  sample: true,
  admit: true,
  limits: true,
  replay: true,
  surfaces: true,
  ...READ_THROUGH_OPTIONS,
} as const satisfies Record<keyof CachedFetchOptions, true>;

/** @throws {RememError} with code `INVALID_OPTION` */
export function checkCachedFetchOptions(where: string, options: CachedFetchOptions): void {
  checkOptions(where, options, KNOWN);
  const { fetch, sample, ttlMs, cache, surfaces, replay, limits, authorize } = options;
  if (fetch !== undefined && typeof fetch !== "function") throw invalidOption(where, "fetch", "a function");
  if (authorize !== undefined && typeof authorize !== "function") throw invalidOption(where, "authorize", "a function");
  checkCount(where, "sample", sample, 0);
  checkTtl(where, "ttlMs", ttlMs);
  checkCacheMode(where, cache);
  checkLimits(where, limits);
  checkCount(where, "replay.chunkMs", replay?.chunkMs);
  if (surfaces !== undefined && !Array.isArray(surfaces)) throw invalidOption(where, "surfaces", "a list");
}
