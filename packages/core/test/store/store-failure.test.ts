import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  type CacheStore,
  type ChatCompletion,
  type ClientOptions,
  cacheKey,
  createClient,
  memoryStore,
  readEntry,
  StoreError,
  tieredStore,
} from "../../src/index.ts";
import { breakableStore, completion, createTrace, scriptedProvider, user } from "../doubles.ts";

const warnings = vi.spyOn(process, "emitWarning");
beforeEach(() => void warnings.mockReset().mockImplementation(() => {}));

function setUp(options: Partial<ClientOptions> = {}, answer?: ChatCompletion) {
  const provider = answer === undefined ? scriptedProvider() : scriptedProvider(() => answer);
  const store = breakableStore(memoryStore());
  const trace = createTrace();
  const client = createClient({ provider, store, params: { model: "m" }, onEvent: trace.record, ...options });
  return { provider, store, trace, client };
}

test("a store that throws costs a call, an event, a count and one warning", async () => {
  const { client, store, trace, provider } = setUp();
  store.broken.add("get").add("set");
  for (let round = 0; round < 3; round++) expect((await client.infer(user("Hi"))).source).toBe("provider");
  expect(provider.calls.length).toBe(3);
  expect(trace.types.slice(0, 3)).toEqual(["store-error", "miss", "store-error"]);
  expect(trace.events[0]).toMatchObject({ operation: "get", store: "breakable", error: { code: "STORE_ERROR" } });
  expect(trace.events[2]).toMatchObject({ operation: "set" });
  expect(client.stats()).toMatchObject({ storeErrors: 6, stored: 0, misses: 3 });
  expect(warnings).toHaveBeenCalledTimes(2); // reading went down, writing went down
  expect(warnings.mock.calls[0]).toEqual([
    'Caching is degraded, and calls are sent to the provider: The store "breakable" failed in get: get is broken',
    { type: "RememWarning", code: "REMEM_STORE_FAILING" },
  ]);
});

test("caching resumes when the store recovers, and each new outage causes one warning", async () => {
  const { client, store, trace } = setUp();
  store.broken.add("set");
  await client.infer(user("a"));
  await client.infer(user("b"));
  expect(warnings).toHaveBeenCalledTimes(1);
  store.broken.clear();
  trace.events.length = 0;
  await client.infer(user("a"));
  expect(trace.types).toEqual(["miss", "store-recovered", "stored"]);
  expect((await client.infer(user("a"))).source).toBe("store");
  store.broken.add("set");
  await client.infer(user("b"));
  expect(warnings).toHaveBeenCalledTimes(2);
});

