import { inspect } from "node:util";
import { createClient, createCluster } from "@redis/client";
import { type CacheStore, RememError } from "@remem/core";
import { collect } from "@remem/test-support/collect";
import { connectToCluster, startCluster } from "@remem/test-support/redis/cluster";
import { canStartRedis, hasRedis, startRedis, useRedis } from "@remem/test-support/redis/redis-server";
import { afterAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { type RedisStoreOptions, redisStore } from "../src/index.ts";
import { CLIENTS } from "./clients.ts";
import { anyPrefix, connectTo, openStore } from "./redis.ts";

describe.skipIf(!hasRedis)("in Redis", async () => {
  const { url, stop } = hasRedis ? await useRedis() : { url: "", async stop() {} };
  afterAll(stop);

  const open = (options: RedisStoreOptions = {}): CacheStore => openStore({ url, prefix: anyPrefix(), ...options });

  test("a value is stored unchanged under the prefix and its key in braces", async () => {
    const prefix = anyPrefix();
    const [store, client] = [open({ prefix }), await connectTo(url)];
    await store.set("k", "remem/1 …");
    expect(await client.get(`${prefix}v1:{k}:v`)).toBe("remem/1 …");
    expect(await client.pTTL(`${prefix}v1:{k}:v`)).toBe(-1);
  });

  test.each([{ ifAbsent: false }, { ifAbsent: true }])("Redis enforces the expiry, %o", async ({ ifAbsent }) => {
    const prefix = anyPrefix();
    const [store, client] = [open({ prefix }), await connectTo(url)];
    await store.set("k", "v", { expiresAt: Date.now() + 60_000.5, ifAbsent });
    const leftMs = await client.pTTL(`${prefix}v1:{k}:v`);
    expect(leftMs).toBeGreaterThan(30_000);
    expect(leftMs).toBeLessThanOrEqual(60_001);
  });

  test("setting an expired value removes the old one, unless ifAbsent", async () => {
    const store = open();
    await store.set("k", "v");
    await store.set("k", "past", { expiresAt: 1, ifAbsent: true });
    expect(await store.get("k")).toBe("v");
    await store.set("k", "past", { expiresAt: 1 });
    expect(await store.get("k")).toBeUndefined();
  });

  test("every operation keeps similar keys apart", async () => {
    const store = open();
    const keys = [
      "k",
      "K",
      "k ",
      "",
      "é",
      "e\u0301",
      "a*",
      "a?",
      "a[b]",
      "a\\",
      "a:b",
      "}",
      "{k}",
      "k}:v",
      "😀",
      '"k"',
    ];
    keys.push("k\0", "k\0a", "\0", "\ud800", "\ud801", "\ufffd", '"', '"\\ud800"', "\r\n");
    for (const [index, key] of keys.entries()) await store.set(key, `value ${index}`);
    const expected = keys.map((_, index) => `value ${index}`);
    expect(await Promise.all(keys.map((key) => store.get(key)))).toEqual(expected);
    expect(await store.getMany?.(keys)).toEqual(expected);
    expect(new Map((await collect(store.entries!())).map(([key, value]) => [key, value]))).toEqual(
      new Map(keys.map((key, index) => [key, expected[index]])),
    );
    for (const key of keys) {
      expect(await store.delete(key)).toBe(true);
      expect(await store.get(key)).toBeUndefined();
    }
    expect(await collect(store.entries!())).toEqual([]);
  });

  const values = {
    "that is empty": "",
    "with NUL characters": "a\0b\0",
    "with lone surrogates": "\ud83d and \ude00",
    "that is JSON": '"a\\u0000b"',
    "of 1 MiB, with characters of four bytes at every place of a chunk": `x${"😀é".repeat(170_000)}`,
    "of 30 MB": "0123456789".repeat(3_000_000),
  };
  test.each(Object.entries(values))("a value %s comes back", async (_, value) => {
    const store = open({ timeoutMs: 30_000 });
    await store.set("k", value);
    // No matcher: at 30 MB, its diff would take longer than the test timeout.
    expect((await store.get("k")) === value).toBe(true);
    expect((await store.getMany?.(["k"]))?.[0] === value).toBe(true);
    const [entry] = await collect(store.entries!());
    expect(entry?.[1] === value).toBe(true);
  });

  test("stores whose prefixes match each other as patterns are isolated", async () => {
    const base = anyPrefix();
    const stores = ["", "*", "?", "[*]", "\\*", "v1:"].map((end) => open({ prefix: base + end }));
    for (const [index, store] of stores.entries()) await store.set("k", `${index}`);
    for (const [index, store] of stores.entries()) {
      expect(await collect(store.entries!())).toEqual([["k", `${index}`]]);
      await store.clear();
      expect(await store.get("k")).toBeUndefined();
    }
  });

  test("entries yields each key once and clear removes all, however many there are", async () => {
    const store = open();
    const keys = Array.from({ length: 3_000 }, (_, index) => `key ${index}`);
    await Promise.all(keys.map((key) => store.set(key, "v")));
    const found = (await collect(store.entries!())).map(([key]) => key);
    expect(found.toSorted()).toEqual(keys.toSorted());
    await store.clear();
    expect(await collect(store.entries!())).toEqual([]);
  });

  test("entries yields a key once even if the scan returns it twice", async () => {
    const found = ["remem:v1:{a}:v", "remem:v1:{b}:v", "remem:v1:{a}:v"];
    const scans = [
      { cursor: "7", keys: found },
      { cursor: "0", keys: found },
    ];
    const double: object = {
      on: () => double,
      scan: async () => scans.shift(),
      mGet: async (places: string[]) => places,
    };
    const store = redisStore({ client: { isOpen: true, withTypeMapping: () => double } });
    expect((await collect(store.entries!())).map(([key]) => key)).toEqual(["a", "b"]);
  });

  describe.each(CLIENTS)("a client of %s passed by the user", (_, { createClient }) => {
    test.each([2, 3] as const)("is used and left open with RESP %i", async (RESP) => {
      const client = createClient({ url, RESP });
      onTestFinished(() => client.destroy());
      await client.connect();
      const prefix = anyPrefix();
      const store = redisStore({ client, prefix });
      await store.set("k", "v", { expiresAt: Date.now() + 60_000 });
      expect(await client.pTTL(`${prefix}v1:{k}:v`)).toBeGreaterThan(0);
      expect([await store.get("k"), await store.getMany?.(["k", "l"])]).toEqual(["v", ["v", undefined]]);
      expect(await collect(store.entries!())).toEqual([["k", "v"]]);
      const lease = await store.flights!.enter("l");
      const change = store.flights!.changed("l", { signal: new AbortController().signal });
      await lease?.[Symbol.asyncDispose]();
      expect(["released", "unknown"]).toContain(await change);
      await store.close();
      expect(await client.del(`${prefix}v1:{k}:v`)).toBe(1);
      await expect(store.get("k")).rejects.toMatchObject({ code: "STORE_CLOSED" });
    });
  });

  test("a client passed by the user may have other types for its own replies", async () => {
    const BLOB = 36;
    const client = createClient({ url, commandOptions: { typeMapping: { [BLOB]: Buffer } } });
    onTestFinished(() => client.destroy());
    await client.connect();
    const store = redisStore({ client, prefix: anyPrefix() });
    await store.set("k", "v");
    expect(await client.ping()).toBe("PONG");
    expect(await store.get("k")).toBe("v");
    expect(await collect(store.entries!())).toEqual([["k", "v"]]);
    await store.clear();
    await store.close();
  });

  test("a client that is not connected is not connected by the store", async () => {
    const client = createClient({ url });
    const store = redisStore({ client, prefix: anyPrefix() });
    await expect(store.get("k")).rejects.toThrow("its `client` is not connected; await client.connect() first");
    expect(client.isOpen).toBe(false);
    await client.connect();
    onTestFinished(() => client.destroy());
    expect(await store.get("k")).toBeUndefined();
  });
});

describe.skipIf(!canStartRedis)("on a cluster", () => {
  test("values are spread over all nodes, and clear and entries cover all of them", async () => {
    const cluster = await startCluster();
    onTestFinished(() => cluster.stop());
    const client = await connectToCluster(cluster);
    onTestFinished(() => client.destroy());
    const store = redisStore({ client });
    const keys = Array.from({ length: 300 }, (_, index) => `key ${index}`);
    await Promise.all(keys.map((key) => store.set(key, key)));
    for (const { url } of cluster.nodes) expect(await (await connectTo(url)).dbSize()).toBeGreaterThan(30);
    expect(await store.getMany?.([...keys, "unknown"])).toEqual([...keys, undefined]);
    expect((await collect(store.entries!())).map(([key]) => key).toSorted()).toEqual(keys.toSorted());
    await store.clear();
    for (const { url } of cluster.nodes) expect(await (await connectTo(url)).dbSize()).toBe(0);
  });
});

describe.skipIf(!canStartRedis)("the connection", () => {
  test("is a single one for concurrent operations, and closes with the store after pending operations", async () => {
    const { url, stop } = await startRedis();
    onTestFinished(stop);
    const [store, client] = [redisStore({ url }), await connectTo(url)];
    const connections = async () => (await client.clientList()).length - 1;

    await Promise.all(Array.from({ length: 50 }, (_, index) => store.get(`${index}`)));
    expect(await connections()).toBe(1);
    const writes = Promise.all(Array.from({ length: 50 }, (_, index) => store.set(`${index}`, "v")));
    await Promise.all([store.close(), store.close()]);
    await writes;
    expect(await client.dbSize()).toBe(50);
    await vi.waitFor(async () => expect(await connections()).toBe(0));
  });

  test("needs no HELLO, which not every server and proxy supports", async () => {
    const { url, stop } = await startRedis(() => ["--rename-command", "HELLO", ""]);
    onTestFinished(stop);
    const store = openStore({ url });
    await store.set("k", "v");
    expect(await store.get("k")).toBe("v");
  });

  test("closes also when the store is closed before it is established", async () => {
    const { url, stop } = await startRedis();
    onTestFinished(stop);
    const [store, client] = [redisStore({ url }), await connectTo(url)];
    const first = store.get("k");
    await store.close();
    expect(await first).toBeUndefined();
    await vi.waitFor(async () => expect(await client.clientList()).toHaveLength(1));
  });
});

describe("options", () => {
  test.each<[string, object, string]>([
    ["a misspelt name", { uri: "redis://h" }, "there is no option `uri`. It takes url, client, prefix, timeoutMs."],
    ["a string instead of an object", "redis://h" as unknown as object, "`options` must be an object"],
    ["another kind of URL", { url: "http://h" }, "`url` must be redis://"],
    ["a host instead of a URL", { url: "localhost" }, "`url` must be redis://"],
    ["a database without a number", { url: "redis://h/cache" }, "`url` must be redis://"],
    ["a query", { url: "redis://h?db=1" }, "`url` must be redis://"],
    ["a password that is not percent-encoded", { url: "redis://:50%@h" }, "percent-encoded"],
    [
      "a URL and a client",
      { url: "redis://h", client: { withTypeMapping() {} } },
      "pass either `url` or `client`, not both",
    ],
    [
      "a client of another package",
      { client: { get() {} } },
      "`client` must be a client, cluster or sentinel of redis",
    ],
    ["null as the client", { client: null }, "`client` must be a client, cluster or sentinel of redis"],
    ["a client with a keyPrefix", { client: createClient({ keyPrefix: "p:" }) }, "Pass `prefix` to the store instead"],
    [
      "a cluster with a keyPrefix",
      { client: createCluster({ rootNodes: [], keyPrefix: "p:" }) },
      "cannot list its keys",
    ],
    ["a prefix with braces", { prefix: "{remem}:" }, "`prefix` must be a string without braces"],
    ["a timeout of zero", { timeoutMs: 0 }, "`timeoutMs` must be a whole number"],
  ])("%s is refused immediately", (_, options, problem) => {
    const make = () => redisStore(options);
    expect(make).toThrow(RememError);
    expect(make).toThrow(problem);
  });

  test("the error for a refused URL does not contain the URL", () => {
    const make = () => redisStore({ url: "redis://user:hunter2@h/x" });
    expect(make).toThrow(expect.not.stringContaining("hunter2"));
  });
});

describe.skipIf(!canStartRedis)("users and passwords", () => {
  const password = "hunter2/%@:";
  const urlFor = (url: string, user: string) =>
    url.replace("//", `//${user}:${encodeURIComponent(password)}@`).concat("/3");

  test("a URL may name a user, a password and a database", async () => {
    const { url, stop } = await startRedis(() => ["--user", "alice", "on", `>${password}`, "~*", "+@all"]);
    onTestFinished(stop);
    const [store, client] = [openStore({ url: urlFor(url, "alice") }), await connectTo(`${url}/3`)];
    await store.set("k", "v");
    expect(await client.get("remem:v1:{k}:v")).toBe("v");
    const [connection] = (await client.clientList()).filter(({ user }) => user === "alice");
    expect(connection).toMatchObject({ db: 3 });
  });

  test("no error contains a password", async () => {
    const { url, stop } = await startRedis(() => ["--requirepass", "another"]);
    onTestFinished(stop);
    const store = openStore({ url: urlFor(url, "") });
    const refused = await store.get("k").catch((error) => error);
    expect(refused).toMatchObject({ code: "STORE_ERROR", store: "redis" });
    expect(refused.message).toBe(
      `The store "redis" failed in get at ${url}/3: connection failed: WRONGPASS invalid username-password pair or user is disabled.`,
    );
    await stop();
    const local = openStore({ url: urlFor(url, "").replace("127.0.0.1", "localhost") }); // May resolve to two addresses.
    const down = await local.get("k").catch((error) => error);
    expect(down.message).toContain("ECONNREFUSED");
    const printed = inspect([refused, down], { depth: 20, showHidden: true });
    for (const secret of [password, encodeURIComponent(password), "hunter2"]) expect(printed).not.toContain(secret);
  });
});
