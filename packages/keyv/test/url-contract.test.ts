import { connectTo } from "@remem/test-support/database";
import { canStartMariadb, startMariadb } from "@remem/test-support/mariadb/start-mariadb";
import { canStartMemcached, startMemcached } from "@remem/test-support/memcached/start-memcached";
import { canStartPostgres, startPostgres } from "@remem/test-support/postgres/start-postgres";
import { canStartRedis, startRedis } from "@remem/test-support/redis/redis-server";
import { ask } from "@remem/test-support/redis/replicated";
import { temporaryFile } from "@remem/test-support/temporary";
import { type StoreContractOptions, storeContract } from "@remem/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { Backend } from "../src/url/backend.ts";
import { storeOver } from "../src/url/keyv-store-from-url.ts";
import { memcached } from "../src/url/memcached.ts";
import { mysql } from "../src/url/mysql.ts";
import { postgres } from "../src/url/postgres.ts";
import { redis } from "../src/url/redis.ts";
import { sqlite } from "../src/url/sqlite.ts";
import { valkey } from "../src/url/valkey.ts";
import { loaded } from "./loaded.ts";

function holdsTheContract(options: StoreContractOptions): void {
  for (const { name, run } of storeContract(options)) test(name, run);
}

/** A server of the tests. */
interface Server {
  readonly url: string;
  /** Removes all entries, and stores something of others. */
  reset(): Promise<unknown> | unknown;
  isForeignThere(): Promise<boolean> | boolean;
  stop(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

function describeServer(
  backend: Backend,
  module: string,
  canStart: boolean,
  launch: () => Promise<Server>,
  skip: StoreContractOptions["skip"] = [],
): void {
  describe.runIf(canStart)(`over ${module} the store keeps the contract:`, () => {
    let server: Server;
    let isStopped = false;
    beforeAll(async () => {
      server = await launch();
    });
    afterAll(() => server.remove());
    const open = () => storeOver(backend, loaded(module), server.url);
    holdsTheContract({
      async create() {
        if (isStopped) await server.start();
        isStopped = false;
        await server.reset();
        return open();
      },
      reopen: open,
      foreign: { put() {}, isThere: () => server.isForeignThere() },
      async breakBackend() {
        await server.stop();
        isStopped = true;
      },
      skip,
    });
  });
}

for (const module of ["@keyv/postgres", "keyv-postgres-6"]) {
  describeServer(postgres, module, canStartPostgres, async () => {
    const server = await startPostgres();
    return {
      ...server,
      reset: () =>
        server.query(
          "DROP TABLE IF EXISTS remem_entries, keyv; CREATE TABLE keyv (key TEXT); INSERT INTO keyv VALUES ('theirs')",
        ),
      isForeignThere: () => server.query("SELECT key FROM keyv") === "theirs",
    };
  });
}

describeServer(mysql, "@keyv/mysql", canStartMariadb, async () => {
  const server = await startMariadb();
  return {
    ...server,
    reset: () =>
      server.query(
        "DROP TABLE IF EXISTS remem_entries, keyv; CREATE TABLE keyv (id TEXT); INSERT INTO keyv VALUES ('theirs')",
      ),
    isForeignThere: () => server.query("SELECT id FROM keyv") === "theirs",
  };
});

for (const [backend, module, scheme] of [
  [valkey, "@keyv/valkey", "valkey"],
  [redis, "@keyv/redis", "keyv+redis"],
  [redis, "keyv-redis-6", "keyv+redis"],
] as const) {
  describeServer(backend, module, canStartRedis, async () => {
    const server = await startRedis();
    return {
      url: `${scheme}://127.0.0.1:${server.port}`,
      reset: () => ask(server.url, async (client) => [await client.flushAll(), await client.set("theirs", "kept")]),
      isForeignThere: () => ask(server.url, async (client) => (await client.get("theirs")) === "kept"),
      stop: server.stop,
      start: server.start,
      remove: server.stop,
    };
  });
}

describeServer(
  memcached,
  "@keyv/memcache",
  canStartMemcached,
  async () => {
    const server = await startMemcached();
    return {
      url: `memcache://127.0.0.1:${server.port}`,
      // An empty one: its entries cannot be listed.
      async reset() {
        await server.stop();
        await server.start();
      },
      isForeignThere: () => true,
      stop: server.stop,
      start: server.start,
      remove: server.stop,
    };
  },
  (["clear leaves an empty, usable store", "clear leaves what belongs to others"] as const).map((name) => ({
    case: name,
    reason: "memcached cannot list keys",
  })),
);

describe("over @keyv/sqlite the store keeps the contract:", () => {
  let path: string;
  const open = () => storeOver(sqlite, loaded("@keyv/sqlite"), `keyv+sqlite:${path}`);
  holdsTheContract({
    create() {
      path = temporaryFile();
      connectTo(path).exec("CREATE TABLE keyv (key); INSERT INTO keyv VALUES ('theirs')");
      return open();
    },
    reopen: open,
    foreign: { put() {}, isThere: () => connectTo(path).prepare("SELECT key FROM keyv").get()?.key === "theirs" },
    breakBackend: () => connectTo(path).exec("DROP TABLE remem_entries"),
  });
});
