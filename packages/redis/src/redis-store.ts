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
/** Roughly how many keys Redis examines per `SCAN` call. */
const SCAN_COUNT = 128;
/** Redacting a shorter password would garble server messages, and it is no secret. */
const SHORTEST_PASSWORD = 3;

/**
 * A store in Redis or Valkey for any number of processes and hosts, which coalesces identical calls across all of them.
 * Nothing is loaded or connected before the first operation. Operations that fail or exceed `timeoutMs` reject with a
 * `StoreError`; the next one reconnects if necessary.
 *
 * `clear` and `entries` scan the whole database for keys with the prefix. They are not atomic and may miss concurrent
 * writes. A failed `clear` can be repeated. `entries` keeps the keys it has yielded in memory.
 */
export function redisStore(options: RedisStoreOptions = {}): CacheStore {
  return storeWith(options, TIMINGS);
}

/** With custom timings, for tests. @internal */
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

  /** The Redis keys of all values, node by node. A key may occur twice. */
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
        // A duration rather than a time: the clock of Redis may differ.
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

/** Reads a key of another type, such as a list, as a damaged entry, which the next `set` replaces. */
function emptyIfWrongType(error: unknown): string {
  if (messageOf(error).startsWith("WRONGTYPE")) return "";
  throw error;
}
