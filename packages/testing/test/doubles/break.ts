import type { CacheStore, StoreSetOptions } from "@remem/core";
import type { Backend } from "./reference-store.ts";

/** Breaks the reference store: these members replace its own. */
export type Break = (store: CacheStore, backend: Backend) => Partial<CacheStore>;

/** The reference store with one promise broken, and what the case reports about it. */
export type Double = readonly [broken: string, change: Break, says: RegExp];

export const never: Promise<never> = new Promise(() => {});

export const changingValues = (change: (value: string) => string): Break => {
  return (store) => ({ set: (key, value, options) => store.set(key, change(value), options) });
};
export const changingOptions = (change: (options: StoreSetOptions, slot: string) => StoreSetOptions): Break => {
  return (store) => ({ set: (key, value, options = {}) => store.set(key, value, change(options, key)) });
};
export const changingKeys = (change: (key: string) => string): Break => {
  return (store) => ({
    get: (key) => store.get(change(key)),
    set: (key, value, options) => store.set(change(key), value, options),
    delete: (key) => store.delete(change(key)),
  });
};
