import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import suite, { keyvIteratorTests } from "@keyv/test-suite";
import { type CacheStore, memoryStore } from "@remem/core";
import { sqliteStore } from "@remem/sqlite";
import { collect } from "@remem/test-support/collect";
import { chaosStore } from "@remem/testing";
import { Keyv as Keyv5 } from "keyv";
import { Keyv as Keyv6 } from "keyv-6";
import * as vitest from "vitest";
import { afterAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { type KeyvAdapter, keyvAdapter } from "../src/index.ts";
import { KEYVS } from "./keyvs.ts";

/** Cases of the suite, which was written for Keyv 5, that do not apply to Keyv 6. */
const NOT_IN_6 = {
  ".deleteMany([keys]) with nonexistent keys resolves to false": "Keyv 6 returns a result for each key",
};

describe.each(KEYVS)("over sqliteStore, %s passes the tests for its adapters:", (version, Keyv) => {
  const directory = mkdtempSync(join(tmpdir(), "remem-keyv-"));
  const stores: CacheStore[] = [];
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    rmSync(directory, { recursive: true });
  });
  function adapter(): KeyvAdapter {
    const store = sqliteStore({ path: join(directory, "cache.sqlite") });
    stores.push(store);
    return keyvAdapter(store);
  }
  function it(name: string, run: () => Promise<void>): void {
    const reason = version === "Keyv 6" && new Map(Object.entries(NOT_IN_6)).get(name);
    if (reason) test.skip(`${name} (skipped: ${reason})`);
    else test(name, run);
  }
  // Their types refer to another version of Vitest.
  const runner = { ...vitest, it } as never;
  suite(runner, Keyv as never, adapter);
  keyvIteratorTests(runner, Keyv as never, adapter);
});

describe.each(KEYVS)("in %s", (_, Keyv) => {
  test("namespaces over one store are isolated when one is cleared or listed", async () => {
    const store = memoryStore();
    await store.set("theirs", "kept");
    const [one, two] = ["a", "ab"].map((namespace) => new Keyv({ store: keyvAdapter(store), namespace }));
    for (const key of ["k", "a", "ab"]) {
      await one!.set(key, "one");
      await two!.set(key, "two");
    }
    expect(new Set(await collect(one!.iterator!()))).toEqual(new Set(["k", "a", "ab"].map((key) => [key, "one"])));
    await one!.clear();
    expect(await one!.getMany(["k", "a", "ab"])).toEqual([undefined, undefined, undefined]);
    expect(await two!.getMany(["k", "a", "ab"])).toEqual(["two", "two", "two"]);
    expect(await store.get("theirs")).toBe("kept");
  });

  test("a value with a time to live expires in the store, and one without stays", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_000 });
    onTestFinished(() => void vi.useRealTimers());
    const store = memoryStore();
    const keyv = new Keyv({ store: keyvAdapter(store) });
    await keyv.set("expires", "v", 500);
    await keyv.set("stays", "v");
    vi.setSystemTime(1_499);
    expect(await collect(store.entries!())).toHaveLength(2);
    vi.setSystemTime(1_500);
    expect(await collect(store.entries!())).toHaveLength(1);
    expect(await keyv.get("stays")).toBe("v");
  });

  test("disconnecting closes the store", async () => {
    const store = memoryStore();
    await new Keyv({ store: keyvAdapter(store) }).disconnect();
    await expect(store.get("k")).rejects.toMatchObject({ code: "STORE_CLOSED" });
  });

  test("a store without `getMany` and `entries` can be read, also many keys at once, and has no iterator", async () => {
    const { getMany: _, entries: __, ...store } = memoryStore();
    const adapter = keyvAdapter(store);
    const keyv = new Keyv({ store: adapter });
    await keyv.set("k", "v");
    expect(await keyv.getMany(["unknown", "k"])).toEqual([undefined, "v"]);
    expect(adapter.iterator).toBeUndefined();
  });
});

test("clearing a namespace rejects if the store cannot list its entries, and leaves the others alone", async () => {
  const { entries: _, ...store } = memoryStore();
  await store.set("theirs", "kept");
  const keyv = new Keyv5({ store: keyvAdapter(store), namespace: "a", throwOnErrors: true });
  await expect(keyv.clear()).rejects.toThrow(
    /cannot list its entries, so the namespace "a" cannot be cleared on its own/,
  );
  expect(await store.get("theirs")).toBe("kept");
});

test("without a namespace, clear calls the store's clear", async () => {
  const { entries: _, ...store } = memoryStore();
  await store.set("k", "v");
  await new Keyv6({ store: keyvAdapter(store) }).clear();
  expect(await store.get("k")).toBeUndefined();
});

test("a store that fails makes every operation reject", async () => {
  const store = chaosStore(memoryStore());
  const adapter = keyvAdapter(store);
  store.fail("all");
  for (const call of [
    () => adapter.get("k"),
    () => adapter.getMany(["k"]),
    () => adapter.set("k", "v"),
    () => adapter.delete("k"),
    () => adapter.clear(),
    () => collect(adapter.iterator!()),
  ]) {
    await expect(call()).rejects.toMatchObject({ code: "STORE_ERROR" });
  }
});

test("a value that is not a string is refused, and so is an object that is not a store", async () => {
  const keyv = new Keyv5({ store: keyvAdapter(memoryStore()), serialize: undefined as never, throwOnErrors: true });
  await expect(keyv.set("k", { a: 1 })).rejects.toThrow(/keeps strings. Leave Keyv's serialization on/);
  for (const wrong of [undefined, "sqlite:cache", new Map(), {}]) {
    expect(() => keyvAdapter(wrong as never)).toThrow(/`store` must be a remem store/);
  }
});
