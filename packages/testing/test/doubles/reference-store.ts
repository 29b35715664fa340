import { setImmediate as nextTurn } from "node:timers/promises";
import { type CacheStore, type FlightEnd, type Flights, StoreError } from "@remem/core";
import { headOf } from "@remem/core/plugin";
import type { StoreContractOptions } from "../../src/index.ts";

interface Slot {
  readonly value: string;
  readonly expiresAt: number;
  readonly sidecar?: string;
}

/** Shared by several handles. */
export interface Backend {
  readonly slots: Map<string, Slot>;
  readonly leaders: Map<string, symbol>;
  readonly waiting: Map<string, Set<(end: FlightEnd) => void>>;
  readonly foreign: Set<string>;
  isBroken: boolean;
}

export function createBackend(): Backend {
  return { slots: new Map(), leaders: new Map(), waiting: new Map(), foreign: new Set(), isBroken: false };
}

/** The simplest store that keeps every promise of the contract. */
export function referenceStore(backend: Backend): CacheStore {
  const name = "reference";
  let closed = false;

  async function open(): Promise<void> {
    await nextTurn();
    if (closed) throw new StoreError("The store was closed.", { store: name, code: "STORE_CLOSED" });
    if (backend.isBroken) throw new Error("The backend is broken.");
  }
  function find(key: string): Slot | undefined {
    const slot = backend.slots.get(key);
    return slot !== undefined && slot.expiresAt > Date.now() ? slot : undefined;
  }

  return {
    specVersion: 1,
    name,
    async get(key) {
      await open();
      return find(key)?.value;
    },
    async getMany(keys) {
      await open();
      return keys.map((key) => find(key)?.value);
    },
    async set(key, value, { expiresAt = Number.POSITIVE_INFINITY, ifAbsent = false, sidecar } = {}) {
      await open();
      if (ifAbsent && find(key) !== undefined) return;
      backend.slots.set(key, { value, expiresAt, ...(sidecar !== undefined && { sidecar }) });
    },
    async getSidecar(key) {
      await open();
      return find(key)?.sidecar;
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
        const slot = find(key);
        if (slot === undefined) continue;
        yield slot.sidecar === undefined ? [key, slot.value] : [key, slot.value, slot.sidecar];
      }
    },
    async *heads({ newestFirst = false, prefix = "" } = {}) {
      await open();
      const keys = [...backend.slots.keys()].filter((key) => key.startsWith(prefix));
      for (const key of newestFirst ? keys.toReversed() : keys) {
        const slot = find(key);
        if (slot === undefined) continue;
        const { value, sidecar } = slot;
        const head = { key, head: headOf(value), bytes: Buffer.byteLength(key + value + (sidecar ?? "")) };
        yield sidecar === undefined ? head : { ...head, sidecar };
      }
    },
    flights: referenceFlights(backend),
    async close() {
      closed = true;
    },
  };
}

/** A leader that has died. */
export const DEAD: unique symbol = Symbol("dead");

export function referenceFlights({ leaders, waiting }: Pick<Backend, "leaders" | "waiting">): Flights {
  const isHeld = (key: string): boolean => leaders.has(key) && leaders.get(key) !== DEAD;
  return {
    async enter(key) {
      await nextTurn();
      if (isHeld(key)) return undefined;
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
        if (!isHeld(key)) resolve("unknown");
      });
    },
  };
}

/** Opens a handle on a backend. */
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
