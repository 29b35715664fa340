import { setImmediate as nextTurn } from "node:timers/promises";
import { type CacheStore, type FlightEnd, type Flights, StoreError } from "@remem/core";
import type { StoreContractOptions } from "../../src/index.ts";

/** What several handles share. */
export interface Backend {
  readonly slots: Map<string, { readonly value: string; readonly expiresAt: number }>;
  readonly leaders: Map<string, symbol>;
  readonly waiting: Map<string, Set<(end: FlightEnd) => void>>;
  readonly foreign: Set<string>;
  isBroken: boolean;
}

export function createBackend(): Backend {
  return { slots: new Map(), leaders: new Map(), waiting: new Map(), foreign: new Set(), isBroken: false };
}

/** A store that does all that the contract speaks of, as plainly as it can be said. */
export function referenceStore(backend: Backend): CacheStore {
  const name = "reference";
  let closed = false;

  async function open(): Promise<void> {
    await nextTurn();
    if (closed) throw new StoreError("The store was closed.", { store: name, code: "STORE_CLOSED" });
    if (backend.isBroken) throw new Error("The backend is broken.");
  }
  function find(key: string): string | undefined {
    const slot = backend.slots.get(key);
    return slot !== undefined && slot.expiresAt > Date.now() ? slot.value : undefined;
  }

  return {
    specVersion: 1,
    name,
    async get(key) {
      await open();
      return find(key);
    },
    async getMany(keys) {
      await open();
      return keys.map(find);
    },
    async set(key, value, { expiresAt = Number.POSITIVE_INFINITY, ifAbsent = false } = {}) {
      await open();
      if (ifAbsent && find(key) !== undefined) return;
      backend.slots.set(key, { value, expiresAt });
    },
    async delete(key) {
      await open();
      const wasThere = find(key) !== undefined;
      backend.slots.delete(key);
      return wasThere;
    },
    async clear() {
      await open();
      backend.slots.clear();
    },
    async *entries() {
      await open();
      for (const key of backend.slots.keys()) {
        const value = find(key);
        if (value !== undefined) yield [key, value] as const;
      }
    },
    flights: referenceFlights(backend),
    async close() {
      closed = true;
    },
  };
}

/** In the lead, and dead. */
export const DEAD: unique symbol = Symbol("dead");

export function referenceFlights({ leaders, waiting }: Pick<Backend, "leaders" | "waiting">): Flights {
  const isLed = (key: string): boolean => leaders.has(key) && leaders.get(key) !== DEAD;
  return {
    async enter(key) {
      await nextTurn();
      if (isLed(key)) return undefined;
      const token = Symbol(key);
      leaders.set(key, token);
      return {
        lost: new AbortController().signal,
        async [Symbol.asyncDispose]() {
          await nextTurn();
          if (leaders.get(key) !== token) return;
          leaders.delete(key);
          for (const wake of waiting.get(key) ?? []) wake("released");
        },
      };
    },
    changed(key, { signal }) {
      return new Promise<FlightEnd>((resolve, reject) => {
        const waiters = waiting.get(key) ?? new Set();
        waiting.set(key, waiters.add(resolve));
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        if (signal.aborted) reject(signal.reason);
        if (!isLed(key)) resolve("unknown");
      });
    },
  };
}

/** What a handle on the backend is made of, for a store that is as good as `referenceStore` or is not. */
export type MakeStore = (backend: Backend) => CacheStore;

export function contractOptions(make: MakeStore): StoreContractOptions {
  let backend = createBackend();
  return {
    create() {
      backend = createBackend();
      return make(backend);
    },
    reopen: () => make(backend),
    foreign: {
      put: () => void backend.foreign.add("theirs"),
      isThere: () => backend.foreign.has("theirs"),
    },
    breakBackend() {
      backend.isBroken = true;
    },
    orphan: (key) => void backend.leaders.set(key, DEAD),
    async leadElsewhere(key) {
      const lease = await referenceFlights(backend).enter(key);
      return async () => lease?.[Symbol.asyncDispose]();
    },
  };
}
