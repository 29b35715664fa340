import type { CacheStore } from "../contracts/cache-store.ts";
import { decodeForHit, writeEntry } from "../entry/entry.ts";
import { RESERVED_PREFIX } from "../entry/reserved-keys.ts";
import { StoreError, storeFailed } from "../errors/errors.ts";
import { parseJson } from "../json/raw-json.ts";

/** Notes in a store, which processes and hosts share. They have the form of entries, and so their digests. */
export interface Records {
  get<T>(name: string): Promise<T | undefined>;
  getMany<T>(names: readonly string[]): Promise<Array<T | undefined>>;
  put(name: string, value: object, options?: PutOptions): Promise<void>;
  /** Puts the value where there is none, and returns the one that is there then. */
  claim<T extends object>(name: string, value: T): Promise<T>;
  delete(name: string): Promise<void>;
  /** The names that begin with a text. */
  list(prefix: string): AsyncIterable<string>;
}

interface PutOptions {
  readonly ifAbsent?: boolean;
  /** 30 days by default: a server does not keep the files of a batch for longer. */
  readonly ttlMs?: number;
}

const DAY_MS = 24 * 60 * 60 * 1_000;
const KEPT_MS = 30 * DAY_MS;

/** All operations reject with a `StoreError` where the store fails. */
export function createRecords(store: CacheStore): Records {
  async function within<T>(operation: string, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw storeFailed(store.name, operation, error);
    }
  }
  const keyOf = (name: string): string => RESERVED_PREFIX + name;
  function parsed<T>(name: string, text: string | undefined): T | undefined {
    const entry = text === undefined ? undefined : decodeForHit(text, keyOf(name));
    if (entry === undefined || (entry.expiresAt ?? Number.POSITIVE_INFINITY) <= Date.now()) return undefined;
    return parseJson(entry.answer) as T; // A seed may have more digits than a number holds.
  }
  const records: Records = {
    get: async (name) => parsed(name, await within("get", () => store.get(keyOf(name)))),
    async getMany(names) {
      const keys = names.map(keyOf);
      const texts = await within("get", async () =>
        store.getMany === undefined ? Promise.all(keys.map((key) => store.get(key))) : store.getMany(keys),
      );
      return names.map((name, index) => parsed(name, texts[index]));
    },
    put(name, value, { ifAbsent = false, ttlMs = KEPT_MS } = {}) {
      const key = keyOf(name);
      const createdAt = Date.now();
      const expiresAt = createdAt + ttlMs;
      const text = writeEntry({ key, createdAt, expiresAt, answer: JSON.stringify(value), request: undefined });
      return within("set", () => store.set(key, text.value, { expiresAt, ifAbsent }));
    },
    async claim<T extends object>(name: string, value: T) {
      await records.put(name, value, { ifAbsent: true });
      const found = await records.get<T>(name);
      if (found !== undefined) return found;
      await records.put(name, value); // What is there is damaged.
      return value;
    },
    delete: async (name) => void (await within("delete", () => store.delete(keyOf(name)))),
    async *list(prefix) {
      const start = keyOf(prefix);
      const listed = store.heads?.({ prefix: start }) ?? keysOf(store);
      for await (const { key } of listed) if (key.startsWith(start)) yield key.slice(RESERVED_PREFIX.length);
    },
  };
  return records;
}

async function* keysOf(store: CacheStore): AsyncGenerator<{ readonly key: string }, void, undefined> {
  if (store.entries === undefined) {
    throw new StoreError(`The store "${store.name}" cannot list its entries.`, { store: store.name });
  }
  for await (const [key] of store.entries()) yield { key };
}
