import { memoryStore } from "@remem/core";
import { type CachedFetch, cachedFetch } from "@remem/fetch";
import type { Contestant, Setting } from "../../contestant.ts";
import { modelFetch } from "./model-fetch.ts";

/** Opens a client on the server at this address, through this `fetch`. */
export type OpenClient = (baseURL: string, fetch: typeof globalThis.fetch) => Pick<Contestant, "ask">;

/** An address without a server: the model is behind `fetch`. */
export const NOWHERE = "http://model.invalid/v1";

/** The client on a server, without a cache. */
export function uncached(open: OpenClient, { serverUrl }: Setting): Contestant {
  return { ...open(serverUrl!, globalThis.fetch), async close() {} };
}

/** The client with the cache in its `fetch`. */
export function cached(open: OpenClient, setting: Setting): Contestant {
  const fetch = fetchOver(setting);
  return { ...open(NOWHERE, fetch), close: () => fetch.close() };
}

export function fetchOver(setting: Setting): CachedFetch {
  return cachedFetch({ store: memoryStore(), fetch: modelFetch(setting) });
}
