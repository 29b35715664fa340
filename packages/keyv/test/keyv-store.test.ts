import { once } from "node:events";
import KeyvRedis, { type createClient as createRedis } from "@keyv/redis";
import KeyvSqlite from "@keyv/sqlite";
import { type CacheStore, createClient, StoreError } from "@remem/core";
import { collect } from "@remem/test-support/collect";
import { connectTo } from "@remem/test-support/database";
import { canStartRedis, type RedisServer, startRedis } from "@remem/test-support/redis/redis-server";
import { temporaryFile } from "@remem/test-support/temporary";
import { fakeProvider } from "@remem/testing";
import { Keyv as Keyv5 } from "keyv";
import { Keyv as Keyv6 } from "keyv-6";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { keyvStore } from "../src/index.ts";
import { BreakableMap } from "./breakable-map.ts";
import { KEYVS } from "./keyvs.ts";

/** The minimum that both versions accept as an adapter. */
const EMPTY = {
  get: async () => undefined,
  set: async () => true,
  delete: async () => true,
  clear: async () => {},
};
const ODD = "\0 \ud83d %0000 \udc00";

function operationsOf(store: CacheStore): Array<() => Promise<unknown>> {
  return [
    () => store.get("k"),
    () => store.getMany!(["k", "unknown"]),
    () => store.set("k", "v"),
    () => store.delete("k"),
    () => collect(store.entries!()),
    () => store.clear(),
  ];
}

const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

describe.each(KEYVS)("in %s", (version, Keyv) => {
  test("a failure rejects even if the Keyv has an error listener", async () => {
    const map = new BreakableMap();
    const keyv = new Keyv({ store: map });
    keyv.on("error", () => {});
    const store = keyvStore(keyv);
    await store.set("k", "v");
    map.break();
    for (const operation of operationsOf({ getMany: async () => store.get("k"), ...store } as CacheStore)) {
      const failure = await failureOf(operation());
      expect(StoreError.is(failure)).toBe(true);
      expect(failure).toMatchObject({ code: "STORE_ERROR", store: "keyv", cause: new Error("The Map is broken.") });
      expect(String(failure)).toMatch(/failed in \w+: The Map is broken\./);
    }
  });

  test("stores with separate namespaces share a Map, and clear and list only their own", async () => {
    const map = new Map();
    const [one, two] = ["a", "ab"].map((namespace) => keyvStore(new Keyv({ store: map, namespace })));
    await one!.set("k", "one");
    await two!.set("k", "two");
    expect(await collect(one!.entries!())).toEqual([["k", "one"]]);
    await one!.clear();
    expect(await one!.get("k")).toBeUndefined();
    expect(await two!.get("k")).toBe("two");
  });

  test("keys and values with NUL and lone surrogates come back exactly", async () => {
    const store = keyvStore(new Keyv({ store: new Map() }));
    await store.set(ODD, ODD);
    await store.set("", "empty key");
    expect([await store.get(ODD), await store.get("")]).toEqual([ODD, "empty key"]);
    expect(new Map((await collect(store.entries!())).map(([key, value]) => [key, value]))).toEqual(
      new Map([
        [ODD, ODD],
        ["", "empty key"],
      ]),
    );
  });

  test("a stored value that is not a string is an error, not a miss", async () => {
    const map = new Map();
    const keyv = new Keyv({ store: map, namespace: "a" });
    const store = keyvStore(keyv);
    await store.set("k", "v");
    for (const place of map.keys()) map.set(place, version === "Keyv 5" ? 1 : { value: 1 });
    await expect(store.get("k")).rejects.toThrow(/is not a string, so this store did not write it/);
  });

  test("`set` rejects if the adapter has not stored the value", async () => {
    const adapter = { ...EMPTY, set: async () => false };
    await expect(keyvStore(new Keyv({ store: adapter })).set("k", "v")).rejects.toThrow(/did not store the value/);
  });

  test("the store has `entries` only if the backend can be listed", () => {
    expect(keyvStore(new Keyv({ store: EMPTY })).entries).toBeUndefined();
    expect(keyvStore(new Keyv({ store: { ...EMPTY, async *iterator() {} } })).entries).toBeDefined();
  });

  test("leaving a listing early also ends the adapter's", async () => {
    const ended: string[] = [];
    const adapter = {
      ...EMPTY,
      async *iterator(namespace: string) {
        const prefix = version === "Keyv 5" ? `${namespace}:` : `${namespace}::`;
        try {
          for (const key of ["a", "b"]) yield [prefix + key, ":v"];
        } finally {
          ended.push("ended");
        }
      },
    };
    const store = keyvStore(new Keyv({ store: adapter, namespace: "n" }));
    for await (const entry of store.entries!()) {
      expect(entry).toEqual(["a", "v"]);
      break;
    }
    expect(ended).toEqual(["ended"]);
  });

  test("losing a connection between two calls does not end the process", () => {
    const listeners: Array<(error: Error) => void> = [];
    const adapter = {
      ...EMPTY,
      on: (_: string, listener: (error: Error) => void) => void listeners.push(listener),
    };
    keyvStore(new Keyv({ store: adapter }));
    expect(listeners).not.toEqual([]);
    for (const listener of listeners) listener(new Error("lost"));
  });

  test("closing disconnects the Keyv once", async () => {
    const disconnected: string[] = [];
    class Counting extends Keyv {
      override async disconnect(): Promise<void> {
        disconnected.push("once");
        await super.disconnect();
      }
    }
    const store = keyvStore(new Counting({ store: new Map() }));
    await Promise.all([store.close(), store.close()]);
    await store.close();
    expect(disconnected).toEqual(["once"]);
  });

  test("an option without effect is refused by name, and so is an object that is not a Keyv", () => {
    for (const [option, value] of [
      ["ttl", 1_000],
      ["compression", {}],
    ] as const) {
      expect(() => keyvStore(new Keyv({ store: new Map(), [option]: value }))).toThrow(
        `keyvStore: a Keyv's \`${option}\` is not applied.`,
      );
    }
    for (const wrong of [undefined, null, "redis://", new Map(), {}, { store: new Map() }]) {
      expect(() => keyvStore(wrong as never)).toThrow(/`keyv` must be a Keyv/);
    }
  });

  test("a client pays once, and bypasses the store when it fails", async () => {
    const map = new BreakableMap();
    const provider = fakeProvider("42");
    const client = createClient({ provider, store: keyvStore(new Keyv({ store: map })), params: { model: "m" } });
    const question = [{ role: "user", content: "6 times 7?" }] as const;
    expect(await client.infer(question)).toMatchObject({ response: "42", source: "provider" });
    expect(await client.infer(question)).toMatchObject({ response: "42", source: "store" });
    const warned = once(process, "warning");
    map.break();
    expect(await client.infer(question)).toMatchObject({ response: "42", source: "provider" });
    expect(await warned).toMatchObject([{ code: "REMEM_STORE_FAILING" }]);
    await client.close();
  });
});

