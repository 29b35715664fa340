import { type CacheStore, chatSurface, encodeEntry, type KeyFacts, putEntry, recomputedKey } from "@remem/core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { cacheStats, explain, listEntries, neighbours, partOfStore, showEntry } from "../src/index.ts";
import { STORES } from "./stores.ts";

const ANSWER = { object: "chat.completion", choices: [{ message: { role: "assistant", content: "Yes." } }] };

async function put(store: CacheStore, facts: KeyFacts, content = "Is it?", model = "m"): Promise<string> {
  const request = { model, messages: [{ role: "user", content }] };
  const key = recomputedKey(chatSurface, request, facts);
  await putEntry(store, key, encodeEntry({ key, createdAt: Date.now(), answer: ANSWER, request, facts }));
  return key;
}

/** A store of two scopes, and the part of one. */
async function divided(store: CacheStore) {
  const own = await put(store, { scope: "own" });
  const later = await put(store, { scope: "own" }, "And then?");
  const others = await put(store, { scope: "other" });
  const model = await put(store, { scope: "own" }, "Is it?", "secret-model");
  const none = await put(store, {});
  const bare = "f".repeat(64);
  await putEntry(store, bare, encodeEntry({ key: bare, createdAt: Date.now(), answer: ANSWER }));
  await store.set("remem.deferred/note", "{}");
  await store.set("damaged", "what is this");
  const part = partOfStore(store, ({ scope, model }) => scope === "own" && model === "m");
  return { part, own, later, hidden: [others, model, none, bare, "remem.deferred/note", "damaged"] };
}

async function keysIn(store: CacheStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of listEntries(store)) keys.push(key);
  return keys.sort();
}

describe.each(STORES)("a part of $title", ({ open }) => {
  test("has what is seen, and nothing of what is not, by no function that looks into stores", async () => {
    const store = open();
    const { part, own, later, hidden } = await divided(store);
    expect(await keysIn(part)).toEqual([own, later].sort());
    expect(await showEntry(part, own)).toMatchObject({ kind: "entry", scope: "own", prompt: "Is it?" });
    expect((await cacheStats(part)).entries).toBe(2);
    expect(await neighbours(part, own)).toEqual({ earlier: [], later: [], samples: [], models: [], others: [] });
    for (const key of [...hidden, "none"]) {
      expect(await showEntry(part, key)).toBeUndefined();
      expect(await part.getSidecar?.(key)).toBeUndefined();
      expect(await part.delete(key)).toBe(false);
    }
    expect(await part.getMany?.([own, ...hidden])).toEqual([await store.get(own), ...hidden.map(() => undefined)]);
    const request = { model: "m", messages: [{ role: "user", content: "Is it?" }] };
    const asked = { key: recomputedKey(chatSurface, request, { scope: "other" }), request, facts: { scope: "other" } };
    const { isStored, nearest, compared, skipped } = await explain(part, asked);
    expect({ isStored, compared, skipped }).toEqual({ isStored: false, compared: 2, skipped: 0 });
    expect(nearest.map(({ key }) => key).sort()).toEqual([own, later].sort());
    for (const key of hidden) expect(await store.get(key)).toBeDefined();
  });

  test("can be deleted from, and neither written nor cleared", async () => {
    const store = open();
    const { part, own, later } = await divided(store);
    await expect(part.set(own, "x")).rejects.toMatchObject({ code: "STORE_READ_ONLY" });
    await expect(part.clear()).rejects.toMatchObject({ code: "STORE_READ_ONLY" });
    expect(await part.delete(own)).toBe(true);
    expect(await store.get(own)).toBeUndefined();
    await part.close();
    expect(await keysIn(part)).toEqual([later]);
  });
});

describe("a key that must not be seen", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test("is answered as one that is not there, and no sooner", async () => {
    const { part, hidden, own } = await divided(STORES[0]!.open());
    vi.useFakeTimers({ toFake: ["setTimeout", "performance"] });
    expect(await part.get(own)).toBeDefined();
    for (const read of [part.get, part.delete]) {
      for (const key of [...hidden, "none"]) {
        let isAnswered = false;
        const answered = read(key).then(() => {
          isAnswered = true;
        });
        await vi.advanceTimersByTimeAsync(149);
        expect(isAnswered).toBe(false);
        await vi.advanceTimersByTimeAsync(1);
        await answered;
      }
    }
  });
});
