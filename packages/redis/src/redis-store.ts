import { type CacheStore, createRedact, messageOf, storeClosed } from "@remem/core/plugin";
import { createRunCommand, type RunCommand } from "./command.ts";
import { ABSENT, writeBoth, writeByScript, writeIfAbsent } from "./entry-writes.ts";
import { createKeySpace, fromStoredText, toStoredText } from "./key-space.ts";
import { createLeaseWaiter } from "./lease-waiter.ts";
import { createLeases, TIMINGS, type Timings } from "./leases.ts";
import { givenClient, ownClient } from "./reconnecting-client.ts";
import { type AnyClient, nodesOf, passwordOf, readKeys } from "./redis-client.ts";
import { checkRedisStoreOptions, displayUrl, passwordInUrl, type RedisStoreOptions } from "./redis-store-options.ts";

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
    if (closing !== undefined) throw storeClosed(name);
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

  /** The Redis keys that match, node by node. A key may occur twice. */
  async function* scan(operation: string, pattern: string): AsyncGenerator<string[], void, undefined> {
    for (const node of await run(operation, nodesOf)) {
      let cursor = "0";
      do {
        const found = await run(operation, () => node.scan(cursor, { MATCH: pattern, COUNT: SCAN_COUNT }));
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
    async getSidecar(key) {
      const [sidecar] = await readMany("getSidecar", [keySpace.sidecar(key)]);
      return sidecar;
    },
    set(key, value, { expiresAt, ifAbsent = false, sidecar } = {}) {
      const [redisKey, sidecarKey] = [keySpace.value(key), keySpace.sidecar(key)];
      async function write(redis: AnyClient): Promise<void> {
        // A duration rather than a time: the clock of Redis may differ.
        const leftMs = expiresAt === undefined ? undefined : Math.ceil(expiresAt - Date.now());
        if (leftMs !== undefined && leftMs <= 0) {
          if (!ifAbsent) await Promise.all([redis.unlink(redisKey), redis.unlink(sidecarKey)]);
          return;
        }
        const token = leases.tokenOf(key);
        const texts = {
          value: toStoredText(value),
          sidecar: sidecar === undefined ? undefined : toStoredText(sidecar),
        };
        const at = { value: redisKey, sidecar: sidecarKey, lease: keySpace.lease(key) };
        // Scripts only where they are needed: a user without permission to run them can still store.
        if (token !== undefined) await writeByScript(redis, at, texts, leftMs, ifAbsent ? ABSENT : token);
        else if (!ifAbsent) await writeBoth(redis, at, texts, leftMs);
        else if (!(await writeIfAbsent(redis, at, texts, leftMs)))
          await writeByScript(redis, at, texts, leftMs, ABSENT);
      }
      return run("set", write, redisKey);
    },
    delete: (key) =>
      run("delete", async (redis) => {
        const [removed] = await Promise.all([redis.unlink(keySpace.value(key)), redis.unlink(keySpace.sidecar(key))]);
        return removed > 0;
      }),
    async clear() {
      for await (const found of scan("clear", keySpace.entryPattern)) {
        await run("clear", (redis) => Promise.all(found.map((redisKey) => redis.unlink(redisKey))));
      }
    },
    async *entries() {
      const seen = new Set<string>();
      for await (const found of scan("entries", keySpace.valuePattern)) {
        const fresh = [...new Set(found)].filter((redisKey) => !seen.has(redisKey));
        const keys = fresh.map(keySpace.keyOf);
        const [values, sidecars] = await Promise.all([
          readMany("entries", fresh),
          readMany("entries", keys.map(keySpace.sidecar)),
        ]);
        for (const [index, key] of keys.entries()) {
          seen.add(fresh[index]!);
          const [value, sidecar] = [values[index], sidecars[index]];
          if (value !== undefined) yield sidecar === undefined ? [key, value] : [key, value, sidecar];
        }
      }
    },
    flights: {
      enter: (key) => whileOpen(() => leases.acquire(key)),
      changed: (key, { signal }) => whileOpen(() => waiter.changed(key, signal)),
    },
    async close() {
      closing ??= Promise.withResolvers();
      waiter.rejectAll(storeClosed(name));
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

/** Reads a key of another type, such as a list, as a damaged entry, which the next `set` replaces. */
function emptyIfWrongType(error: unknown): string {
  if (messageOf(error).startsWith("WRONGTYPE")) return "";
  throw error;
}
