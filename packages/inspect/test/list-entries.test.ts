import { type CacheStore, memoryStore } from "@remem/core";
import { collect } from "@remem/test-support/collect";
import { describe, expect, test } from "vitest";
import { type EntryFilter, type EntrySummary, listEntries } from "../src/index.ts";
import { damage, put, STORES } from "./stores.ts";

const HOUR = 3_600_000;
const questionsOf = async (store: CacheStore, filter: EntryFilter = {}, limit?: number) =>
  (await collect(listEntries(store, filter, { limit }))).map((entry) =>
    entry.kind === "entry" ? entry.prompt : entry.problem,
  );

describe.each(STORES)("over $title", ({ open }) => {
  test("an empty store lists nothing", async () => {
    expect(await questionsOf(open())).toEqual([]);
  });

  test("an entry is listed with what people look for", async () => {
    const store = open();
    const createdAt = Date.now() - HOUR;
    const facts = { scope: "https://other.example/v1", sample: 2 };
    const key = await put(store, { question: "Name a river.", answer: "Rhine", createdAt, facts });
    const [entry, ...others] = await collect(listEntries(store));
    expect(others).toEqual([]);
    expect(entry).toEqual({
      kind: "entry",
      key,
      bytes: expect.any(Number),
      writer: "remem",
      createdAt,
      expiresAt: undefined,
      surface: "chat",
      model: "gpt-4o-mini",
      ...facts,
      prompt: "Name a river.",
      response: "Rhine",
      finishReason: "stop",
      tokens: { prompt: 10, completion: 2 },
    });
    expect(entry!.bytes).toBeGreaterThan(100);
  });

  test("the newest come first, of more than a page", async () => {
    const store = open();
    for (let age = 200; age > 0; age--) await put(store, { question: `${age}`, createdAt: Date.now() - age * HOUR });
    const expected = Array.from({ length: 200 }, (_, index) => `${index + 1}`);
    expect(await questionsOf(store)).toEqual(expected);
    expect(await questionsOf(store, {}, 3)).toEqual(["1", "2", "3"]);
  });

  test("a filter keeps what fits all that it names", async () => {
    const store = open();
    const now = Date.now();
    const key = await put(store, { question: "old", model: "a", createdAt: now - 3 * HOUR });
    await put(store, { question: "cut", model: "b", createdAt: now - 2 * HOUR, finishReason: "length" });
    await put(store, { question: "new", model: "a", createdAt: now - HOUR, answer: "An EAGLE" });
    await put(store, { question: "bare", model: "c", createdAt: now, keepsRequest: false, answer: "bare" });
    expect(await questionsOf(store, { model: "a" })).toEqual(["new", "old"]);
    expect(await questionsOf(store, { model: "c-2026" })).toEqual([undefined]);
    expect(await questionsOf(store, { since: now - 2 * HOUR, until: now })).toEqual(["new", "cut"]);
    expect(await questionsOf(store, { finishReason: "length" })).toEqual(["cut"]);
    expect(await questionsOf(store, { grep: "eagle" })).toEqual(["new"]);
    expect(await questionsOf(store, { grep: "OLD" })).toEqual(["old"]);
    expect(await questionsOf(store, { grep: "bare" })).toEqual([undefined]);
    expect(await questionsOf(store, { key: key.slice(0, 12) })).toEqual(["old"]);
    expect(await questionsOf(store, { surface: "chat", model: "a", grep: "old" })).toEqual(["old"]);
    expect(await questionsOf(store, { surface: "embeddings" })).toEqual([]);
  });

  test("damaged entries are listed by their keys, and end nothing", async () => {
    const store = open();
    const [changed, misplaced] = [await put(store, { question: "a" }), await put(store, { question: "b" })];
    await put(store, { question: "sound" });
    await damage(store, changed, (value) => value.replace("Hello", "Jello"));
    await damage(store, misplaced, (value) => value.replace(/^/, "x"));
    await store.set("other key", (await store.get(await put(store, { question: "sound" })))!);
    await store.set("newer", "remem/2 whatever");
    const listed = await collect(listEntries(store));
    const problems = new Map(listed.map((entry) => [entry.key, entry.kind === "entry" ? entry.prompt : entry.problem]));
    expect(problems.get(changed)).toBe("it was changed since it was written");
    expect(problems.get(misplaced)).toBe("it is no entry of remem");
    expect(problems.get("other key")).toMatch(/^it is the entry of another key, [\da-f]{64}$/);
    expect(problems.get("newer")).toBe("a later version of remem has written it");
    expect(listed.filter(({ kind }) => kind === "newer")).toHaveLength(1);
    expect([...problems.values()]).toContain("sound");
    expect(await questionsOf(store, { key: "newer" })).toEqual(["a later version of remem has written it"]);
    expect(await questionsOf(store, { model: "gpt-4o-mini" })).toEqual(["sound"]);
  });
});

test("entries of another surface are shown as JSON, with what the surface tells where it is given", async () => {
  const store = memoryStore();
  const { encodeEntry, putEntry } = await import("@remem/core");
  const request = { model: "e", input: "text" };
  const entry = { key: "k", createdAt: 5, answer: { data: [1], used: 3 }, request, facts: { surface: "embeddings" } };
  await putEntry(store, "k", encodeEntry(entry));
  const [plain] = (await collect(listEntries(store))) as EntrySummary[];
  expect(plain).toMatchObject({
    surface: "embeddings",
    model: "e",
    prompt: JSON.stringify(request),
    tokens: undefined,
  });
  expect(plain?.response).toBe('{"data":[1],"used":3}');
  const embeddings = {
    specVersion: 1 as const,
    name: "embeddings",
    unkeyed: new Set<string>(),
    check() {},
    isAnswer: (value: unknown): value is { used: number } => typeof value === "object",
    admit: () => true,
    tokens: ({ used }: { used: number }) => ({ prompt: used, completion: 0 }),
  };
  const [known] = (await collect(listEntries(store, {}, { surfaces: [embeddings] }))) as EntrySummary[];
  expect(known?.tokens).toEqual({ prompt: 3, completion: 0 });
});

test("a store without entries is an error that says so", async () => {
  const { entries: _, heads: __, ...store } = memoryStore();
  await expect(async () => collect(listEntries(store))).rejects.toMatchObject({
    code: "STORE_ERROR",
    message: expect.stringContaining('The store "memory" cannot list its entries'),
  });
});

test.each([
  [{ modell: "a" }, /modell/],
  [{ since: "yesterday" }, /`since` must be a time/],
  [{ grep: 5 }, /`grep` must be a text/],
])("the filter %j is refused", (filter, message) => {
  expect(() => listEntries(memoryStore(), filter as EntryFilter)).toThrow(message);
});
