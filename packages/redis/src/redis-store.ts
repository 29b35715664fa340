import type { RedisClientType } from "@keyv/redis";
import { type CacheStore, checkCount, checkOptions, RememError, StoreError } from "@remem/core";
import { askOver } from "./ask.ts";
import { type Adapter, givenConnection, ownConnection } from "./connection.ts";
import { placesUnder } from "./places.ts";
import { reasonOf } from "./reason.ts";
import { isRedisClient, type RedisClient } from "./redis-client.ts";
import { isRedisUrl, withoutSecrets } from "./redis-url.ts";
import { fromStoredText, toStoredText } from "./stored-text.ts";

export interface RedisStoreOptions {
  /**
   * `redis://[[user]:password@]host[:port][/database]`, or `rediss:` for TLS. `redis://localhost:6379` by default. The
   * store makes one connection, and closes it.
   */
  readonly url?: string;
  /**
   * Instead of `url`: a client or a cluster of `redis` or `@redis/client`, version 5, connected. Whoever made it closes it,
   * and has told it how to reconnect.
   */
  readonly client?: RedisClient;
  /** What all keys in Redis begin with; without braces. `remem:` by default. */
  readonly prefix?: string;
  /** What an operation may take, with connecting, in milliseconds. 1,000 by default. */
  readonly timeoutMs?: number;
}

const name = "redis";
/** About how many keys Redis looks at for one answer. */
const SCAN_COUNT = 128;

/**
 * A store in Redis or Valkey, for any number of processes on any number of hosts. Nothing is loaded or connected before the
 * first operation. One that fails, or takes longer than `timeoutMs`, rejects with a `StoreError`; the next one connects
 * again where that is needed.
 *
 * `clear` and `entries` walk through all keys of the database, and take those under the prefix. They are not atomic: what is
 * set meanwhile may be missed. A `clear` that failed can be repeated. `entries` remembers the keys that it has given.
 */
export function redisStore(options: RedisStoreOptions = {}): CacheStore {
  checkRedisOptions(options);
  const { url = "redis://localhost:6379", client, prefix = "remem:", timeoutMs = 1_000 } = options;
  const where = client === undefined ? `at ${withoutSecrets(url)}` : "through its client";
  const connection = client === undefined ? ownConnection(url) : givenConnection(client);
  const ask = askOver(connection, timeoutMs);
  const places = placesUnder(prefix);
  const underWay = new Set<Promise<unknown>>();
  let closed = false;

  async function run<T>(operation: string, work: (redis: Adapter) => Promise<T>): Promise<T> {
    if (closed) throw new StoreError(`The store "${name}" was closed.`, { store: name, code: "STORE_CLOSED" });
    const answer = ask(work);
    underWay.add(answer);
    try {
      return await answer;
    } catch (cause) {
      const problem = `The store "${name}" failed in ${operation} ${where}: ${reasonOf(cause)}`;
      throw new StoreError(problem, { store: name, cause });
    } finally {
      underWay.delete(answer);
    }
  }

  async function read(redis: Adapter, wanted: string[]): Promise<Array<string | undefined>> {
    const stored = await redis.getMany<string>(wanted);
    return stored.map((text) => (text === undefined ? undefined : fromStoredText(text)));
  }

  /** The places of all values, node after node, some of them perhaps twice. */
  async function* scan(operation: string): AsyncGenerator<string[], void, undefined> {
    for (const node of await run(operation, (redis) => redis.getMasterNodes())) {
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
    get: (key) =>
      run("get", async (redis) => {
        const stored = await redis.get<string>(places.of(key));
        return stored === undefined ? undefined : fromStoredText(stored);
      }),
    getMany: (keys) => run("getMany", (redis) => read(redis, keys.map(places.of))),
    set: (key, value, { expiresAt, ifAbsent = false } = {}) =>
      run("set", async (redis) => {
        // Not the moment but what is left until then: the clock of Redis may be another one.
        const leftMs = expiresAt === undefined ? undefined : Math.ceil(expiresAt - Date.now());
        if (leftMs === undefined || leftMs > 0) {
          await (redis.client as RedisClientType).set(places.of(key), toStoredText(value), {
            ...(leftMs !== undefined && { expiration: { type: "PX", value: leftMs } }),
            ...(ifAbsent && { condition: "NX" }),
          });
        } else if (!ifAbsent) await redis.delete(places.of(key));
      }),
    delete: (key) => run("delete", (redis) => redis.delete(places.of(key))),
    async clear() {
      for await (const found of scan("clear")) {
        await run("clear", (redis) => Promise.all(found.map((place) => redis.delete(place))));
      }
    },
    async *entries() {
      const seen = new Set<string>();
      for await (const found of scan("entries")) {
        const fresh = [...new Set(found)].filter((place) => !seen.has(place));
        const values = await run("entries", (redis) => read(redis, fresh));
        for (const [index, place] of fresh.entries()) {
          seen.add(place);
          const value = values[index];
          if (value !== undefined) yield [places.keyAt(place), value] as const;
        }
      }
    },
    async close() {
      closed = true;
      await Promise.allSettled(underWay);
      connection.drop();
    },
  };
}

const KNOWN = {
  url: true,
  client: true,
  prefix: true,
  timeoutMs: true,
} as const satisfies Record<keyof RedisStoreOptions, true>;

function checkRedisOptions(options: RedisStoreOptions): void {
  checkOptions("redisStore", options, KNOWN);
  checkCount("redisStore", "timeoutMs", options.timeoutMs);
  const { url, client, prefix } = options;
  if (url !== undefined && client !== undefined) throw refused("`url` and `client` exclude each other.");
  if (url !== undefined && !isRedisUrl(url)) {
    throw refused(
      "`url` must be redis://[[user]:password@]host[:port][/database], percent-encoded, or rediss:// for TLS.",
    );
  }
  if (client !== undefined && !isRedisClient(client)) {
    throw refused("`client` must be a client or a cluster of redis or @redis/client, version 5.");
  }
  if (prefix !== undefined && (typeof prefix !== "string" || /[{}]/.test(prefix))) {
    throw refused("`prefix` must be a text without braces: they are the mark of Redis Cluster's hash tags.");
  }
}

function refused(problem: string): RememError {
  return new RememError("INVALID_OPTION", `redisStore: ${problem}`);
}
