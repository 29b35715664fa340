import KeyvRedis from "@keyv/redis";
import KeyvSqlite from "@keyv/sqlite";
import { memoryStore } from "@remem/core";
import { connectTo } from "@remem/test-support/database";
import { canStartRedis, type RedisServer, startRedis } from "@remem/test-support/redis/redis-server";
import { temporaryFile } from "@remem/test-support/temporary";
import { type StoreContractOptions, storeContract } from "@remem/testing";
import { Keyv as Keyv5 } from "keyv";
import { Keyv as Keyv6 } from "keyv-6";
import { afterAll, beforeAll, describe, test } from "vitest";
import { keyvAdapter, keyvStore } from "../src/index.ts";
import { BreakableMap } from "./breakable-map.ts";
import { KEYVS } from "./keyvs.ts";

function holdsTheContract(options: StoreContractOptions): void {
  for (const { name, run } of storeContract(options)) test(name, run);
}

describe.each(KEYVS)("over a Map in %s", (_, Keyv) => {
  describe.each([["tests"], [undefined]])("with the namespace %s, the store keeps the contract:", (namespace) => {
    let map: BreakableMap;
    const open = () => keyvStore(new Keyv({ store: map, ...(namespace !== undefined && { namespace }) }));
    holdsTheContract({
      create() {
        map = new BreakableMap();
        return open();
      },
      reopen: open,
      ...(namespace !== undefined && {
        foreign: {
          put: () => void map.set("theirs", "kept"),
          isThere: () => map.has("theirs"),
        },
      }),
      breakBackend: () => map.break(),
    });
  });
});

describe.runIf(canStartRedis)("over @keyv/redis in Keyv 5 the store keeps the contract:", () => {
  let server: RedisServer;
  let isStopped = false;
  let namespace: string;
  let count = 0;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  async function open() {
    const adapter = new KeyvRedis(
      { url: server.url, disableOfflineQueue: true, socket: { reconnectStrategy: false } },
      { throwOnErrors: true },
    );
    await adapter.getClient();
    return keyvStore(new Keyv5({ store: adapter, namespace, useKeyPrefix: false }));
  }
  async function withoutNamespace<T>(act: (adapter: KeyvRedis<string>) => Promise<T>): Promise<T> {
    const adapter = new KeyvRedis<string>(server.url);
    return act(adapter).finally(() => adapter.disconnect());
  }
  holdsTheContract({
    async create() {
      if (isStopped) await server.start();
      isStopped = false;
      namespace = `tests ${count++}`;
      return open();
    },
    reopen: open,
    foreign: {
      put: () => withoutNamespace((adapter) => adapter.set("theirs", "kept")),
      isThere: () => withoutNamespace(async (adapter) => (await adapter.get("theirs")) === "kept"),
    },
    async breakBackend() {
      await server.stop();
      isStopped = true;
    },
  });
});

describe("over @keyv/sqlite in Keyv 6 the store keeps the contract:", () => {
  let path: string;
  const open = () => keyvStore(new Keyv6({ store: new KeyvSqlite(`sqlite://${path}`), namespace: "a" }));
  holdsTheContract({
    create() {
      path = temporaryFile();
      return open();
    },
    reopen: open,
    foreign: {
      put: () => connectTo(path).exec("INSERT INTO keyv (key, value, namespace) VALUES ('theirs', 'kept', 'theirs')"),
      isThere: () => connectTo(path).prepare("SELECT value FROM keyv WHERE key = 'theirs'").get()?.value === "kept",
    },
    breakBackend: () => connectTo(path).exec("DROP TABLE keyv"),
  });
});

describe.each(KEYVS)("over keyvAdapter and a remem store in %s, the store keeps the contract:", (_, Keyv) => {
  holdsTheContract({
    create: () => keyvStore(new Keyv({ store: keyvAdapter(memoryStore()), namespace: "tests" })),
  });
});
