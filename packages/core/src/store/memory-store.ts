import { createLru } from "../collections/lru.ts";
import type { CacheStore } from "../contracts/cache-store.ts";
import { headOf } from "../entry/entry.ts";
import { checkOptions } from "../errors/check-options.ts";
import { invalidOption, storeClosed } from "../errors/errors.ts";

/** The options of `memoryStore`. */
export interface MemoryStoreOptions {
  /**
   * The maximum size of keys, values and sidecars together, in UTF-8 bytes. 256 MiB by default. Beyond it, the least recently
   * used entries are dropped.
   */
  readonly maxBytes?: number | undefined;
}

const NEVER = Number.POSITIVE_INFINITY;

interface Stored {
  readonly value: string;
  readonly sidecar: string | undefined;
  readonly expiresAt: number;
}

/** A store in this process's memory: for tests, for short runs, and in front of a slower store. */
export function memoryStore(options: MemoryStoreOptions = {}): CacheStore {
  checkOptions("memoryStore", options, { maxBytes: true } satisfies Record<keyof MemoryStoreOptions, true>);
  const { maxBytes = 256 * 1024 * 1024 } = options;
  if (!(Number.isSafeInteger(maxBytes) && maxBytes > 0))
    throw invalidOption("memoryStore", "maxBytes", "a whole number of bytes from 1");

  const name = "memory";
  const entries = createLru<Stored>(maxBytes);
  let closed = false;

  function assertOpen(): void {
    if (closed) throw storeClosed(name);
  }
  /** The entry, unless it has expired. */
  function fresh(key: string, stored: Stored | undefined): Stored | undefined {
    if (stored === undefined || stored.expiresAt === NEVER || stored.expiresAt > Date.now()) return stored;
    entries.delete(key);
    return undefined;
  }
  const read = (key: string): string | undefined => fresh(key, entries.get(key))?.value;

  return {
    specVersion: 1,
    name,
    async get(key) {
      assertOpen();
      return read(key);
    },
    async getMany(keys) {
      assertOpen();
      return keys.map(read);
    },
    async set(key, value, { expiresAt = NEVER, ifAbsent = false, sidecar } = {}) {
      assertOpen();
      if (ifAbsent && fresh(key, entries.peek(key)) !== undefined) return;
      if (expiresAt <= Date.now()) {
        entries.delete(key);
        return;
      }
      entries.set(key, { value, sidecar, expiresAt }, sizeOf(key, { value, sidecar }));
    },
    async getSidecar(key) {
      assertOpen();
      return fresh(key, entries.peek(key))?.sidecar;
    },
    async delete(key) {
      assertOpen();
      return fresh(key, entries.peek(key)) !== undefined && entries.delete(key);
    },
    async clear() {
      assertOpen();
      entries.clear();
    },
    async *entries() {
      assertOpen();
      for (const key of entries.keys()) {
        const stored = fresh(key, entries.peek(key));
        if (stored === undefined) continue;
        yield stored.sidecar === undefined ? [key, stored.value] : [key, stored.value, stored.sidecar];
      }
    },
    async *heads({ newestFirst = false, prefix = "" } = {}) {
      assertOpen();
      // The keys are in the order in which they were set.
      for (const key of newestFirst ? entries.keys().reverse() : entries.keys()) {
        if (!key.startsWith(prefix)) continue;
        const stored = fresh(key, entries.peek(key));
        if (stored === undefined) continue;
        const { value, sidecar } = stored;
        const head = { key, head: headOf(value), bytes: sizeOf(key, stored) };
        yield sidecar === undefined ? head : { ...head, sidecar };
      }
    },
    async close() {
      closed = true;
      entries.clear();
    },
  };
}

function sizeOf(key: string, { value, sidecar = "" }: Pick<Stored, "value" | "sidecar">): number {
  return Buffer.byteLength(key) + Buffer.byteLength(value) + Buffer.byteLength(sidecar);
}
