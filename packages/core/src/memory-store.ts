import type { CacheStore } from "./cache-store.ts";
import { invalidOption, storeClosed } from "./errors.ts";
import { checkOptions } from "./options.ts";

export interface MemoryStoreOptions {
  /** What keys and values may take together, counted in UTF-8 bytes. 256 MiB by default. Past it, what was used longest ago goes first. */
  readonly maxBytes?: number;
}

interface Slot {
  readonly value: string;
  readonly bytes: number;
  readonly expiresAt: number;
}

/** A store in this process's memory: for tests, for short runs, and in front of a slower store. */
export function memoryStore(options: MemoryStoreOptions = {}): CacheStore {
  checkOptions("memoryStore", options, { maxBytes: true } satisfies Record<keyof MemoryStoreOptions, true>);
  const { maxBytes = 256 * 1024 * 1024 } = options;
  if (!(Number.isSafeInteger(maxBytes) && maxBytes > 0))
    throw invalidOption("memoryStore", "maxBytes", "a whole number of bytes from 1");

  const name = "memory";
  // A Map keeps the order of insertion: what is used moves to its end, so the oldest is always first.
  const slots = new Map<string, Slot>();
  let bytes = 0;
  let closed = false;

  function open(): void {
    if (closed) throw storeClosed(name);
  }
  function find(key: string): Slot | undefined {
    const slot = slots.get(key);
    if (slot !== undefined && slot.expiresAt < Number.POSITIVE_INFINITY && slot.expiresAt <= Date.now()) {
      remove(key);
      return undefined;
    }
    return slot;
  }
  function read(key: string): string | undefined {
    const slot = find(key);
    if (slot === undefined) return undefined;
    slots.delete(key);
    slots.set(key, slot);
    return slot.value;
  }
  function remove(key: string): boolean {
    bytes -= slots.get(key)?.bytes ?? 0;
    return slots.delete(key);
  }

  return {
    specVersion: 1,
    name,
    async get(key) {
      open();
      return read(key);
    },
    async getMany(keys) {
      open();
      return keys.map(read);
    },
    async set(key, value, { expiresAt = Number.POSITIVE_INFINITY, ifAbsent = false } = {}) {
      open();
      if (ifAbsent && find(key) !== undefined) return;
      remove(key);
      const slot = { value, bytes: Buffer.byteLength(key) + Buffer.byteLength(value), expiresAt };
      if (slot.bytes > maxBytes || expiresAt <= Date.now()) return;
      slots.set(key, slot);
      bytes += slot.bytes;
      for (const oldest of slots.keys()) {
        if (bytes <= maxBytes) break;
        remove(oldest);
      }
    },
    async delete(key) {
      open();
      return find(key) !== undefined && remove(key);
    },
    async clear() {
      open();
      slots.clear();
      bytes = 0;
    },
    async *entries() {
      open();
      for (const key of [...slots.keys()]) {
        const slot = find(key);
        if (slot !== undefined) yield [key, slot.value] as const;
      }
    },
    async close() {
      closed = true;
      slots.clear();
      bytes = 0;
    },
  };
}
