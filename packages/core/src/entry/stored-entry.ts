import type { CacheStore, StoreSetOptions } from "../contracts/cache-store.ts";
import type { JsonObject } from "../json/json-value.ts";
import { type CacheEntry, decodeEntry, splitEntry } from "./entry.ts";

/** The entry that a store holds for the key, with its request. `undefined` if there is none, or it is damaged. */
export async function readEntry<Answer extends object = object, Request extends object = JsonObject>(
  store: CacheStore,
  key: string,
): Promise<CacheEntry<Answer, Request> | undefined> {
  const value = await store.get(key);
  return value === undefined ? undefined : decodeEntry<Answer, Request>(value, await store.getSidecar?.(key));
}

/** Stores an entry that is one text, as `encodeEntry` writes it. It becomes value and sidecar if the store has sidecars. */
export async function putEntry(
  store: CacheStore,
  key: string,
  text: string,
  options: Omit<StoreSetOptions, "sidecar"> = {},
): Promise<void> {
  if (store.getSidecar === undefined) return store.set(key, text, options);
  const { value, sidecar } = splitEntry(text);
  return store.set(key, value, sidecar === undefined ? options : { ...options, sidecar });
}
