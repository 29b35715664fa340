import type { CacheStore, TokenCount } from "@remem/core";
import { checkOptions, invalidOption } from "@remem/core/plugin";
import { type AnySurface, type AskedRequest, partOfStore, type RecordedFacts } from "@remem/inspect";

/** The cache that the page shows, and the rights of its user. */
export interface ShownCache {
  /** The store that the page shows. Its owner closes it. */
  readonly store: CacheStore;
  /**
   * Decides by the recorded facts of an entry whether the page shows it. To the page, other entries are not in the cache. All
   * by default.
   */
  readonly shows?: ((recorded: RecordedFacts) => boolean) | undefined;
  /** The place of the cache, as the page names it. The name of the store by default. */
  readonly place?: string | undefined;
  /** The file of a journal, for the overview. It need not exist yet. */
  readonly journal?: string | undefined;
  /** Surfaces besides chat, such as `fetchSurfaces`. */
  readonly surfaces?: readonly AnySurface[] | undefined;
  /** Whether entries may be deleted. False by default. */
  readonly mayDelete?: boolean | undefined;
  /** The cost of a call in dollars, now or at a time in Unix milliseconds. Without it the page shows no money. */
  readonly priceOf?: PriceOf | undefined;
  /** Makes the keys of a pasted request. Without it the page explains no misses. */
  readonly keysOf?: KeysOf | undefined;
}

/** The options of `createView`. */
export interface ViewOptions extends ShownCache {
  /** The token that every call of the page must have: a text that nobody can guess. */
  readonly token: string;
}

/** The cost of a call in dollars. Undefined if the price of the model is unknown. */
export type PriceOf = (model: string, tokens: TokenCount, at: number) => number | undefined;

/** Makes the keys of a pasted request. Rejects with an error whose message describes the problem of the text. */
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
 * Returns the options with a store that contains only the visible entries, so that no request can read others.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function shownPart<Options extends ShownCache>(where: string, options: Options): Options {
  const { store, shows } = options;
  if (store?.specVersion !== 1) throw invalidOption(where, "store", "a store");
  return shows === undefined ? options : { ...options, store: partOfStore(store, shows) };
}
