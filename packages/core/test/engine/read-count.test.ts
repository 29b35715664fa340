import { expect, test, vi } from "vitest";
import { type CacheStore, createClient, memoryStore } from "../../src/index.ts";
import { createGate, scriptedFlights, scriptedProvider, user } from "../doubles.ts";

function setUp(members: Partial<CacheStore> = {}) {
  const store: CacheStore = { ...memoryStore(), ...members };
  const get = vi.spyOn(store, "get");
  return { store, get, client: createClient({ provider: scriptedProvider(), store, params: { model: "m" } }) };
}

test("a miss reads the store once", async () => {
  const { client, get } = setUp();
  await client.infer("Hi");
  expect(get).toHaveBeenCalledTimes(1);
});

test("a miss of a leader reads once more: another process may have answered before the lease was acquired", async () => {
  const { client, get } = setUp({ flights: scriptedFlights() });
  await client.infer("Hi");
  expect(get).toHaveBeenCalledTimes(2);
});

test("50 concurrent identical calls read the store once, whether it has the answer or not", async () => {
  const { client, get } = setUp();
  for (const source of ["flight", "store"]) {
    get.mockClear();
    const results = await Promise.all(Array.from({ length: 50 }, () => client.infer("Hi")));
    expect(get).toHaveBeenCalledTimes(1);
    expect(results.at(-1)?.source).toBe(source);
    expect(new Set(results.map(({ completion }) => completion)).size).toBe(50); // Each has an object of its own.
  }
});

test("a read that outlives its caller serves the callers that joined it", async () => {
  const gate = createGate();
  const backend = memoryStore();
  const { client } = setUp({ get: (key) => gate.opened.then(() => backend.get(key)), set: backend.set });
  const controller = new AbortController();
  const first = client.infer("Hi", {}, { signal: controller.signal });
  const second = client.infer("Hi");
  controller.abort(new Error("gone"));
  await expect(first).rejects.toThrow("gone");
  gate.open();
  expect((await second).response).toBe(`Answer to ${JSON.stringify(user("Hi"))}`);
});
