import { memoryStore } from "@remem/core";
import { describe, expect, test } from "vitest";
import { cacheStats } from "../src/index.ts";
import { put, STORES } from "./stores.ts";

describe.each(STORES)("over $title", ({ open }) => {
  test("entries, bytes, tokens and money are counted, by model, surface and day", async () => {
    const store = open();
    const days = [new Date(2026, 0, 31, 12), new Date(2026, 1, 1, 12)].map((date) => date.getTime());
    await put(store, { model: "a", question: "1", createdAt: days[1]! });
    await put(store, { model: "b", question: "1", createdAt: days[0]! });
    await put(store, { model: "b", question: "2", createdAt: days[0]! });
    await store.set("damaged", "?");
    const stats = await cacheStats(store, { priceOf: ({ model }) => (model === "a" ? 0.5 : undefined) });
    expect(stats).toMatchObject({
      entries: 4,
      unreadable: 1,
      oldest: days[0],
      newest: days[1],
      tokens: { prompt: 30, completion: 6 },
      dollars: 0.5,
      unpriced: 2,
      byModel: { a: { entries: 1, dollars: 0.5 }, b: { entries: 2, dollars: undefined, unpriced: 2 } },
      bySurface: { chat: { entries: 3 } },
      byDay: { "2026-01-31": { entries: 2 }, "2026-02-01": { entries: 1 } },
    });
    expect(Object.keys(stats.byModel)).toEqual(["b", "a"]);
    expect(stats.bytes).toBeGreaterThan(300);
  });
});

test("an empty cache has no days, no prices and no oldest entry", async () => {
  expect(await cacheStats(memoryStore())).toEqual({
    entries: 0,
    bytes: 0,
    tokens: { prompt: 0, completion: 0 },
    dollars: undefined,
    unpriced: 0,
    unreadable: 0,
    oldest: undefined,
    newest: undefined,
    byModel: {},
    bySurface: {},
    byDay: {},
  });
});
