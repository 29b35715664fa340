import type { CacheStore, TokenCount } from "@remem/core";
import { checkOptions, invalidOption } from "@remem/core/plugin";
import { type AnySurface, type AskedRequest, partOfStore, type RecordedFacts } from "@remem/inspect";

/** What the page shows, and what may be done in it. */
export interface ShownCache {
  /** The cache that is looked at. Its owner closes it. */
  readonly store: CacheStore;
  /** Which entries are seen, by what they record of whose they are: others are not in the cache, as far as the page goes. All by default. */
  readonly shows?: ((recorded: RecordedFacts) => boolean) | undefined;
  /** Where the cache is, as the page names it. The name of the store by default. */
  readonly place?: string | undefined;
  /** The file of a journal, for the overview. There may be none in it yet. */
  readonly journal?: string | undefined;
  /** Surfaces besides chat, such as `fetchSurfaces`. */
  readonly surfaces?: readonly AnySurface[] | undefined;
  /** Whether entries may be deleted. False by default. */
  readonly mayDelete?: boolean | undefined;
  /** What a call costs in dollars, now or at a time in Unix milliseconds. Without it there is no money. */
  readonly priceOf?: PriceOf | undefined;
  /** Makes keys of a request that somebody has pasted. Without it the page explains no misses. */
  readonly keysOf?: KeysOf | undefined;
}

/** The options of `createView`. */
export interface ViewOptions extends ShownCache {
  /** What every call of the page has to bring along: a text that nobody can guess. */
  readonly token: string;
}

/** What a call costs in dollars. Undefined where the price of the model is unknown. */
export type PriceOf = (model: string, tokens: TokenCount, at: number) => number | undefined;

/** Makes the keys of a pasted request. Rejects with an error whose message says what is wrong with the text. */
export type KeysOf = (text: string) => Promise<readonly AskedRequest[]>;

const KNOWN = {
  store: true,
  shows: true,
  place: true,
  journal: true,
  surfaces: true,
  mayDelete: true,
  priceOf: true,
  keysOf: true,
} as const satisfies Record<keyof ShownCache, true>;

const LEAST_TOKEN = 16;

/** @throws {RememError} with code `INVALID_OPTION` */
export function checkViewOptions(options: ViewOptions): void {
  checkOptions("createView", options, { ...KNOWN, token: true });
  const { token } = options;
  if (typeof token !== "string" || token.length < LEAST_TOKEN) {
    throw invalidOption("createView", "token", `a text of at least ${LEAST_TOKEN} characters that nobody can guess`);
  }
}

/**
 * The options with a store that has only what is seen, so that nothing that is asked of it can show more.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function shownPart<Options extends ShownCache>(where: string, options: Options): Options {
  const { store, shows } = options;
  if (store?.specVersion !== 1) throw invalidOption(where, "store", "a store");
  return shows === undefined ? options : { ...options, store: partOfStore(store, shows) };
}
