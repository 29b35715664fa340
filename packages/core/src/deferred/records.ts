import type { CacheStore, StoreSetOptions } from "../contracts/cache-store.ts";
import { decodeForHit, writeEntry } from "../entry/entry.ts";
import { RESERVED_PREFIX } from "../entry/reserved-keys.ts";
import { StoreError, storeFailed } from "../errors/errors.ts";
import { parseJson } from "../json/raw-json.ts";

/** Notes in a store that processes and hosts share. They have the format of entries, including its digests. */
export interface Records {
  get<T>(name: string): Promise<T | undefined>;
  getMany<T>(names: readonly string[]): Promise<Array<T | undefined>>;
  put(name: string, value: object, options?: PutOptions): Promise<void>;
  /** Puts all of them, a few at a time. */
  putMany(notes: ReadonlyArray<Note<object>>, options?: PutOptions): Promise<void>;
  /** Puts each note whose name has none, and returns the notes that are then stored. */
  claimMany<T extends object>(notes: ReadonlyArray<Note<T>>): Promise<T[]>;
  delete(name: string): Promise<void>;
  deleteMany(names: readonly string[]): Promise<void>;
  /** Lists the names that begin with a text. */
  list(prefix: string): AsyncIterable<string>;
}

type Note<T> = readonly [name: string, value: T];

interface PutOptions {
  readonly ifAbsent?: boolean;
  /** 30 days by default: a server does not keep the files of a batch for longer. */
  readonly ttlMs?: number;
}

interface Encoded {
  readonly key: string;
  readonly text: string;
  readonly options: StoreSetOptions;
}

const DAY_MS = 24 * 60 * 60 * 1_000;
const KEPT_MS = 30 * DAY_MS;
/** The maximum number and length of notes that are written together: the store has to write them within its timeout. */
const MAX_AT_ONCE = 32;
const MAX_CHARACTERS_AT_ONCE = 1024 * 1024;

/** Makes records. All operations reject with a `StoreError` if the store fails. */
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
  function encoded(name: string, value: object, { ifAbsent = false, ttlMs = KEPT_MS }: PutOptions = {}): Encoded {
    const key = keyOf(name);
    const createdAt = Date.now();
    const expiresAt = createdAt + ttlMs;
    const { value: text } = writeEntry({
      key,
      createdAt,
      expiresAt,
      answer: JSON.stringify(value),
      request: undefined,
    });
    return { key, text, options: { expiresAt, ifAbsent } };
  }
  const write = ({ key, text, options }: Encoded): Promise<void> => within("set", () => store.set(key, text, options));

  const records: Records = {
    get: async (name) => parsed(name, await within("get", () => store.get(keyOf(name)))),
    async getMany(names) {
      const keys = names.map(keyOf);
      const texts = await within("get", async () =>
        store.getMany === undefined ? Promise.all(keys.map((key) => store.get(key))) : store.getMany(keys),
      );
      return names.map((name, index) => parsed(name, texts[index]));
    },
    put: (name, value, options) => write(encoded(name, value, options)),
    async putMany(notes, options) {
      let part: Encoded[] = [];
      let characters = 0;
      for (const [name, value] of notes) {
        const one = encoded(name, value, options);
        if (part.length === MAX_AT_ONCE || characters + one.text.length > MAX_CHARACTERS_AT_ONCE) {
          await Promise.all(part.map(write));
          part = [];
          characters = 0;
        }
        part.push(one);
        characters += one.text.length;
      }
      await Promise.all(part.map(write));
    },
    async claimMany<T extends object>(notes: ReadonlyArray<Note<T>>) {
      await records.putMany(notes, { ifAbsent: true });
      const found = await records.getMany<T>(notes.map(([name]) => name));
      await records.putMany(notes.filter((_, index) => found[index] === undefined)); // The stored notes are damaged.
      return notes.map(([, value], index) => found[index] ?? value);
    },
    delete: (name) => records.deleteMany([name]),
    async deleteMany(names) {
      for (let at = 0; at < names.length; at += MAX_AT_ONCE) {
        const part = names.slice(at, at + MAX_AT_ONCE);
        await within("delete", () => Promise.all(part.map((name) => store.delete(keyOf(name)))));
      }
    },
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
