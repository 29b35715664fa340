import { beforeEach, expect, test, vi } from "vitest";
import { type ClientOptions, createClient, memoryStore, StoreError } from "../src/index.ts";
import { breakableStore, createTrace, scriptedProvider, user } from "./doubles.ts";

const warnings = vi.spyOn(process, "emitWarning");
beforeEach(() => void warnings.mockReset().mockImplementation(() => {}));

function setUp(options: Partial<ClientOptions> = {}) {
  const provider = scriptedProvider();
  const store = breakableStore(memoryStore());
  const trace = createTrace();
  const client = createClient({ provider, store, params: { model: "m" }, onEvent: trace.record, ...options });
  return { provider, store, trace, client };
}

test("a store that throws costs a call, and event, counter and one warning tell of it", async () => {
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
    'Calls go on without the store and are paid for: The store "breakable" failed in get: get is broken',
    { type: "RememWarning", code: "REMEM_STORE_FAILING" },
  ]);
});

test("caching goes on when the store does, and each new failure is warned of once", async () => {
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

test("has and delete reject when the store fails: there is nothing to go on with", async () => {
  const { client, store } = setUp();
  store.broken.add("get");
  store.delete = () => Promise.reject(new Error("delete is broken"));
  await expect(client.has(user("Hi"))).rejects.toThrow(StoreError);
  await expect(client.delete(user("Hi"))).rejects.toThrow(/failed in delete: delete is broken/);
});

test("a store that gives null for a miss, or something else that is no text, is told so", async () => {
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
