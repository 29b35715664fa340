import { type CacheStore, createRedact, StoreError } from "@remem/core";
import { createRunCommand, type RunCommand } from "./command.ts";
import { messageOf } from "./connection.ts";
import { createKeySpace, fromStoredText, toStoredText } from "./key-space.ts";
import { createLeaseWaiter } from "./lease-waiter.ts";
import { createLeases, TIMINGS, type Timings } from "./leases.ts";
import { givenClient, ownClient } from "./reconnecting-client.ts";
import { type AnyClient, nodesOf, passwordOf, readKeys } from "./redis-client.ts";
import { checkRedisStoreOptions, displayUrl, passwordInUrl, type RedisStoreOptions } from "./redis-store-options.ts";
import { runScript, WRITE_AS_LEADER, WRITE_UNLESS_STRING } from "./scripts.ts";

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
  const where = client === undefined ? `at ${displayUrl(url)}` : "through its client";
  const redisClient = client === undefined ? ownClient(url) : givenClient(client);
  const password = client === undefined ? passwordInUrl(url) : passwordOf(client);
  const redact = createRedact([password], SHORTEST_PASSWORD);
  const runCommand = createRunCommand(redisClient, { timeoutMs, where, redact });
  const keySpace = createKeySpace(prefix);
  const leases = createLeases(keySpace, runCommand, leaseMs);
  const waiter = createLeaseWaiter(keySpace, redisClient.nodeOf, runCommand, tickMs);
  let active = 0;
  let closing: PromiseWithResolvers<void> | undefined;

  async function whileOpen<T>(operate: () => Promise<T>): Promise<T> {
    if (closing !== undefined) throw storeClosed();
    active += 1;
    try {
      return await operate();
    } finally {
      active -= 1;
      resolveIfIdle();
    }
  }
  function resolveIfIdle(): void {
    if (active === 0) closing?.resolve();
  }
  const run: RunCommand = (operation, work, redisKey) => whileOpen(() => runCommand(operation, work, redisKey));

  async function readMany(operation: string, wanted: string[]): Promise<Array<string | undefined>> {
    const found = new Map<string, string | null>();
    async function readNode(wanted: string[]): Promise<void> {
      const values = await run(operation, (redis) => readKeys(redis, wanted), wanted[0]);
      for (const [index, redisKey] of wanted.entries()) found.set(redisKey, values[index]!);
    }
    await Promise.all(Array.from(Map.groupBy(wanted, redisClient.nodeOf).values(), readNode));
    return wanted.map((redisKey) => fromStored(found.get(redisKey)!));
  }

  /** The places of all values, node after node, some of them perhaps twice. */
  async function* scan(operation: string): AsyncGenerator<string[], void, undefined> {
    for (const node of await run(operation, nodesOf)) {
      let cursor = "0";
      do {
        const found = await run(operation, () =>
          node.scan(cursor, { MATCH: keySpace.valuePattern, COUNT: SCAN_COUNT }),
        );
        yield found.keys;
        cursor = found.cursor;
      } while (cursor !== "0");
    }
  }

  return {
    specVersion: 1,
    name,
    shardOf: (key) => redisClient.nodeOf(keySpace.value(key)),
    get(key) {
      const redisKey = keySpace.value(key);
      return run("get", (redis) => redis.get(redisKey).then(fromStored, emptyIfWrongType), redisKey);
    },
    getMany: (keys) => readMany("getMany", keys.map(keySpace.value)),
    set(key, value, { expiresAt, ifAbsent = false } = {}) {
      const redisKey = keySpace.value(key);
      async function write(redis: AnyClient): Promise<void> {
        // Not the moment but what is left until then: the clock of Redis may be another one.
        const leftMs = expiresAt === undefined ? undefined : Math.ceil(expiresAt - Date.now());
        const expiry = leftMs === undefined ? [] : ["PX", `${leftMs}`];
        const token = leases.tokenOf(key);
        if (leftMs !== undefined && leftMs <= 0) {
          if (!ifAbsent) await redis.unlink(redisKey);
        } else if (token !== undefined && !ifAbsent) {
          await runScript(
            redis,
            WRITE_AS_LEADER,
            [redisKey, keySpace.lease(key)],
            [token, toStoredText(value), ...expiry],
          );
        } else {
          const kept = await redis.set(redisKey, toStoredText(value), {
            ...(leftMs !== undefined && { expiration: { type: "PX", value: leftMs } }),
            ...(ifAbsent && { condition: "NX" }),
          });
          if (kept === null) await runScript(redis, WRITE_UNLESS_STRING, [redisKey], [toStoredText(value), ...expiry]);
        }
      }
      return run("set", write, redisKey);
    },
    delete: (key) => run("delete", async (redis) => (await redis.unlink(keySpace.value(key))) > 0),
    async clear() {
      for await (const found of scan("clear")) {
        await run("clear", (redis) => Promise.all(found.map((redisKey) => redis.unlink(redisKey))));
      }
    },
    async *entries() {
      const seen = new Set<string>();
      for await (const found of scan("entries")) {
        const fresh = [...new Set(found)].filter((redisKey) => !seen.has(redisKey));
        const values = await readMany("entries", fresh);
        for (const [index, redisKey] of fresh.entries()) {
          seen.add(redisKey);
          const value = values[index];
          if (value !== undefined) yield [keySpace.keyOf(redisKey), value] as const;
        }
      }
    },
    flights: {
      enter: (key) => whileOpen(() => leases.acquire(key)),
      changed: (key, { signal }) => whileOpen(() => waiter.changed(key, signal)),
    },
    async close() {
      closing ??= Promise.withResolvers();
      waiter.rejectAll(storeClosed());
      resolveIfIdle();
      await closing.promise;
      await leases.releaseAll();
      redisClient.drop();
    },
  };
}

function fromStored(stored: string | null): string | undefined {
  return stored === null ? undefined : fromStoredText(stored);
}

function storeClosed(): StoreError {
  return new StoreError(`The store "${name}" was closed.`, { store: name, code: "STORE_CLOSED" });
}

/** A list, say, in the place of a value is no value of ours: its reader finds it damaged, and the next `set` replaces it. */
function emptyIfWrongType(error: unknown): string {
  if (messageOf(error).startsWith("WRONGTYPE")) return "";
  throw error;
}
