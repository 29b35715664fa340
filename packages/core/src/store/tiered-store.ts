import { createTimeout } from "../concurrency/timeout.ts";
import type { CacheStore, Flights, HeadsOptions } from "../contracts/cache-store.ts";
import { expiryOf } from "../entry/entry.ts";
import { isReservedKey } from "../entry/reserved-keys.ts";
import { StoreError, storeClosed, storeFailed, storeTimedOut } from "../errors/errors.ts";
import { createBreaker } from "./breaker.ts";
import { trackKeyWrites } from "./key-writes.ts";
import { release, retain } from "./shared-use.ts";

/** A near store that takes longer saves no time. */
const NEAR_TIMEOUT_MS = 1_000;
/** The maximum number of outdated keys, as a bound of memory. With more, all keys count as outdated. */
const MAX_OUTDATED = 10_000;
/** How long failed flights are not tried again: otherwise every miss would wait for them. */
const FLIGHTS_RETRY_MS = 5_000;

/**
 * Puts a small, fast store in front of another: `near` serves the values that were read from `far` or written to it. `far` has
 * everything, and its flights and sidecars are those of the tier. `near` may forget, as `memoryStore({ maxBytes })` does. It
 * may fail, too, or take longer than a second: then `far` answers alone, and the process is warned once. If another process
 * replaces or deletes a value in `far`, the tier notices that once `near` has forgotten the value. If `far` is read-only, new
 * values and their sidecars stay in `near`, whose flights are used if those of `far` fail. The process is warned once, unless
 * `far` was created with `readOnly`. Closing the tier closes both, each once its last user has closed it.
 */
