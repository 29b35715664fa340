import type { CacheStore, Journal } from "@remem/core";
import { type MessageBatches, type MessageBatchesOptions, messageBatches as messageBatchesOver } from "@remem/fetch";
import { openConfig } from "./config/open.ts";
import { resolveOptions } from "./config/resolve.ts";
import { journalFor } from "./journal-for.ts";
import { defaultUrl, storeFromUrl } from "./store-from-url.ts";

/** The options of `messageBatches`. */
export interface RememBatchesOptions extends Omit<MessageBatchesOptions, "store" | "journal"> {
  /** The key of Anthropic's API: `ANTHROPIC_API_KEY` by default. */
  readonly apiKey?: string | undefined;
  /** The server's address: `ANTHROPIC_BASE_URL` by default, else `https://api.anthropic.com`. */
  readonly baseURL?: string | undefined;
  /** A store or its URL: see `cachedFetch`, which has the same default. */
  readonly store?: CacheStore | string | undefined;
  /** A file that records each call, or true for one in the cache directory: see `createRemem`. */
  readonly journal?: boolean | string | Journal | undefined;
  /** A configuration file, or `false` for none: see `createRemem`. Its store, `ttlMs` and `journal` are used. */
  readonly config?: string | false | undefined;
}

/**
 * Opens Anthropic's Message Batches with the cache of `cachedFetch` in front.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function messageBatches(given: RememBatchesOptions = {}): MessageBatches {
  const { config, ...others } = given;
  const chosen = { store: given.store, ttlMs: given.ttlMs, journal: given.journal };
  const { store, cacheDir, ttlMs, journal } = resolveOptions(chosen, openConfig("messageBatches", config)).options;
  const url = store ?? defaultUrl() ?? (cacheDir && `sqlite:${cacheDir}/`);
  return messageBatchesOver({
    ...others,
    apiKey: given.apiKey ?? (process.env.ANTHROPIC_API_KEY || undefined),
    baseURL: given.baseURL ?? (process.env.ANTHROPIC_BASE_URL || undefined),
    ttlMs,
    store: typeof url === "object" ? url : storeFromUrl(url, { config: false }),
    journal: journalFor("messageBatches", journal, cacheDir),
  });
}
