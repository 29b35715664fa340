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

/** What is known about a request before it is answered. */
export interface AskedFor {
  /** The method of HTTP, in capitals. */
  readonly method: string;
  /** The address that it is sent to. */
  readonly url: URL;
  /** The name of its surface. Undefined for a request of no kind that is cached. */
  readonly surface: string | undefined;
  /** The model that it names, where that can be told. */
  readonly model: string | undefined;
  /** Why it goes to the server in any case, past the store. Undefined for one that the store may answer. */
  readonly passes: string | undefined;
}

/** The options of `cachedFetch`. */
export interface CachedFetchOptions extends ReadThroughOptions {
  /** Asks the server. The global `fetch` of the moment by default. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** The mode of requests that say nothing themselves: `"default"`. */
  readonly cache?: CacheMode | undefined;
  /** How long answers may be served, in milliseconds. Forever by default. */
  readonly ttlMs?: number | undefined;
  /**
   * Whose model it is, instead of the server's address; `false` for none, so that a model has one entry on all servers. A function makes
   * it of the server's, which is undefined for OpenAI's own.
   */
  readonly scope?: string | false | ((server: string | undefined) => string | undefined) | undefined;
  /**
   * Called with each request before the store is read and anything is sent. What it throws, the caller gets; a promise is waited for.
   * Every request is answered by default.
   */
  readonly authorize?: ((asked: AskedFor) => void | Promise<void>) | undefined;
  /** The n-th independent answer, for requests without the header `x-remem-sample`. 0 by default. */
  readonly sample?: number | undefined;
  /** Which complete answers are stored, beside what the surface asks for. */
  readonly admit?: ((answer: object, request: object) => boolean) | undefined;
  /**
   * Limits of the requests to each server with each key: see `Limits`. Those over one store count together. A rate limit of the server is
   * then waited for once, for all, and the requests that it has refused are sent again; where the wait is longer than `maxWaitMs`,
   * callers get the server's answer. By default requests are not limited, and callers get what the server says about its own limits.
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
