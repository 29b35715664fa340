import { type CacheStore, checkCount, type Flights, RememError, StoreError } from "@remem/core/plugin";

/** A store that fails and hangs on command. */
export interface ChaosStore extends CacheStore {
  /**
   * Makes these operations reject from now on: members of the store by name, and `enter` and `changed` of its flights.
   * `"all"` is all of them except `close`, which fails only by name. They reject with `error`, by default a `StoreError`.
   */
  fail(operations: "all" | readonly string[], error?: Error): void;
  /** Delays the start of every operation by this many milliseconds from now on, even of one that then fails. */
  delay(ms: number): void;
  /** Ends all failures and all delays, including those under way. */
  heal(): void;
}

const ALL = ["get", "getMany", "set", "getSidecar", "delete", "clear", "entries", "heads", "enter", "changed"] as const;
type Operation = (typeof ALL)[number] | "close";

/** Wraps a store that fails and delays on command. It has the optional members that the store itself has. */
export function chaosStore(store: CacheStore): ChaosStore {
  const failing = new Map<string, Error | undefined>();
  const pending = new Set<() => void>();
  let delayMs = 0;

  function check(operation: Operation): void {
    if (!failing.has(operation)) return;
    const message = `The store "${store.name}" fails in ${operation}, as requested by fail().`;
    throw failing.get(operation) ?? new StoreError(message, { store: store.name });
  }
  function lateStart(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      function end(): void {
        clearTimeout(timer);
        pending.delete(end);
        signal?.removeEventListener("abort", end);
        resolve();
      }
      const timer = setTimeout(end, delayMs);
      pending.add(end);
      signal?.addEventListener("abort", end);
      if (signal?.aborted) end();
    });
  }
  async function disturb<T>(operation: Operation, run: () => T, signal?: AbortSignal): Promise<Awaited<T>> {
    if (delayMs > 0) await lateStart(signal);
    check(operation);
    return await run();
  }
  async function* checkEach<T>(
    operation: "entries" | "heads",
    list: () => AsyncIterable<T>,
  ): AsyncGenerator<T, void, undefined> {
    for await (const item of await disturb(operation, list)) {
      check(operation);
      yield item;
    }
  }
  function disturbFlights(flights: Flights): Flights {
    return {
      enter: (key) => disturb("enter", () => flights.enter(key)),
      changed: (key, options) => disturb("changed", () => flights.changed(key, options), options.signal),
    };
  }

  return {
    specVersion: 1,
    name: store.name,
    get: (key) => disturb("get", () => store.get(key)),
    ...(store.getMany && { getMany: (keys) => disturb("getMany", () => store.getMany!(keys)) }),
    set: (key, value, options) => disturb("set", () => store.set(key, value, options)),
    ...(store.getSidecar && { getSidecar: (key) => disturb("getSidecar", () => store.getSidecar!(key)) }),
    delete: (key) => disturb("delete", () => store.delete(key)),
    clear: () => disturb("clear", () => store.clear()),
    ...(store.entries && { entries: () => checkEach("entries", () => store.entries!()) }),
    ...(store.heads && { heads: (options) => checkEach("heads", () => store.heads!(options)) }),
    ...(store.flights && { flights: disturbFlights(store.flights) }),
    ...(store.shardOf && { shardOf: (key) => store.shardOf!(key) }),
    close: () => disturb("close", () => store.close()),
    fail(operations, error) {
      const names = operations === "all" ? ALL : operations;
      for (const name of names) checkOperation(name);
      for (const name of names) failing.set(name, error);
    },
    delay(ms) {
      checkCount("chaosStore", "ms", ms, 0);
      delayMs = ms;
    },
    heal() {
      failing.clear();
      delayMs = 0;
      for (const end of pending) end();
    },
  };
}

function checkOperation(name: string): void {
  const known: readonly string[] = [...ALL, "close"];
  if (known.includes(name)) return;
  const problem = `chaosStore: there is no operation "${name}" to fail. There are ${known.join(", ")}.`;
  throw new RememError("INVALID_OPTION", problem);
}
