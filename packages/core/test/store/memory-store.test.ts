import { collect } from "@remem/test-support/collect";
import { afterEach, expect, test, vi } from "vitest";
import { memoryStore, RememError, StoreError } from "../../src/index.ts";

afterEach(() => void vi.useRealTimers());

test("an unknown key is undefined, and what was set comes back, replaced or kept as asked", async () => {
  const store = memoryStore();
  expect(await store.get("k")).toBeUndefined();
  await store.set("k", "one\0😀");
  expect(await store.get("k")).toBe("one\0😀");
  await store.set("k", "two", { ifAbsent: true });
  expect(await store.get("k")).toBe("one\0😀");
  await store.set("k", "");
  expect(await store.get("k")).toBe("");
  expect(await store.getMany?.(["x", "k", "x", "k"])).toEqual([undefined, "", undefined, ""]);
});

test("delete returns whether the key existed, and clear removes everything", async () => {
  const store = memoryStore();
  await store.set("a", "1");
  await store.set("b", "2");
  expect(await store.delete("a")).toBe(true);
  expect(await store.delete("a")).toBe(false);
  expect(await collect(store.entries!())).toEqual([["b", "2"]]);
  await store.clear();
  expect(await collect(store.entries!())).toEqual([]);
});

test("nothing is served from the moment of expiry on", async () => {
  vi.useFakeTimers({ now: 1_000 });
  const store = memoryStore();
  await store.set("k", "v", { expiresAt: 2_000 });
  await store.set("past", "v", { expiresAt: 1_000 });
  vi.setSystemTime(1_999);
  expect(await store.get("k")).toBe("v");
  expect(await store.get("past")).toBeUndefined();
  vi.setSystemTime(2_000);
  expect(await store.get("k")).toBeUndefined();
  await store.set("k", "new", { ifAbsent: true });
  expect(await store.get("k")).toBe("new");
});

test("beyond maxBytes the least recently used entry is dropped first", async () => {
  const store = memoryStore({ maxBytes: 12 });
  for (const key of ["a", "b", "c"]) await store.set(key, "xyz");
  await store.get("a");
  await store.set("d", "é·"); // four bytes, as UTF-8 counts them
  expect(await store.getMany?.(["a", "b", "c", "d"])).toEqual(["xyz", undefined, undefined, "é·"]);
});

test("replacing or deleting a value frees its bytes, and a value larger than maxBytes is not stored", async () => {
  const store = memoryStore({ maxBytes: 12 });
  for (let round = 0; round < 100; round++) await store.set("a", "12345");
  await store.set("b", "12345");
  expect(await store.getMany?.(["a", "b"])).toEqual(["12345", "12345"]);
  await store.delete("b");
  await store.set("c", "12345");
  expect(await store.get("a")).toBe("12345");
  await store.set("a", "123456789012");
  expect(await store.getMany?.(["a", "c"])).toEqual([undefined, "12345"]);
});

test("after close every call rejects, and closing twice is fine", async () => {
  const store = memoryStore();
  await store.close();
  await store.close();
  for (const call of [
    store.get("k"),
    store.set("k", "v"),
    store.delete("k"),
    store.clear(),
    collect(store.entries!()),
  ]) {
    await expect(call).rejects.toThrow(StoreError);
    await expect(call).rejects.toMatchObject({ code: "STORE_CLOSED" });
  }
});

test("a misspelt or wrong option is refused by name", () => {
  expect(() => memoryStore({ maxbytes: 1 } as object)).toThrow(/no option `maxbytes`. It takes maxBytes/);
  for (const maxBytes of [0, -1, 1.5, "1" as never]) expect(() => memoryStore({ maxBytes })).toThrow(RememError);
});
