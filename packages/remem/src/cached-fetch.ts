import type { CacheStore, Journal } from "@remem/core";
import { type CachedFetch, type CachedFetchOptions, cachedFetch as cachedFetchOver } from "@remem/fetch";
import { openConfig } from "./config/open.ts";
import { resolveOptions } from "./config/resolve.ts";
import { journalFor } from "./journal-for.ts";
import { defaultUrl, storeFromUrl } from "./store-from-url.ts";

/** The options of `cachedFetch`. */
export interface RememFetchOptions extends Omit<CachedFetchOptions, "store" | "journal"> {
  /**
   * A store or its URL (see `storeFromUrl`). By default the one that `REMEM_STORE` names, else the file `remem_cache.sqlite` in
   * `./llm_cache`.
   */
  readonly store?: CacheStore | string | undefined;
  /** A file that records each call, or true for one in the cache directory: see `createRemem`. */
  readonly journal?: boolean | string | Journal | undefined;
  /** A configuration file, or `false` for none: see `createRemem`. Its store, `cache`, `ttlMs`, `limits` and `journal` are used. */
  readonly config?: string | false | undefined;
}

/**
 * Makes a `fetch` for any client of language models, with a cache in it: `new OpenAI({ fetch: cachedFetch() })`.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function cachedFetch(given: RememFetchOptions = {}): CachedFetch {
  const { store: _, journal: __, config, ...others } = given;
  const chosen = {
    store: given.store,
    cache: given.cache,
    ttlMs: given.ttlMs,
    limits: given.limits,
    journal: given.journal,
  };
  const resolved = resolveOptions(chosen, openConfig("cachedFetch", config));
  const { store, cacheDir, cache, ttlMs, limits, journal } = resolved.options;
  const url = store ?? defaultUrl() ?? (cacheDir && `sqlite:${cacheDir}/`);
  return cachedFetchOver({
    ...others,
    cache,
    ttlMs,
    limits: limits as RememFetchOptions["limits"], // Those of the option and of the file.
    store: typeof url === "object" ? url : storeFromUrl(url, { config: false }),
    journal: journalFor("cachedFetch", journal, cacheDir),
  });
}