describe("of a store with shards", () => {
  /** The first word of a question is its shard; those that are broken fail. */
  function setUpShards(options: Partial<ClientOptions> = {}) {
    const provider = scriptedProvider(({ messages }) => completion(`re: ${messages[0]!.content}`));
    const inner = memoryStore();
    const broken = new Set<string>();
    const asked: string[][] = [];
    const shards = new Map<string, string>();
    const shardOf = (key: string): string => shards.get(key)!;
    const check = (...keys: string[]): void => {
      asked.push(keys);
      if (keys.some((key) => broken.has(shardOf(key)))) throw new Error("this shard is gone");
    };
    const store: CacheStore = {
      ...inner,
      shardOf,
      async get(key) {
        check(key);
        return inner.get(key);
      },
      async getMany(keys) {
        check(...keys);
        return Promise.all(keys.map(inner.get));
      },
      async set(key, value, options) {
        check(key);
        return inner.set(key, value, options);
      },
    };
    const client = createClient({ provider, store, params: { model: "m" }, ...options });
    const ask = (content: string) => {
      const messages = user(content);
      shards.set(cacheKey({ model: "m", messages }), content.split(" ")[0]!);
      return messages;
    };
    return { client, provider, broken, asked, shardOf, ask };
  }

  test("a shard that keeps failing does not affect the others", async () => {
    const { client, provider, broken, ask } = setUpShards();
    await client.infer(ask("b 0"));
    broken.add("a");
    for (let round = 0; round < 10; round++)
      expect(await client.infer(ask("a 0"))).toMatchObject({ source: "provider" });
    expect(await client.infer(ask("b 0"))).toMatchObject({ source: "store" });
    await client.infer(ask("b 1"));
    expect(await client.infer(ask("b 1"))).toMatchObject({ source: "store" });
    expect(provider.calls.length).toBe(12);
  });

  test("a shard that fails in a batch costs its own keys alone", async () => {
    const { client, provider, broken, asked, shardOf, ask } = setUpShards();
    const questions = ["a 0", "b 0", "a 1", "b 1", "c 0", "b 0"].map(ask);
    await client.batchInfer(questions);
    const paid = provider.calls.length;
    broken.add("a");
    asked.length = 0;
    const results = await client.batchInfer(questions);
    expect(results.map((result) => "source" in result && result.source)).toEqual([
      ...["provider", "store", "provider", "store", "store", "store"],
    ]);
    expect(results.map((result) => "response" in result && result.response)).toEqual(
      ["a 0", "b 0", "a 1", "b 1", "c 0", "b 0"].map((content) => `re: ${content}`),
    );
    expect(provider.calls.length).toBe(paid + 2);
    for (const keys of asked) expect(new Set(keys.map(shardOf)).size).toBe(1);
  });

  test("a tier hands on the shards of its far store", () => {
    const far: CacheStore = { ...memoryStore(), shardOf: (key) => `shard of ${key}` };
    expect(tieredStore(memoryStore(), far).shardOf?.("k")).toBe("shard of k");
    expect(tieredStore(memoryStore(), memoryStore()).shardOf).toBeUndefined();
  });
});

test("clients over one store warn once between them", async () => {
  const { client, store } = setUp();
  const { client: other } = setUp({ store });
  store.broken.add("get");
  await client.infer(user("a"));
  await other.infer(user("b"));
  expect(warnings).toHaveBeenCalledTimes(1);
});

test('with onStoreError "throw" a failing read or write rejects with a StoreError', async () => {
  const { client, store, provider } = setUp({ onStoreError: "throw" });
  store.broken.add("get");
  const reading = client.infer(user("Hi"));
  await expect(reading).rejects.toThrow(StoreError);
  await expect(reading).rejects.toMatchObject({
    code: "STORE_ERROR",
    store: "breakable",
    cause: new Error("get is broken"),
  });
  expect(provider.calls.length).toBe(0);
  store.broken.clear();
  store.broken.add("set");
  await expect(client.infer(user("Hi"))).rejects.toThrow(StoreError);
  expect(await client.batchInfer([user("Hi")])).toMatchObject([{ error: { code: "STORE_ERROR" } }]);
  expect(warnings).not.toHaveBeenCalled();
});

test("a store that throws at once instead of rejecting is treated the same", async () => {
  const { client, store } = setUp();
  store.get = () => {
    throw new Error("at once");
  };
  expect((await client.infer(user("Hi"))).source).toBe("provider");
});

test("has and delete reject when the store fails", async () => {
  const { client, store } = setUp();
  store.broken.add("get");
  store.delete = () => Promise.reject(new Error("delete is broken"));
  await expect(client.has(user("Hi"))).rejects.toThrow(StoreError);
  await expect(client.delete(user("Hi"))).rejects.toThrow(/failed in delete: delete is broken/);
});

test("a store that returns null, or anything but a string or undefined, breaks its contract", async () => {
  for (const value of [null, 7, {}]) {
    const { client, store, trace } = setUp();
    store.get = async () => value as never;
    expect((await client.infer(user("Hi"))).source).toBe("provider");
    expect(trace.events[0]).toMatchObject({
      type: "store-error",
      error: { message: expect.stringMatching(/contract.*undefined/) },
    });
  }
});