test("a Keyv with encryption is refused rather than storing values unencrypted", () => {
  const encryption = { encrypt: async (text: string) => text, decrypt: async (text: string) => text };
  expect(() => keyvStore(new Keyv6({ encryption }))).toThrow(/`encryption` is not applied/);
});

describe("over @keyv/sqlite in Keyv 6", () => {
  function open(path: string): CacheStore {
    const keyv = new Keyv6({ store: new KeyvSqlite(`sqlite://${path}`), namespace: "a" });
    keyv.on("error", () => {});
    const store = keyvStore(keyv);
    onTestFinished(() => store.close());
    return store;
  }

  test("keys and values with NUL and lone surrogates come back exactly", async () => {
    const store = open(temporaryFile());
    await store.set(ODD, ODD);
    expect(await store.get(ODD)).toBe(ODD);
    expect(await collect(store.entries!())).toEqual([[ODD, ODD]]);
  });

  test("values are stored unchanged, with their expiry beside them", async () => {
    const path = temporaryFile();
    const store = open(path);
    await store.set("k", '{"a":"b"}', { expiresAt: 4e12 - 0.5 });
    expect(connectTo(path).prepare("SELECT * FROM keyv").all()).toEqual([
      { key: "k", value: '4000000000000:{"a":"b"}', namespace: "a", expires: 4e12 },
    ]);
  });

  test("a failed write that the adapter only emits rejects with its cause", async () => {
    const path = temporaryFile();
    const store = open(path);
    await store.set("k", "v");
    connectTo(path).exec("DROP TABLE keyv");
    await expect(store.set("k", "v")).rejects.toThrow(/failed in set: no such table/);
  });

  test("a listing that the adapter ends early rejects instead of being incomplete", async () => {
    const path = temporaryFile();
    const store = open(path);
    for (let index = 0; index < 25; index++) await store.set(`k${index}`, "v");
    const listed: string[] = [];
    const listing = (async () => {
      for await (const [key] of store.entries!()) {
        if (listed.push(key) === 1) connectTo(path).exec("DROP TABLE keyv");
      }
    })();
    await expect(listing).rejects.toThrow(/failed in entries: .*no such table/);
    expect(listed.length).toBeLessThan(25);
  });
});

describe.runIf(canStartRedis)("over @keyv/redis in Keyv 5", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  async function connect(): Promise<{ adapter: KeyvRedis<string>; store: CacheStore }> {
    const adapter = new KeyvRedis<string>({ url: server.url, socket: { reconnectStrategy: false } });
    await adapter.getClient();
    const store = keyvStore(new Keyv5({ store: adapter, namespace: "a" }));
    onTestFinished(() => store.close());
    return { adapter, store };
  }

  test("keys and values with NUL and lone surrogates come back exactly", async () => {
    const { store } = await connect();
    await store.set(ODD, ODD);
    expect(await store.get(ODD)).toBe(ODD);
    expect(await collect(store.entries!())).toEqual([[ODD, ODD]]);
  });

  test("the server also enforces the expiry", async () => {
    const { adapter, store } = await connect();
    await store.set("k", "v", { expiresAt: Date.now() + 60_000.5 });
    const left = await adapter.client.pTTL("a::a:k");
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(60_001);
    await store.set("k", "v");
    expect(await adapter.client.pTTL("a::a:k")).toBe(-1);
  });

  test("a failure rejects although the adapter answers like an empty store by default", async () => {
    const { adapter, store } = await connect();
    await store.set("k", "v");
    // From now on every command is refused except the one that ends this.
    const client = adapter.client as ReturnType<typeof createRedis>;
    const permit = (what: string) => client.sendCommand(["ACL", "SETUSER", "default", what, "+acl"]);
    await permit("-@all");
    expect(await adapter.get("a:k")).toBeUndefined();
    for (const operation of operationsOf(store)) {
      const failure = await failureOf(operation());
      expect(failure).toMatchObject({ code: "STORE_ERROR", message: expect.stringContaining("NOPERM") });
    }
    await permit("+@all");
    expect(await store.get("k")).toBe("v");
  });

  test("a call that fails does not affect concurrent calls", async () => {
    const { adapter, store } = await connect();
    await store.set("good", "v");
    await adapter.client.hSet("a::a:bad", "of another", "type");
    const calls = [store.get("good"), store.get("bad"), store.get("good")];
    expect(await Promise.allSettled(calls)).toMatchObject([
      { value: "v" },
      { reason: { message: expect.stringContaining("WRONGTYPE") } },
      { value: "v" },
    ]);
  });
});