export function tieredStore(near: CacheStore, far: CacheStore): CacheStore {
  const flights = far.readOnly ? near.flights : eitherOf(far.flights, near.flights);
  const name = `${near.name} before ${far.name}`;
  const writes = trackKeyWrites();
  const within = createTimeout(NEAR_TIMEOUT_MS);
  const breakers = { get: createBreaker(), set: createBreaker(), delete: createBreaker() };
  /** Keys for which `near` may have an outdated value, because a write to it failed. */
  const outdated = new Set<string>();
  /** Whether any key may be outdated: `near` is not used until it has been cleared. */
  let isAllOutdated = false;
  let isWarned = false;
  /** Whether `far` could only be read when it was last written to. */
  let isFarReadOnly = far.readOnly === true;
  let closing: Promise<void> | undefined;
  retain(near);
  retain(far);

  /** The outcome in `near`, or `undefined` if that fails: the tier goes on without it. */
  async function inNear<T>(operation: keyof typeof breakers, run: () => Promise<T>): Promise<T | undefined> {
    const breaker = breakers[operation];
    if (isAllOutdated || !breaker.allows()) return undefined;
    try {
      const result = await within(run(), () => storeTimedOut(near.name, operation, NEAR_TIMEOUT_MS));
      breaker.succeeded();
      return result;
    } catch (cause) {
      breaker.failed();
      if (!isWarned)
        warn(
          "NEAR_STORE_FAILING",
          `near store of a tier failed, so every read goes to the far one`,
          storeFailed(near.name, operation, cause),
        );
      isWarned = true;
      return undefined;
    }
  }
  /** The outcome in `far`, or `undefined` if `far` is read-only. */
  async function inFar<T>(run: () => Promise<T>): Promise<T | undefined> {
    if (far.readOnly) return undefined;
    try {
      const result = await run();
      isFarReadOnly = false;
      return result;
    } catch (error) {
      if (!StoreError.is(error) || error.code !== "STORE_READ_ONLY") throw error;
      if (!isFarReadOnly)
        warn("FAR_STORE_READ_ONLY", `far store of a tier can only be read, so new answers stay in the near one`, error);
      isFarReadOnly = true;
      return undefined;
    }
  }
  async function readNear(keys: readonly string[]): Promise<ReadonlyArray<string | undefined>> {
    const values = await inNear("get", () => readMany(near, keys));
    return keys.map((key, index) => (outdated.has(key) ? undefined : values?.[index]));
  }
  async function fill(key: string, value: string, expiresAt: number | undefined = expiryOf(value)): Promise<void> {
    let isLate = false;
    await inNear("set", async () => {
      await near.set(key, value, expiresAt === undefined ? {} : { expiresAt });
      // A write that lands after its timeout may have replaced a newer one.
      if (isLate) markOutdated(key);
      else outdated.delete(key);
    });
    isLate = true;
  }
  async function drop(key: string): Promise<boolean> {
    const wasThere = await near.delete(key);
    outdated.delete(key);
    return wasThere;
  }
  function markOutdated(key: string): void {
    outdated.add(key);
    if (outdated.size > MAX_OUTDATED) isAllOutdated = true;
  }
  function assertOpen(): void {
    if (closing !== undefined) throw storeClosed(name);
  }

  return {
    specVersion: 1,
    name,
    async get(key) {
      assertOpen();
      if (isReservedKey(key) && !isFarReadOnly) return far.get(key); // Another host may have changed it.
      const found = outdated.has(key) ? undefined : await inNear("get", () => near.get(key));
      if (found !== undefined) return found;
      return writes.read(key, async (isCurrent) => {
        const value = await far.get(key);
        if (value !== undefined && isCurrent()) await fill(key, value);
        return value;
      });
    },
    async getMany(keys) {
      assertOpen();
      if (keys.some(isReservedKey) && !isFarReadOnly) return readMany(far, keys);
      const values = [...(await readNear(keys))];
      const gaps = [...keys.keys()].filter((index) => values[index] === undefined);
      if (gaps.length === 0) return values;
      const missing = gaps.map((index) => keys[index]!);
      const reading = Promise.withResolvers<ReadonlyArray<string | undefined>>();
      const fills = missing.map((key, index) =>
        writes.read(key, async (isCurrent) => {
          const value = (await reading.promise)[index];
          if (value !== undefined && isCurrent()) await fill(key, value);
          return value;
        }),
      );
      readMany(far, missing).then(reading.resolve, reading.reject);
      for (const [index, value] of (await Promise.all(fills)).entries()) values[gaps[index]!] = value;
      return values;
    },
    set: (key, value, options = {}) =>
      writes.write(key, async () => {
        assertOpen();
        await inFar(() => far.set(key, value, options));
        if (isFarReadOnly) {
          const { sidecar, ...others } = options;
          if (options.ifAbsent && (await far.get(key)) !== undefined) return;
          await near.set(key, value, near.getSidecar === undefined ? others : options);
          outdated.delete(key);
          return;
        }
        if (isReservedKey(key)) return;
        // With `ifAbsent` the stored value may be another one.
        const stored = options.ifAbsent ? await far.get(key) : value;
        markOutdated(key);
        if (stored === undefined) await inNear("delete", () => drop(key));
        else await fill(key, stored, stored === value ? options.expiresAt : undefined);
      }),
    delete: (key) =>
      writes.write(key, async () => {
        assertOpen();
        const wasThere = await inFar(() => far.delete(key));
        if (wasThere === undefined && (await far.get(key)) !== undefined) await far.delete(key); // Rejects with the reason.
        markOutdated(key);
        return (await drop(key)) || wasThere === true;
      }),
    clear: () =>
      writes.writeAll(async () => {
        assertOpen();
        await inFar(() => far.clear());
        isAllOutdated = true;
        await near.clear();
        outdated.clear();
        isAllOutdated = false;
      }),
    ...(far.getSidecar !== undefined && {
      async getSidecar(key: string) {
        assertOpen();
        return (isFarReadOnly ? await near.getSidecar?.(key) : undefined) ?? far.getSidecar!(key);
      },
    }),
    ...(far.entries !== undefined && {
      async *entries() {
        assertOpen();
        yield* far.entries!();
        if (!isFarReadOnly) return;
        for await (const entry of near.entries?.() ?? []) if ((await far.get(entry[0])) === undefined) yield entry;
      },
    }),
    ...(far.heads !== undefined &&
      near.heads !== undefined && {
        async *heads(options?: HeadsOptions) {
          assertOpen();
          const own = isFarReadOnly ? near.heads!(options) : [];
          for await (const head of own) if ((await far.get(head.key)) === undefined) yield head;
          yield* far.heads!(options);
        },
      }),
    ...(flights !== undefined && { flights }),
    ...(far.shardOf !== undefined && { shardOf: (key: string) => far.shardOf!(key) }),
    close() {
      closing ??= closeAll([near, far].filter(release));
      return closing;
    },
  };
}

async function closeAll(stores: readonly CacheStore[]): Promise<void> {
  const closed = await Promise.allSettled(stores.map((store) => store.close()));
  for (const outcome of closed) if (outcome.status === "rejected") throw outcome.reason;
}

function readMany(store: CacheStore, keys: readonly string[]): Promise<ReadonlyArray<string | undefined>> {
  return store.getMany?.(keys) ?? Promise.all(keys.map((key) => store.get(key)));
}

function warn(code: string, problem: string, error: Error): void {
  process.emitWarning(`The ${problem}: ${error.message}`, { type: "RememWarning", code: `REMEM_${code}` });
}

/** The first flights, or the second ones if the first fail. After a failure it takes a while until the first are tried again. */
function eitherOf(first: Flights | undefined, second: Flights | undefined): Flights | undefined {
  if (first === undefined || second === undefined) return first;
  let current = first;
  let retryAt = 0;
  return {
    async enter(key) {
      if (performance.now() < retryAt) return second.enter(key);
      try {
        const lease = await first.enter(key);
        current = first;
        return lease;
      } catch {
        current = second;
        retryAt = performance.now() + FLIGHTS_RETRY_MS;
        return second.enter(key);
      }
    },
    changed: (key, options) => current.changed(key, options),
  };
}