test("a store that never settles delays the call by the timeout, in every operation", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  const hangs = () => new Promise<never>(() => {});
  for (const operation of ["get", "set", "delete"] as const) {
    const { client, store, trace } = setUp({ storeTimeoutMs: 1_000 });
    store[operation] = hangs;
    const call = operation === "delete" ? client.delete(user("Hi")) : client.infer(user("Hi"));
    const outcome = call.catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1_100);
    if (operation === "delete") {
      expect(await outcome).toMatchObject({
        code: "STORE_ERROR",
        message: expect.stringMatching(/delete within 1000 ms/),
      });
    } else {
      expect(await outcome).toMatchObject({ source: "provider" });
      expect(trace.events).toContainEqual(expect.objectContaining({ type: "store-error", operation }));
    }
  }
  vi.useRealTimers();
});

test("after three consecutive failures the store is skipped for a while, and then used again", async () => {
  let now = 1_000;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
  const { client, store, trace, provider } = setUp();
  const get = vi.spyOn(store, "get");
  await client.infer(user("Hi"));
  store.broken.add("get");
  for (let call = 0; call < 5; call++) await client.infer(user("Hi"));
  expect(get).toHaveBeenCalledTimes(1 + 3); // A miss reads once, and is no failure.
  expect(client.stats().storeErrors).toBe(5);
  expect(trace.events.filter((event) => event.type === "store-error").at(-1)?.error).toMatchObject({
    message:
      'Skipping the store "breakable" for a few seconds, because get failed repeatedly (the circuit breaker is open). Last error: The store "breakable" failed in get: get is broken',
  });
  store.broken.clear();
  now += 500;
  expect((await client.infer(user("Hi"))).source).toBe("store");
  expect(trace.types.slice(-2)).toEqual(["store-recovered", "hit"]);
  expect(provider.calls.length).toBe(6);
  expect(warnings).toHaveBeenCalledTimes(1);
  clock.mockRestore();
});

test("an answer whose entry would be too large is returned, but not stored", async () => {
  const { client, trace } = setUp({ maxEntryBytes: 1_000 });
  const question = user("ü".repeat(400));
  for (let call = 0; call < 2; call++) expect((await client.infer(question)).source).toBe("provider");
  expect(trace.events.at(-1)).toMatchObject({ type: "not-admitted", maxEntryBytes: 1_000, bytes: expect.any(Number) });
  expect(client.stats()).toMatchObject({ stored: 0, notAdmitted: 2, notStored: { "too-large": 2 } });
  await client.infer(user("Hi"));
  expect((await client.infer(user("Hi"))).source).toBe("store");
});

test("the request beside an answer does not count for the size of the entry", async () => {
  const { client, store } = setUp({ maxEntryBytes: 1_000 }, completion("A lake."));
  const question = user("x".repeat(2_000));
  const { key } = await client.infer(question);
  expect((await client.infer(question)).source).toBe("store");
  expect((await readEntry(store, key))?.request).toBeDefined();
});

test("the answer to the largest request that is sent is stored, together with the request", async () => {
  const { client, store } = setUp({}, completion("An image."));
  const { key } = await client.infer(user("x".repeat(15 * 1024 * 1024)));
  expect(client.stats()).toMatchObject({ stored: 1, notStored: {} });
  expect((await readEntry(store, key))?.request).toBeDefined();
});

test("an answer that a failing store did not take is counted, since it will be paid for again", async () => {
  const { client, store } = setUp();
  store.broken.add("set");
  await client.infer(user("Hi"));
  expect(client.stats()).toMatchObject({ stored: 0, notAdmitted: 0, notStored: { "store-error": 1 } });
});

test("a request that is too large is refused before anything is read or sent", async () => {
  const { client, store, provider } = setUp({ maxRequestBytes: 500 });
  const get = vi.spyOn(store, "get");
  await expect(client.infer(user("x".repeat(500)))).rejects.toMatchObject({
    code: "REQUEST_TOO_LARGE",
    message: expect.stringMatching(/^The request takes \d+ bytes of JSON, but `maxRequestBytes` allows 500\./),
  });
  expect(get).not.toHaveBeenCalled();
  expect(provider.calls).toEqual([]);
  await client.infer(user("x".repeat(100)));
});
