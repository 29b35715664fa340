import { memoryStore } from "@remem/core";
import { collect } from "@remem/test-support/collect";
import { describe, expect, test } from "vitest";
import { listEntries, pruneEntries, removeEntries } from "../src/index.ts";
import { damage, put, STORES } from "./stores.ts";

const HOUR = 3_600_000;

describe.each(STORES)("over $title", ({ open }) => {
  test("removeEntries removes what fits, and only counts it in a dry run", async () => {
    const store = open();
    const kept = await put(store, { model: "kept" });
    for (let index = 0; index < 150; index++) await put(store, { model: "gone", question: `${index}` });
    const dry = await removeEntries(store, { model: "gone" }, { dryRun: true });
    expect(dry.entries).toBe(150);
    expect(await collect(listEntries(store))).toHaveLength(151);
    expect(await removeEntries(store, { model: "gone" })).toEqual(dry);
    expect((await collect(listEntries(store))).map(({ key }) => key)).toEqual([kept]);
  });

  test("removeEntries removes a damaged entry by its key", async () => {
    const store = open();
    const key = await put(store);
    await damage(store, key, () => "?");
    expect(await removeEntries(store, { until: Date.now() + HOUR })).toMatchObject({ entries: 0 });
    expect(await removeEntries(store, { key: key.slice(0, 8) })).toMatchObject({ entries: 1 });
  });

  test("pruneEntries removes what is too old, then the least recently written", async () => {
    const store = open();
    const now = Date.now();
    const ages = [5, 1, 4, 2, 3];
    for (const age of ages) await put(store, { question: `${age}`, createdAt: now - age * HOUR });
    async function left(): Promise<Array<string | undefined>> {
      const entries = await collect(listEntries(store));
      return entries.map((entry) => (entry.kind === "entry" ? entry.prompt : "damaged"));
    }
    const leftAfterAge = await pruneEntries(store, { maxAgeMs: 4.5 * HOUR, dryRun: true });
    expect(leftAfterAge).toMatchObject({ removed: { entries: 1 }, kept: { entries: 4 } });
    expect(await left()).toHaveLength(5);
    expect(await pruneEntries(store, { maxAgeMs: 4.5 * HOUR })).toEqual(leftAfterAge);
    const { bytes } = leftAfterAge.kept;
    expect(await pruneEntries(store, { maxBytes: bytes })).toMatchObject({ removed: { entries: 0 } });
    expect(await pruneEntries(store, { maxBytes: bytes * 0.6 })).toMatchObject({ removed: { entries: 2 } });
    expect((await left()).toSorted()).toEqual(["1", "2"]);
    expect(await pruneEntries(store, { maxBytes: 0 })).toMatchObject({ kept: { entries: 0, bytes: 0 } });
  });
});

test("pruneEntries keeps what has no known age, unless there is no room", async () => {
  const store = memoryStore();
  await put(store, { createdAt: 0 });
  await put(store, { question: "old", createdAt: 1 });
  expect(await pruneEntries(store, { maxAgeMs: 1 })).toMatchObject({ removed: { entries: 1 }, kept: { entries: 1 } });
  expect(await pruneEntries(store, { maxBytes: 1 })).toMatchObject({ removed: { entries: 1 } });
});

test("removeEntries without a filter, and pruneEntries without a limit, are refused", async () => {
  await expect(removeEntries(memoryStore(), {})).rejects.toThrow(/Call `store.clear\(\)`/);
  await expect(pruneEntries(memoryStore(), {})).rejects.toThrow(/give `maxAgeMs`, `maxBytes`, or both/);
  await expect(pruneEntries(memoryStore(), { maxBytes: -1 })).rejects.toThrow(/`maxBytes` must be a number from 0/);
});
