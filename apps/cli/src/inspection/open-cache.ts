import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { type CacheStore, sqliteStore, storeFileFromUrl, storeFromUrl } from "remem";
import { keepHeapSmall } from "../commands/small-heap.ts";
import { DEFAULT_MODEL } from "../flags/client-flags.ts";
import type { CacheFlags } from "../flags/inspect-options.ts";

/** A cache that a command looks into. */
export interface Cache {
  readonly store: CacheStore;
  /** The place of the cache, for messages: the path of its file, or the kind of its store. */
  readonly place: string;
}

interface CacheUse {
  /** Whether the command changes entries. By default it does not, and a file is only read. */
  readonly changes?: boolean | undefined;
}

/** Opens a cache, runs the command on it, and closes it. A file that does not exist is an error, and is not created. */
export async function withCache(
  flags: CacheFlags,
  run: (cache: Cache) => Promise<number>,
  { changes = false }: CacheUse = {},
): Promise<number> {
  keepHeapSmall();
  const cache = openCache(flags, changes);
  try {
    return await run(cache);
  } finally {
    await cache.store.close();
  }
}

function openCache({ store: url, model, defaultModel }: CacheFlags, changes: boolean): Cache {
  const options = { model: model ?? defaultModel ?? DEFAULT_MODEL, config: false } as const;
  const file = storeFileFromUrl(url, options);
  if (file === undefined) {
    const store = storeFromUrl(url, options);
    return { store, place: store.name };
  }
  const openFile = (path: string): Cache => ({ store: sqliteStore({ path, readOnly: !changes }), place: path });
  if (existsSync(file.path)) return openFile(file.path);
  const caches = file.isInDirectory ? cachesIn(dirname(file.path)) : [];
  const [only, ...others] = caches;
  if (only === undefined) throw new Error(`there is no cache at ${file.path}`);
  if (others.length > 0) {
    const choices = caches.map((path) => `\n  --store sqlite:${path}`).join("");
    throw new Error(`there is no cache at ${file.path}, but there are others:${choices}`);
  }
  // If a directory has one cache, the command opens that.
  return openFile(only);
}

function cachesIn(directory: string): string[] {
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory).filter((name) => name.endsWith(".sqlite"));
  return names.sort().map((name) => join(directory, name));
}
