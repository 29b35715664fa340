import { canStartMariadb, startMariadb } from "@remem/test-support/mariadb/start-mariadb";
import { canStartMemcached, startMemcached } from "@remem/test-support/memcached/start-memcached";
import { canStartPostgres, startPostgres } from "@remem/test-support/postgres/start-postgres";
import { canStartRedis, startRedis } from "@remem/test-support/redis/redis-server";
import { ask } from "@remem/test-support/redis/replicated";
import type { Backend } from "../src/url/backend.ts";
import { memcached } from "../src/url/memcached.ts";
import { mysql } from "../src/url/mysql.ts";
import { postgres } from "../src/url/postgres.ts";
import { redis } from "../src/url/redis.ts";
import { valkey } from "../src/url/valkey.ts";

/** A server of the tests. */
export interface Server {
  /** The URL of a store. */
  readonly url: string;
  /** Removes all entries, and stores something of others. */
  reset(): Promise<unknown> | unknown;
  isForeignThere(): Promise<boolean> | boolean;
  stop(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

/** An adapter, and the server that it is tested with. */
export interface Tested {
  readonly backend: Backend;
  /** The name that it is installed under. */
  readonly module: string;
  readonly canStart: boolean;
  launch(): Promise<Server>;
}

async function launchPostgres(): Promise<Server> {
  const server = await startPostgres();
  const theirs = "CREATE TABLE keyv (key TEXT); INSERT INTO keyv VALUES ('theirs')";
  return {
    ...server,
    reset: () => server.query(`DROP TABLE IF EXISTS remem_keyv, keyv; ${theirs}`),
    isForeignThere: () => server.query("SELECT key FROM keyv") === "theirs",
  };
}

async function launchMariadb(): Promise<Server> {
  const server = await startMariadb();
  const theirs = "CREATE TABLE keyv (id TEXT); INSERT INTO keyv VALUES ('theirs')";
  return {
    ...server,
    reset: () => server.query(`DROP TABLE IF EXISTS remem_keyv, keyv; ${theirs}`),
    isForeignThere: () => server.query("SELECT id FROM keyv") === "theirs",
  };
}

const launchRedis = (scheme: string) => async (): Promise<Server> => {
  const server = await startRedis();
  return {
    url: `${scheme}://127.0.0.1:${server.port}`,
    reset: () => ask(server.url, async (client) => [await client.flushAll(), await client.set("remem:theirs", "kept")]),
    isForeignThere: () => ask(server.url, async (client) => (await client.get("remem:theirs")) === "kept"),
    stop: server.stop,
    start: server.start,
    remove: server.stop,
  };
};

async function launchMemcached(): Promise<Server> {
  const { port, stop, start } = await startMemcached();
  return {
    url: `memcache://127.0.0.1:${port}`,
    async reset() {
      await stop();
      await start();
    },
    isForeignThere: () => true,
    stop,
    start,
    remove: stop,
  };
}

export const TESTED: readonly Tested[] = [
  { backend: postgres, module: "@keyv/postgres", canStart: canStartPostgres, launch: launchPostgres },
  { backend: postgres, module: "keyv-postgres-6", canStart: canStartPostgres, launch: launchPostgres },
  { backend: mysql, module: "@keyv/mysql", canStart: canStartMariadb, launch: launchMariadb },
  { backend: valkey, module: "@keyv/valkey", canStart: canStartRedis, launch: launchRedis("valkey") },
  { backend: redis, module: "@keyv/redis", canStart: canStartRedis, launch: launchRedis("keyv+redis") },
  { backend: redis, module: "keyv-redis-6", canStart: canStartRedis, launch: launchRedis("keyv+redis") },
  { backend: memcached, module: "@keyv/memcache", canStart: canStartMemcached, launch: launchMemcached },
];
