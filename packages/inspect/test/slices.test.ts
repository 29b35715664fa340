import { type CacheStore, memoryStore } from "@remem/core";
import { collect } from "@remem/test-support/collect";
import { afterEach, expect, test, vi } from "vitest";
import { listEntries, partOfStore } from "../src/index.ts";
import { put } from "./stores.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** A store that is read at once, and makes it known when a list of it has ended. */
async function storeOfMany(): Promise<CacheStore> {
  const store = memoryStore();
  for (let number = 0; number < 200; number++) await put(store, { question: `Question ${number}` });
  return store;
}

test.each([
  ["a store", (store: CacheStore) => store],
  ["a part of a store of which nothing is seen", (store: CacheStore) => partOfStore(store, () => false)],
])("a list of %s lets others of its process have a turn, again and again", async (_, made) => {
  const store = made(await storeOfMany());
  let time = 0;
  vi.spyOn(performance, "now").mockImplementation(() => {
    time += 1;
    return time;
  });
  let turns = 0;
  let isOver = false;
  (function turn(): void {
    turns += 1;
    if (!isOver) setImmediate(turn);
  })();
  await collect(listEntries(store));
  isOver = true;
  expect(turns).toBeGreaterThan(10);
});
