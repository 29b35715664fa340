import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type ChatRequest, cacheKey, InvalidRequestError, RememError } from "../../src/index.ts";
import { type GoldenRow, rowsOf } from "../rows.ts";

const request = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Hi" }] } as const satisfies ChatRequest;

describe("a request of messages, model, seed, temperature and response_format has the key that Python computes", () => {
  const rows = rowsOf<GoldenRow>("golden/python-keys.jsonl");

  test("with `floats` naming Python's integral floats", () => {
    for (const { request, floats, key, refused } of rows) {
      if (refused !== undefined) continue;
      expect(cacheKey(request, { floats: (pointer) => floats.includes(pointer) })).toBe(key);
    }
  });

  test("without `floats` if only the temperature is a float", () => {
    const plain = rows.filter(({ floats, refused }) => floats.join() === "/temperature" && refused === undefined);
    expect(plain.length).toBeGreaterThan(30);
    for (const { request, key } of plain) expect(cacheKey(request)).toBe(key);
  });

  test("and is refused if JavaScript cannot represent a number", () => {
    const beyond = rows.filter(({ refused }) => refused !== undefined);
    expect(beyond.length).toBe(6);
    for (const { request, refused } of beyond) {
      const printed = refused!["/seed"]!;
      const seed = /^-?\d+$/.test(printed) ? BigInt(printed) : Number(printed.replace("inf", "Infinity"));
      expect(() => cacheKey({ ...request, seed: seed as number })).toThrow(InvalidRequestError);
    }
  });

  const shared = new URL("../../../../../shared/fixtures/python-keys.jsonl", import.meta.url);
  test.skipIf(!existsSync(shared))("in the larger file too, where it is at hand", () => {
    for (const { request, floats = [], key, bigints } of rowsOf<GoldenRow & { bigints?: object }>(shared)) {
      if (bigints === undefined) expect(cacheKey(request, { floats: (pointer) => floats.includes(pointer) })).toBe(key);
    }
  });
});

test("what cannot change an answer is not in the key", () => {
  const outside = {
    user: "u",
    safety_identifier: "s",
    prompt_cache_key: "k",
    prompt_cache_retention: "24h",
    prompt_cache_options: {},
    metadata: { a: "b" },
    store: true,
    stream: false,
    stream_options: { include_usage: true },
    service_tier: "flex",
    request_id: "r",
    rid: "r",
    priority: 1,
    cache_salt: "x",
  };
  expect(cacheKey({ ...request, ...outside })).toBe(cacheKey(request));
});

test("the five named members are null when absent, others are in the key only when sent, and n: 1 is no n", () => {
  const key = cacheKey(request);
  expect(cacheKey({ ...request, seed: null, temperature: null, response_format: null })).toBe(key);
  expect(cacheKey({ ...request, top_p: undefined, n: 1 })).toBe(key);
  expect(cacheKey({ ...request, n: 2 })).not.toBe(key);
  expect(cacheKey({ ...request, top_p: null })).not.toBe(key);
  expect(cacheKey({ ...request, no_one_knows_this_field: 0 })).not.toBe(key);
});

test("scope and sample tell keys apart, and are left out when they say nothing", () => {
  const key = cacheKey(request);
  expect(cacheKey(request, { scope: undefined, sample: 0 })).toBe(key);
  const others = [
    { scope: "http://localhost:1/v1" },
    { scope: "" },
    { sample: 1 },
    { sample: 2 },
    { scope: "1", sample: 1 },
  ];
  expect(new Set([key, ...others.map((options) => cacheKey(request, options))]).size).toBe(6);
});

test("a request cannot imitate scope or sample", () => {
  expect(() => cacheKey({ ...request, remem: { sample: 1 } })).toThrow(expect.objectContaining({ path: "/remem" }));
});

test("a sample that is no whole number from 0 is refused by name", () => {
  for (const sample of [-1, 0.5, Number.NaN]) {
    expect(() => cacheKey(request, { sample })).toThrow(RememError);
    expect(() => cacheKey(request, { sample })).toThrow(/`sample` must be/);
  }
});

test("no two of these odd requests share a key", () => {
  const odd: object[] = [
    { content: "é" },
    { content: "e\u0301" },
    { content: "\ud83d" },
    { content: "\ufffd" },
    { content: "\\ud83d" },
    { content: "" },
    { content: null },
    {},
    { content: "null" },
    { content: [] },
    { content: {} },
    { content: [""] },
    { content: 0 },
    { content: "0" },
    { content: false },
    { content: 1 },
    { content: 1.5 },
    { content: true },
    { content: "a\u0000" },
    { content: "a" },
    { content: 'a", "role": "user' },
    { content: { a: { b: 1 } } },
    { content: { "a.b": 1 } },
    { content: { a: [{ b: 1 }] } },
    { content: [[1, 2]] },
    { content: [1, 2] },
    { content: [[1], 2] },
    { content: ["1", "2"] },
    { content: ["1, 2"] },
    { content: 9_007_199_254_740_991 },
    { content: 9_007_199_254_740_992 },
    { content: 1e21 },
    { content: "1e+21" },
    JSON.parse('{ "__proto__": 1 }'),
    JSON.parse('{ "__proto__": { "content": 1 } }'),
    { constructor: 1 },
    { "": 1 },
    { "\uffff": 1 },
    { "\u{10000}": 1 },
  ];
  const keys = odd.map((member) => cacheKey({ model: "m", messages: [{ role: "user", ...member }] }));
  expect(new Set(keys).size).toBe(odd.length);
});

test("the order of members never matters, that of messages does", () => {
  const [first, second] = [
    { role: "user", content: "a", name: "n" },
    { role: "assistant", content: "b" },
  ] as const;
  const key = cacheKey({ model: "m", top_k: 3, messages: [first, second] });
  expect(cacheKey({ messages: [{ name: "n", content: "a", role: "user" }, second], top_k: 3, model: "m" })).toBe(key);
  expect(cacheKey({ model: "m", top_k: 3, messages: [second, first] })).not.toBe(key);
});
