import type { CacheStore, TokenCount } from "@remem/core";
import { checkOptions, invalidOption } from "@remem/core/plugin";
import type { AnySurface, AskedRequest } from "@remem/inspect";

/** The options of `createView`. */
export interface ViewOptions {
  /** The cache that is looked at. Its owner closes it. */
  readonly store: CacheStore;
  /** What every call of the page has to bring along: a text that nobody can guess. */
  readonly token: string;
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

/** What a call costs in dollars. Undefined where the price of the model is unknown. */
export type PriceOf = (model: string, tokens: TokenCount, at: number) => number | undefined;

/** Makes the keys of a pasted request. Rejects with an error whose message says what is wrong with the text. */
export type KeysOf = (text: string) => Promise<readonly AskedRequest[]>;

const KNOWN = {
  store: true,
  token: true,
  place: true,
  journal: true,
  surfaces: true,
  mayDelete: true,
  priceOf: true,
  keysOf: true,
} as const satisfies Record<keyof ViewOptions, true>;

const LEAST_TOKEN = 16;

/** @throws {RememError} with code `INVALID_OPTION` */
export function checkViewOptions(options: ViewOptions): void {
  checkOptions("createView", options, KNOWN);
  const { store, token } = options;
  if (store?.specVersion !== 1) throw invalidOption("createView", "store", "a store");
  if (typeof token !== "string" || token.length < LEAST_TOKEN) {
    throw invalidOption("createView", "token", `a text of at least ${LEAST_TOKEN} characters that nobody can guess`);
  }
}
