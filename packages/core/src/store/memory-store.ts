import { checkOptions } from "../check-options.ts";
import { createRoster, type Place } from "../collections/linked-list.ts";
import type { CacheStore } from "../contracts/cache-store.ts";
import { invalidOption, storeClosed } from "../errors/errors.ts";

export interface MemoryStoreOptions {
  /** What keys and values may take together, counted in UTF-8 bytes. 256 MiB by default. Past it, what was used longest ago goes first. */
  readonly maxBytes?: number;
}

const NEVER = Number.POSITIVE_INFINITY;

interface Slot {
  readonly key: string;
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
  const places = new Map<string, Place<Slot>>();
  /** What was used longest ago comes first. */
  const slots = createRoster<Slot>();
  let bytes = 0;
  let closed = false;

  function open(): void {
    if (closed) throw storeClosed(name);
  }
  function find(key: string): Place<Slot> | undefined {
    const place = places.get(key);
    if (place === undefined || place.item.expiresAt === NEVER || place.item.expiresAt > Date.now()) return place;
    remove(place);
    return undefined;
  }
  function read(key: string): string | undefined {
    const place = find(key);
    if (place === undefined) return undefined;
    slots.renew(place);
    return place.item.value;
  }
  function remove(place: Place<Slot>): void {
    bytes -= place.item.bytes;
    places.delete(place.item.key);
    slots.remove(place);
  }
  function clear(): void {
    for (const place of places.values()) remove(place);
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
    async set(key, value, { expiresAt = NEVER, ifAbsent = false } = {}) {
      open();
      const older = find(key);
      if (older !== undefined) {
        if (ifAbsent) return;
        remove(older);
      }
      const slot = { key, value, bytes: Buffer.byteLength(key) + Buffer.byteLength(value), expiresAt };
      if (slot.bytes > maxBytes || expiresAt <= Date.now()) return;
      places.set(key, slots.add(slot));
      bytes += slot.bytes;
      for (const { key } of slots) {
        if (bytes <= maxBytes) break;
        remove(places.get(key)!);
      }
    },
    async delete(key) {
      open();
      const place = find(key);
      if (place === undefined) return false;
      remove(place);
      return true;
    },
    async clear() {
      open();
      clear();
    },
    async *entries() {
      open();
      for (const key of [...places.keys()]) {
        const place = find(key);
        if (place !== undefined) yield [key, place.item.value] as const;
      }
    },
    async close() {
      closed = true;
      clear();
    },
  };
}
