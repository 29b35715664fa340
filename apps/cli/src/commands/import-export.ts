import { basename } from "node:path";
import { type CacheStore, putEntry, readOriginalCache, writeOriginalCache } from "remem";
import { storeAt } from "../flags/client-flags.ts";
import type { ConfiguredFlags } from "../flags/configured-flags.ts";

export interface StoreFlags extends ConfiguredFlags {
  readonly store?: string;
  readonly model?: string;
}

/** Copies answers from a cache file of the Python class into the store, without replacing existing ones. */
export async function importCache(path: string, flags: StoreFlags): Promise<number> {
  const store = openStore(path, flags);
  const count = { imported: 0, kept: 0, unreadable: 0 };
  try {
    for (const batch of batches(readOriginalCache(path))) {
      const exists = await Promise.all(batch.map(async ([key]) => (await store.get(key)) !== undefined));
      for (const [index, [key, entry]] of batch.entries()) {
        if (entry === undefined) count.unreadable += 1;
        else if (exists[index]) count.kept += 1;
        else {
          await putEntry(store, key, entry, { ifAbsent: true });
          count.imported += 1;
        }
      }
    }
  } finally {
    await store.close();
  }
  console.error(`${count.imported} imported, ${count.kept} already present, ${count.unreadable} unreadable`);
  return 0;
}

/** Adds answers from the store to a cache file of the Python class, without replacing its rows. */
export async function exportCache(path: string, flags: StoreFlags): Promise<number> {
  const store = openStore(path, flags);
  try {
    if (store.entries === undefined) throw new Error(`the store "${store.name}" cannot list its entries`);
    const { written, kept, skipped } = await writeOriginalCache(path, store.entries());
    console.error(`${written} exported, ${kept} already present, ${skipped} skipped (expired or not an answer)`);
    return 0;
  } finally {
    await store.close();
  }
}

/** In a directory it opens the file of the model. By default the name of the Python file tells the model. */
function openStore(path: string, { store, model, defaultModel }: StoreFlags): CacheStore {
  const [, named] = /^(.+)_cache\.sqlite$/.exec(basename(path)) ?? [];
  return storeAt(store, model ?? named ?? defaultModel);
}

const BATCH = 64;

function* batches<T>(items: Iterable<T>): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
