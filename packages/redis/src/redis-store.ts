import { type CacheStore, createRedact, StoreError } from "@remem/core";
import { type Attempt, attemptOver } from "./command.ts";
import { reasonOf } from "./connection.ts";
import { fromStoredText, placesUnder, toStoredText } from "./key-space.ts";
import { createWaiters } from "./lease-waiter.ts";
import { createLeases, TIMINGS, type Timings } from "./leases.ts";
import { givenConnection, ownConnection } from "./reconnecting-client.ts";
import { type AnyClient, nodesOf, passwordOf, readPlaces } from "./redis-client.ts";
import { checkRedisStoreOptions, passwordIn, type RedisStoreOptions, withoutSecrets } from "./redis-store-options.ts";
import { FILL, KEEP, runScript } from "./scripts.ts";

const name = "redis";
/** About how many keys Redis looks at for one answer. */
const SCAN_COUNT = 128;
/** A shorter one would take too much out of what a server says, and hides nothing. */
const SHORTEST_PASSWORD = 3;

/**
 * A store in Redis or Valkey, for any number of processes on any number of hosts, which make one call out of equal ones
 * among them. Nothing is loaded or connected before the first operation. One that fails, or takes longer than `timeoutMs`,
 * rejects with a `StoreError`; the next one connects again where that is needed.
 *
 * `clear` and `entries` walk through all keys of the database, and take those under the prefix. They are not atomic: what is
 * set meanwhile may be missed. A `clear` that failed can be repeated. `entries` remembers the keys that it has given.
 */
export function redisStore(options: RedisStoreOptions = {}): CacheStore {
  return storeWith(options, TIMINGS);
}

/** With timings of the test's own. @internal */
export function storeWith(options: RedisStoreOptions, { leaseMs, tickMs }: Timings): CacheStore {
  checkRedisStoreOptions(options);
  const { url = "redis://localhost:6379", client, prefix = "remem:", timeoutMs = 1_000 } = options;
  const where = client === undefined ? `at ${withoutSecrets(url)}` : "through its client";
  const connection = client === undefined ? ownConnection(url) : givenConnection(client);
  const password = client === undefined ? passwordIn(url) : passwordOf(client);
  const redact = createRedact([password], SHORTEST_PASSWORD);
  const attempt = attemptOver(connection, { timeoutMs, where, redact });
  const places = placesUnder(prefix);
  const leases = createLeases(places, attempt, leaseMs);
  const waiters = createWaiters(places, connection.nodeOf, attempt, tickMs);
  let underWay = 0;
  let closing: PromiseWithResolvers<void> | undefined;

  async function unlessClosed<T>(operate: () => Promise<T>): Promise<T> {
    if (closing !== undefined) throw isClosed();
    underWay += 1;
    try {
      return await operate();
    } finally {
      underWay -= 1;
      finishClosing();
    }
  }
  function finishClosing(): void {
    if (underWay === 0) closing?.resolve();
  }
  const run: Attempt = (operation, work, place) => unlessClosed(() => attempt(operation, work, place));

  async function readMany(operation: string, wanted: string[]): Promise<Array<string | undefined>> {
    const found = new Map<string, string | null>();
    async function readNode(wanted: string[]): Promise<void> {
      const values = await run(operation, (redis) => readPlaces(redis, wanted), wanted[0]);
      for (const [index, place] of wanted.entries()) found.set(place, values[index]!);
    }
    await Promise.all(Array.from(Map.groupBy(wanted, connection.nodeOf).values(), readNode));
    return wanted.map((place) => fromStored(found.get(place)!));
  }

  /** The places of all values, node after node, some of them perhaps twice. */
  async function* scan(operation: string): AsyncGenerator<string[], void, undefined> {
    for (const node of await run(operation, nodesOf)) {
      let cursor = "0";
      do {
        const found = await run(operation, () => node.scan(cursor, { MATCH: places.pattern, COUNT: SCAN_COUNT }));
        yield found.keys;
        cursor = found.cursor;
      } while (cursor !== "0");
    }
  }

  return {
    specVersion: 1,
    name,
    shardOf: (key) => connection.nodeOf(places.of(key)),
    get(key) {
      const place = places.of(key);
      return run("get", (redis) => redis.get(place).then(fromStored, strange), place);
    },
    getMany: (keys) => readMany("getMany", keys.map(places.of)),
    set(key, value, { expiresAt, ifAbsent = false } = {}) {
      const place = places.of(key);
      async function write(redis: AnyClient): Promise<void> {
        // Not the moment but what is left until then: the clock of Redis may be another one.
        const leftMs = expiresAt === undefined ? undefined : Math.ceil(expiresAt - Date.now());
        const expiry = leftMs === undefined ? [] : ["PX", `${leftMs}`];
        const token = leases.tokenOf(key);
        if (leftMs !== undefined && leftMs <= 0) {
          if (!ifAbsent) await redis.unlink(place);
        } else if (token !== undefined && !ifAbsent) {
          await runScript(redis, KEEP, [place, places.ofLead(key)], [token, toStoredText(value), ...expiry]);
        } else {
          const kept = await redis.set(place, toStoredText(value), {
            ...(leftMs !== undefined && { expiration: { type: "PX", value: leftMs } }),
            ...(ifAbsent && { condition: "NX" }),
          });
          if (kept === null) await runScript(redis, FILL, [place], [toStoredText(value), ...expiry]);
        }
      }
      return run("set", write, place);
    },
    delete: (key) => run("delete", async (redis) => (await redis.unlink(places.of(key))) > 0),
    async clear() {
      for await (const found of scan("clear")) {
        await run("clear", (redis) => Promise.all(found.map((place) => redis.unlink(place))));
      }
    },
    async *entries() {
      const seen = new Set<string>();
      for await (const found of scan("entries")) {
        const fresh = [...new Set(found)].filter((place) => !seen.has(place));
        const values = await readMany("entries", fresh);
        for (const [index, place] of fresh.entries()) {
          seen.add(place);
          const value = values[index];
          if (value !== undefined) yield [places.keyAt(place), value] as const;
        }
      }
    },
    flights: {
      enter: (key) => unlessClosed(() => leases.take(key)),
      changed: (key, { signal }) => unlessClosed(() => waiters.changed(key, signal)),
    },
    async close() {
      closing ??= Promise.withResolvers();
      waiters.end(isClosed());
      finishClosing();
      await closing.promise;
      await leases.end();
      connection.drop();
    },
  };
}

function fromStored(stored: string | null): string | undefined {
  return stored === null ? undefined : fromStoredText(stored);
}

function isClosed(): StoreError {
  return new StoreError(`The store "${name}" was closed.`, { store: name, code: "STORE_CLOSED" });
}

/** A list, say, in the place of a value is no value of ours: its reader finds it damaged, and the next `set` replaces it. */
function strange(error: unknown): string {
  if (reasonOf(error).startsWith("WRONGTYPE")) return "";
  throw error;
}
