import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type CacheStore, createClient, memoryStore, StoreError, tieredStore } from "../../src/index.ts";
import { completion, createGate, scriptedProvider, user } from "../doubles.ts";

function setUp() {
  const gate = createGate();
  const provider = {
    ...scriptedProvider(async () => {
      await gate.opened;
      return completion("a");
    }),
    close: vi.fn(async () => {}),
  };
  const store = memoryStore();
  return { gate, provider, store, client: createClient({ provider, store, params: { model: "m" } }) };
}

test("close lets running calls finish and be stored, then closes store and provider", async () => {
  const { client, gate, provider, store } = setUp();
  const written = vi.spyOn(store, "set");
  const running = client.infer(user("Hi"));
  await vi.waitFor(() => expect(provider.calls.length).toBe(1));
  const closing = client.close();
  await expect(client.infer(user("late"))).rejects.toMatchObject({ code: "CLIENT_CLOSED" });
  expect(provider.close).not.toHaveBeenCalled();
  gate.open();
  expect((await running).source).toBe("provider");
  await closing;
  expect(written).toHaveBeenCalledOnce();
  expect(provider.close).toHaveBeenCalledOnce();
  await expect(store.get("k")).rejects.toMatchObject({ code: "STORE_CLOSED" });
  await client.close();
  expect(provider.close).toHaveBeenCalledOnce();
});

test("close waits for a call that still reads the store", async () => {
  const { client, gate, provider, store } = setUp();
  const reading = createGate();
  const read = store.get.bind(store);
  store.get = async (key) => {
    await reading.opened;
    return read(key);
  };
  const written = vi.spyOn(store, "set");
  gate.open();
  const running = client.infer(user("Hi"));
  const closing = client.close();
  reading.open();
  expect((await running).source).toBe("provider");
  await closing;
  expect(written).toHaveBeenCalledOnce();
  expect(provider.close).toHaveBeenCalledOnce();
});

test("a call whose read outlasts the five seconds of a close never calls the provider", async () => {
  vi.useFakeTimers();
  try {
    const { client, provider, store } = setUp();
    const reading = createGate();
    store.get = async () => {
      await reading.opened;
      return undefined;
    };
    const outcome = Promise.allSettled([client.infer(user("Hi"))]);
    const closing = client.close();
    await vi.advanceTimersByTimeAsync(5_000);
    await closing;
    reading.open();
    expect(await outcome).toMatchObject([{ status: "rejected", reason: { code: "CLIENT_CLOSED" } }]);
    expect(provider.calls).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});

test("close aborts what still runs after five seconds", async () => {
  vi.useFakeTimers();
  try {
    const { client } = setUp();
    const outcome = Promise.allSettled([client.infer(user("Hi"))]);
    await vi.advanceTimersByTimeAsync(0);
    const closing = client.close();
    await vi.advanceTimersByTimeAsync(4_999);
    const pending = Symbol("pending");
    expect(await Promise.race([outcome, Promise.resolve(pending)])).toBe(pending);
    await vi.advanceTimersByTimeAsync(1);
    await closing;
    expect(await outcome).toMatchObject([{ status: "rejected", reason: { code: "CLIENT_CLOSED" } }]);
  } finally {
    vi.useRealTimers();
  }
});

test("closing the client during a batch starts no more items and returns those that were running", async () => {
  const { client, gate, provider } = setUp();
  const batch = client.batchInfer(["a", "b", "c", "d"].map(user), {}, { concurrency: 2 });
  await vi.waitFor(() => expect(provider.calls.length).toBe(2));
  const closing = client.close();
  gate.open();
  expect((await batch).map((item) => (item.error ? item.error.code : item.response))).toEqual([
    "a",
    "a",
    "CLIENT_CLOSED",
    "CLIENT_CLOSED",
  ]);
  await closing;
  expect(provider.calls.length).toBe(2);
});

test("a client can be disposed of", async () => {
  const { client, provider, gate } = setUp();
  gate.open();
  {
    await using disposed = client;
    await disposed.infer(user("Hi"));
  }
  expect(provider.close).toHaveBeenCalledOnce();
});

test("a store that fails to close rejects after the provider was closed", async () => {
  const { client, provider, store, gate } = setUp();
  gate.open();
  store.close = () => Promise.reject(new Error("stuck"));
  await expect(client.close()).rejects.toThrow(StoreError);
  expect(provider.close).toHaveBeenCalledOnce();
});

describe("stores and providers in use by another client stay open", () => {
  const closesOf = (store: CacheStore) => vi.spyOn(store, "close");

  test("a store and a provider are closed with their last client", async () => {
    const { client, provider, store, gate } = setUp();
    gate.open();
    const closed = closesOf(store);
    const other = createClient({ provider, store, params: { model: "m" } });
    await client.infer("Hi");
    await client.close();
    await client.close(); // Counts once.
    expect([closed.mock.calls.length, provider.close.mock.calls.length]).toEqual([0, 0]);
    expect((await other.infer("Hi")).source).toBe("store");
    await other.close();
    expect([closed.mock.calls.length, provider.close.mock.calls.length]).toEqual([1, 1]);
  });

  test("a store is not closed with a tier while a client uses it, too", async () => {
    const { provider, gate } = setUp();
    gate.open();
    const [near, far] = [memoryStore(), memoryStore()];
    const [direct, tiered] = [far, tieredStore(near, far)].map((store) =>
      createClient({ provider, store, params: { model: "m" } }),
    );
    await tiered!.infer("Hi");
    await tiered!.close();
    await expect(near.get("k")).rejects.toMatchObject({ code: "STORE_CLOSED" });
    expect((await direct!.infer("Hi")).source).toBe("store");
    await direct!.close();
    await expect(far.get("k")).rejects.toMatchObject({ code: "STORE_CLOSED" });
  });

  test("a call that another client has joined is not aborted, and its provider is closed after it", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { client, gate, provider, store } = setUp();
    const guest = createClient({ provider: scriptedProvider(), store, params: { model: "m" } });
    const [first, alone] = [client.infer("Hi"), Promise.allSettled([client.infer("alone")])];
    const joined = guest.infer("Hi");
    await vi.advanceTimersByTimeAsync(0);
    const closing = client.close();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await alone).toMatchObject([{ reason: { code: "CLIENT_CLOSED" } }]);
    expect(provider.close).not.toHaveBeenCalled();
    gate.open();
    expect([(await first).source, (await joined).source]).toEqual(["provider", "flight"]);
    await closing;
    expect(provider.close).toHaveBeenCalledOnce();
    await guest.close();
  });
});

test("a call that is aborted at the end releases its lease before the store is closed", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { provider } = setUp();
  const steps: string[] = [];
  const store: CacheStore = {
    ...memoryStore(),
    flights: {
      enter: async () => ({
        lost: new AbortController().signal,
        async [Symbol.asyncDispose]() {
          await new Promise((resolve) => setTimeout(resolve, 100));
          steps.push("released");
        },
      }),
      changed: async () => "unknown",
    },
    close: async () => void steps.push("closed"),
  };
  const client = createClient({ provider, store, params: { model: "m" } });
  const outcome = Promise.allSettled([client.infer("Hi")]);
  await vi.advanceTimersByTimeAsync(0);
  const closing = client.close();
  await vi.advanceTimersByTimeAsync(5_100);
  await closing;
  expect(await outcome).toMatchObject([{ reason: { code: "CLIENT_CLOSED" } }]);
  expect(steps).toEqual(["released", "closed"]);
});
