import { type CacheStore, createClient, memoryStore, StoreError } from "@remem/core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { chaosStore, fakeProvider } from "../src/index.ts";
import { collect } from "../src/store-contract/context.ts";
import { createBackend, referenceStore } from "./doubles/reference-store.ts";

afterEach(() => void vi.useRealTimers());

const whole = () => chaosStore(referenceStore(createBackend()));
const signal = new AbortController().signal;

/** Every operation, by the name that `fail` accepts. */
function operationsOf(store: CacheStore): Record<string, () => Promise<unknown>> {
  return {
    get: () => store.get("k"),
    getMany: () => store.getMany!(["k"]),
    set: () => store.set("k", "v"),
    getSidecar: () => store.getSidecar!("k"),
    delete: () => store.delete("k"),
    entries: () => collect(store.entries!()),
    clear: () => store.clear(),
    enter: () => store.flights!.enter("led"),
    changed: () => store.flights!.changed("k", { signal }),
    close: () => store.close(),
  };
}

async function failing(store: CacheStore): Promise<string[]> {
  const names: string[] = [];
  for (const [name, run] of Object.entries(operationsOf(store))) await run().catch(() => names.push(name));
  return names;
}

describe("fail", () => {
  test("makes only the named operations reject", async () => {
    for (const name of Object.keys(operationsOf(whole()))) {
      const store = whole();
      store.fail([name]);
      expect(await failing(store)).toEqual([name]);
    }
  });

  test("makes all except close reject, so that a client of the store can still be closed", async () => {
    const store = whole();
    store.fail("all");
    expect(await failing(store)).toEqual([
      "get",
      "getMany",
      "set",
      "getSidecar",
      "delete",
      "entries",
      "clear",
      "enter",
      "changed",
    ]);
  });

  test("adds to the operations that fail already", async () => {
    const store = whole();
    store.fail(["get"]);
    store.fail(["set"]);
    expect(await failing(store)).toEqual(["get", "set"]);
  });

  test("makes them reject with a StoreError that names store and operation, or with the given error", async () => {
    const store = whole();
    store.fail("all");
    const error = await store.get("k").catch((error: unknown) => error);
    expect(StoreError.is(error)).toBe(true);
    expect(error).toMatchObject({
      code: "STORE_ERROR",
      store: "reference",
      message: expect.stringContaining('"reference" fails in get'),
    });
    const own = new Error("ECONNRESET");
    store.fail(["get"], own);
    await expect(store.get("k")).rejects.toBe(own);
    await expect(store.set("k", "v")).rejects.not.toBe(own);
  });

  test("does not touch the store itself", async () => {
    const store = memoryStore();
    const chaos = chaosStore(store);
    chaos.fail("all");
    await chaos.set("k", "v").catch(() => {});
    expect(await store.get("k")).toBeUndefined();
  });

  test("ends a running iteration of entries", async () => {
    const store = whole();
    for (const key of ["a", "b", "c"]) await store.set(key, "v");
    const seen: string[] = [];
    async function read(): Promise<void> {
      for await (const [key] of store.entries!()) {
        seen.push(key);
        store.fail(["entries"]);
      }
    }
    await expect(read()).rejects.toThrow("fails in entries");
    expect(seen).toEqual(["a"]);
  });

  test("refuses an unknown operation", () => {
    expect(() => whole().fail(["get", "gte"])).toThrow(/no operation "gte" to fail. There are get, getMany, set/);
  });
});

describe("delay", () => {
  const useFakeTimers = () => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });

  test.each([...Object.keys(operationsOf(whole())), "a get that fails"])("delays %s", async (name) => {
    useFakeTimers();
    const store = whole();
    store.delay(1_000);
    if (name.endsWith("fails")) store.fail(["get"]);
    const settled = vi.fn();
    const run = operationsOf(store)[name.replace(/^a | that fails$/g, "")]!;
    const call = run().then(settled, settled);
    await vi.advanceTimersByTimeAsync(999);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await call;
  });

  test("does not keep a wait from being aborted", async () => {
    const store = whole();
    store.delay(60_000);
    const reason = new Error("No caller is left.");
    const stop = new AbortController();
    const waiting = store.flights!.changed("k", { signal: stop.signal });
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(store.flights!.changed("k", { signal: stop.signal })).rejects.toBe(reason);
  });

  test("of 0 ms ends it for later operations, and an invalid one is refused", async () => {
    const store = whole();
    store.delay(60_000);
    store.delay(0);
    await store.get("k");
    for (const ms of [-1, 0.5, Number.NaN]) expect(() => store.delay(ms)).toThrow(/`ms` must be a whole number/);
  });
});

test("heal ends all failures and all delays, including those under way", async () => {
  const store = whole();
  store.delay(60_000);
  store.fail("all");
  store.fail(["close"]);
  const late = store.get("k");
  store.heal();
  expect(await late).toBeUndefined();
  expect(await failing(store)).toEqual([]);
});

test("it has the name and the optional members of the store", () => {
  const { getMany: _, entries: __, flights: ___, getSidecar: ____, ...plain } = referenceStore(createBackend());
  const optional = ["getMany", "getSidecar", "entries", "flights", "shardOf"];
  expect(optional.filter((member) => member in chaosStore(plain))).toEqual([]);
  const all = chaosStore({ ...referenceStore(createBackend()), shardOf: (key) => `shard of ${key}` });
  expect(optional.filter((member) => member in all)).toEqual(optional);
  expect(all.shardOf?.("k")).toBe("shard of k");
  expect(whole()).toMatchObject({ specVersion: 1, name: "reference" });
});

test("a client bypasses a failing store, and uses it again once it is healed", async () => {
  vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const store = chaosStore(memoryStore());
  const client = createClient({ provider: fakeProvider("Hello."), store, params: { model: "fake" } });
  const sources: string[] = [];
  const ask = async () => sources.push((await client.infer([{ role: "user", content: "Hi" }])).source);
  await ask();
  store.fail("all");
  await ask();
  store.heal();
  await ask();
  expect(sources).toEqual(["provider", "provider", "store"]);
  await client.close();
});
