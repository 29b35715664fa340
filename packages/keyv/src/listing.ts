import type { StorageAdapter } from "./keyv-like.ts";
import { fromStoredKey } from "./stored-key.ts";
import { fromStoredValue } from "./stored-value.ts";

/** Keyv 6 makes adapters of what is none; their `iterator` is always there, and may list nothing, in silence. */
export function canList(adapter: StorageAdapter): boolean {
  if (adapter instanceof Map) return true;
  const { capabilities, iterator, store } = adapter;
  const lists = capabilities === undefined || capabilities.methods?.iterator.exists || store instanceof Map;
  return typeof iterator === "function" && lists === true;
}

/** What is stored under keys that begin with `prefix`, and has not expired. */
export async function* list(adapter: StorageAdapter, prefix: string): AsyncGenerator<readonly [string, string]> {
  for await (const [key, stored] of adapter instanceof Map ? adapter : adapter.iterator!(adapter.namespace)) {
    if (!key.startsWith(prefix)) continue;
    const value = fromStoredValue(stored);
    if (value !== undefined) yield [fromStoredKey(key.slice(prefix.length)), value];
  }
}
