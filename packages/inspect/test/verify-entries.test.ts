import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { createClient, encodeEntry, memoryStore, putEntry } from "@remem/core";
import { sqliteStore } from "@remem/sqlite";
import { collect } from "@remem/test-support/collect";
import { canMount, readOnlyView } from "@remem/test-support/mounts";
import { temporaryDirectory, temporaryFile } from "@remem/test-support/temporary";
import { fakeProvider } from "@remem/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { cacheStats, type EntryProblem, listEntries, verifyEntries } from "../src/index.ts";
import { damage, put, STORES } from "./stores.ts";

const CHECKED = { python: 0, withoutRequest: 0, lostRequest: 0, otherSurface: 0, newerVersion: 0 };
const golden = new URL("../../sqlite/test/golden/gpt-4o-mini_cache.sqlite", import.meta.url);

describe.each(STORES)("over $title", ({ open }) => {
  test("repair removes what is never a hit, and nothing else", async () => {
    const store = open();
    const sound = await put(store);
    const bare = await put(store, { question: "bare", keepsRequest: false });
    const [changed, empty] = [await put(store, { question: "a" }), await put(store, { question: "b" })];
    await damage(store, changed, (value) => value.replace("Hello", "Jello"));
    await store.set(empty, "");
    await store.set("newer", "remem/2 whatever");
    const other = {
      key: "other",
      createdAt: 1,
      answer: { data: [] },
      request: { input: "i" },
      facts: { surface: "s" },
    };
    await putEntry(store, "other", encodeEntry(other));
    const forged = { key: "forged", createdAt: 1, answer: answerOf("?"), request: { model: "m", messages: [] } };
    await putEntry(store, "forged", encodeEntry(forged));

    const problems: EntryProblem[] = [];
    const report = await verifyEntries(store, { onProblem: (problem) => problems.push(problem) });
    expect(report).toEqual({
      entries: 7,
      sound: 1,
      unchecked: { ...CHECKED, withoutRequest: 1, otherSurface: 1, newerVersion: 1 },
      damaged: 2,
      misplaced: 1,
      removed: 0,
    });
    expect(Object.fromEntries(problems.map(({ key, kind, problem }) => [key, `${kind}: ${problem}`]))).toEqual({
      [changed]: "damaged: it was changed since it was written",
      [empty]: "damaged: it is no entry of remem",
      forged: expect.stringMatching(/^misplaced: its request has the key [\da-f]{64}$/),
    });

    expect(await verifyEntries(store, { repair: true })).toEqual({ ...report, removed: 2 });
    const left = (await collect(listEntries(store))).map(({ key }) => key);
    expect(left.toSorted()).toEqual([sound, bare, "newer", "other", "forged"].toSorted());
  });
});

function answerOf(content: string) {
  const message = { role: "assistant", content };
  return { id: "", model: "m", created: 1, choices: [{ index: 0, finish_reason: "stop", message }] };
}

test.each([
  [{}],
  [{ floats: () => false }],
  [{ floats: (pointer: string) => pointer === "/top_p" }],
  [{ storeRequest: false }],
])("the entries of a client with the options %j are sound", async (options) => {
  const store = memoryStore();
  const client = createClient({ provider: fakeProvider(() => "Hello"), store, params: { model: "m" }, ...options });
  await client.infer("Hi", { temperature: 0, top_p: 1, seed: 1 });
  await client.infer("Hi", {}, { sample: 3 });
  const { sound, unchecked } = await verifyEntries(store);
  expect([sound, unchecked.withoutRequest]).toEqual("storeRequest" in options ? [0, 2] : [2, 0]);
});

test("an answer that is none of its surface is damaged: it is never a hit", async () => {
  const store = memoryStore();
  const entry = { key: "k", createdAt: 1, answer: { choices: [] }, request: { model: "m", messages: [] } };
  await putEntry(store, "k", encodeEntry(entry));
  expect(await verifyEntries(store, { repair: true })).toMatchObject({ damaged: 1, removed: 1 });
});

test("the rows of the Python class are listed, counted and never repaired", async () => {
  const path = temporaryFile();
  copyFileSync(golden, path);
  const store = sqliteStore({ path });
  onTestFinished(() => store.close());
  const own = await put(store);
  const listed = await collect(listEntries(store));
  expect(listed[0]?.key).toBe(own);
  expect(listed[1]).toMatchObject({ writer: "python", createdAt: undefined, model: undefined, surface: "chat" });
  expect(listed).toHaveLength(31);
  expect(await collect(listEntries(store, { until: Date.now() + 1_000 }))).toHaveLength(1);
  const report = await verifyEntries(store, { repair: true });
  expect(report).toMatchObject({ entries: 31, sound: 1, unchecked: { python: 30 }, damaged: 0, removed: 0 });
  expect((await cacheStats(store)).byDay[""]?.entries).toBe(30);
});

test.skipIf(!canMount)("a read-only file is listed and verified, and a repair says why it fails", async () => {
  const directory = temporaryDirectory();
  const writer = sqliteStore({ path: join(directory, "cache.sqlite") });
  await damage(writer, await put(writer), (value) => value.replace("Hello", "Jello"));
  await writer.close();
  const store = sqliteStore({ path: join(readOnlyView(directory).directory, "cache.sqlite") });
  onTestFinished(() => store.close());
  expect(await collect(listEntries(store))).toHaveLength(1);
  expect(await verifyEntries(store)).toMatchObject({ damaged: 1 });
  await expect(verifyEntries(store, { repair: true })).rejects.toThrow(/read-only/);
});
