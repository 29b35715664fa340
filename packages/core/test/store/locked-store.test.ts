import { beforeEach, expect, test, vi } from "vitest";
import { type CacheStore, type ClientOptions, createClient, memoryStore, StoreError } from "../../src/index.ts";
import { createGate, createTrace, scriptedFlights, scriptedProvider, user } from "../doubles.ts";

const warnings = vi.spyOn(process, "emitWarning");
beforeEach(() => void warnings.mockReset().mockImplementation(() => {}));

const busy = () => new StoreError("another connection has it locked", { store: "locked", code: "STORE_BUSY" });

/** A store whose writes wait for a lock, and are refused once it is closed. */
function setUp(options: Partial<ClientOptions> = {}) {
  const gate = createGate();
  const closed = Promise.withResolvers<never>();
  closed.promise.catch(() => {});
  const memory = memoryStore();
  const keys: string[] = [];
  const store: CacheStore = {
    ...memory,
    async set(key, value, options) {
      await Promise.race([gate.opened, closed.promise]);
      keys.push(key);
      return memory.set(key, value, options);
    },
    async close() {
      closed.reject(new StoreError("it was closed", { store: "locked", code: "STORE_CLOSED" }));
      return memory.close();
    },
  };
  const provider = scriptedProvider();
  const trace = createTrace();
  const client = createClient({ provider, store, params: { model: "m" }, onEvent: trace.record, ...options });
  return { gate, store, keys, provider, trace, client };
}

test("a caller has its answer while the store is locked, and the answer is stored once it is not", async () => {
  const { client, gate, keys, trace } = setUp();
  const first = await client.infer(user("a"));
  const second = await client.infer(user("b"));
  expect([first.source, second.source]).toEqual(["provider", "provider"]);
  expect(client.stats()).toMatchObject({ stored: 0, notStored: {} });
  gate.open();
  await vi.waitFor(() => expect(client.stats()).toMatchObject({ stored: 2, notStored: {}, storeErrors: 0 }));
  expect(keys).toEqual([first.key, second.key]);
  expect((await client.infer(user("a"))).source).toBe("store");
  expect(trace.types).toEqual(["miss", "miss", "stored", "stored", "hit"]);
});

test("identical calls meanwhile are hits of the answer that waits, each with a copy of its own", async () => {
  const { client, gate, provider } = setUp();
  const first = await client.infer(user("a"));
  const again = await client.infer(user("a"));
  expect(again).toEqual({ ...first, cacheHit: true, source: "store" });
  expect(again.completion).not.toBe(first.completion);
  (first.completion.choices[0]!.message as { content: string }).content = "changed by its caller";
  for (const result of [
    await client.infer(user("a"), {}, { cache: "only-if-cached" }),
    ...(await client.batchInfer([user("a"), user("a")])),
  ]) {
    expect(result).toMatchObject({ source: "store", response: again.response });
  }
  expect(provider.calls).toHaveLength(1);
  expect(client.stats()).toMatchObject({ hits: 4, misses: 1 });
  gate.open();
});

test("a reload asks again, and its answer is the one that is served and stored last", async () => {
  let answers = 0;
  const provider = scriptedProvider(() => ({
    id: "1",
    model: "m",
    created: 0,
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: `answer ${++answers}` } }],
  }));
  const { client, gate } = setUp({ provider });
  await client.infer(user("a"));
  expect((await client.infer(user("a"), {}, { cache: "reload" })).response).toBe("answer 2");
  expect((await client.infer(user("a"), {}, { cache: "reload" })).response).toBe("answer 3");
  expect((await client.infer(user("a"))).response).toBe("answer 3");
  gate.open();
  await vi.waitFor(() => expect(client.stats().stored).toBe(3));
  expect(await client.infer(user("a"))).toMatchObject({ response: "answer 3", source: "store" });
});

test("the lease is released a little later, so that other processes go on", async () => {
  const flights = scriptedFlights();
  const { client, store, gate } = setUp();
  const leading = createClient({ provider: scriptedProvider(), store: { ...store, flights }, params: { model: "m" } });
  const { key } = await leading.infer(user("a"));
  expect(await flights.enter(key)).toBeUndefined();
  await vi.waitFor(async () => expect(await flights.enter(key)).toBeDefined(), { timeout: 10_000, interval: 20 });
  gate.open();
  await Promise.all([leading.close(), client.close()]);
});

test("close waits for the lock", async () => {
  const { client, gate } = setUp();
  await client.infer(user("a"));
  const closing = client.close();
  gate.open();
  await closing;
  expect(client.stats()).toMatchObject({ stored: 1, notStored: {} });
});

test("what is not stored within the grace of close is counted, reported and warned of", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  try {
    const { client, trace } = setUp();
    const calls = Promise.all([client.infer(user("a")), client.infer(user("b"))]);
    await vi.advanceTimersByTimeAsync(1_000);
    await calls;
    const closing = client.close();
    await vi.advanceTimersByTimeAsync(5_000);
    await closing;
    expect(client.stats()).toMatchObject({ stored: 0, notStored: { "store-error": 2 } });
    expect(trace.events.filter(({ type }) => type === "store-error")).toHaveLength(2);
    expect(warnings).toHaveBeenCalledTimes(1);
  } finally {
    vi.useRealTimers();
  }
});

test("a write that the store gives up as busy is tried again, is reported, and opens no circuit breaker", async () => {
  const { client, store, trace } = setUp();
  let attempts = 0;
  const memory = memoryStore();
  store.set = async (key, value, options) => {
    attempts += 1;
    await new Promise((resolve) => setImmediate(resolve));
    if (attempts < 10) throw busy();
    return memory.set(key, value, options);
  };
  await client.infer(user("a"));
  await vi.waitFor(() => expect(client.stats()).toMatchObject({ stored: 1, notStored: {} }));
  expect(attempts).toBe(10);
  expect(trace.types).toEqual(["miss", ...Array(9).fill("store-error"), "store-recovered", "stored"]);
  expect(warnings).toHaveBeenCalledTimes(1);
});

test("with `throw` the caller waits, and fails with the store", async () => {
  const { client, store } = setUp({ onStoreError: "throw" });
  store.set = () => Promise.reject(busy());
  await expect(client.infer(user("a"))).rejects.toMatchObject({ code: "STORE_BUSY" });
  expect(client.stats()).toMatchObject({ stored: 0 });
});
