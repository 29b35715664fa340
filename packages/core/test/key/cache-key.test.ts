import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type ChatRequest, cacheKey, InvalidRequestError, parseJson, RememError } from "../../src/index.ts";
import { type GoldenRow, rowsOf } from "../golden/rows.ts";

const request = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Hi" }] } as const satisfies ChatRequest;

describe("a request of messages, model, seed, temperature and response_format has the key that Python computes", () => {
  const rows = rowsOf<GoldenRow>("python-keys.jsonl");

  test("with `floats` naming Python's integral floats", () => {
    for (const { request, floats, key, refused } of rows) {
      if (refused !== undefined) continue;
      expect(cacheKey(request, { floats: (pointer) => floats.includes(pointer) })).toBe(key);
    }
  });

  test("without `floats` if only the temperature is a float", () => {
    const plain = rows.filter(
      ({ request, floats, refused }) =>
        floats.join() === "/temperature" && refused === undefined && !Object.is(request.temperature, -0),
    );
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
    { content: parseJson("9007199254740992") },
    { content: parseJson("9007199254740993") },
    { content: parseJson("-9007199254740993") },
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

describe("no number is rounded on its way into the key", () => {
  test("a whole number beyond 2^53 is refused with its path", () => {
    const schema = { type: "json_schema", json_schema: { schema: { maximum: 2 ** 63 } } };
    for (const [path, params] of [
      ["/seed", { seed: 2 ** 53 }],
      ["/seed", { seed: -(2 ** 60) }],
      ["/response_format/json_schema/schema/maximum", { response_format: schema }],
    ] as const) {
      const refusal = expect.objectContaining({ path, message: expect.stringContaining("parseJson") });
      expect(() => cacheKey({ ...request, ...params })).toThrow(refusal);
    }
  });

  test("its digits, read by parseJson, have the key that Python computes, and small ones are numbers", () => {
    const { request, key, refused } = rowsOf<GoldenRow>("python-keys.jsonl").find(
      ({ refused }) => refused?.["/seed"] === "9007199254740993",
    )!;
    const seed = parseJson(refused!["/seed"]!) as never;
    expect(cacheKey({ ...request, seed })).toBe(key);
    expect(cacheKey({ ...request, seed: parseJson("7") as never })).toBe(cacheKey({ ...request, seed: 7 }));
    const { rawJSON } = JSON as unknown as { rawJSON(text: string): never };
    expect(() => cacheKey({ ...request, seed: rawJSON('"7"') })).toThrow(InvalidRequestError);
  });

  test("-0 is sent as 0, so it has the key of 0, unless `floats` says that it was Python's", () => {
    expect(cacheKey({ ...request, temperature: -0 })).toBe(cacheKey({ ...request, temperature: 0 }));
    const floats = () => true;
    expect(cacheKey({ ...request, temperature: -0 }, { floats })).not.toBe(
      cacheKey({ ...request, temperature: 0 }, { floats }),
    );
  });

  test("a number without a whole value, or that is written with an exponent, is a float in every language", () => {
    for (const temperature of [1e21, 1.5e300, 0.1]) expect(cacheKey({ ...request, temperature })).toMatch(/^\w{64}$/);
  });
});

test("the members of `extra_body` are those of the request", () => {
  const nested = cacheKey({ ...request, top_k: 1, extra_body: { top_k: 2, chat_template_kwargs: { a: 1 } } });
  expect(nested).toBe(cacheKey({ ...request, top_k: 2, chat_template_kwargs: { a: 1 } }));
  expect(cacheKey({ ...request, extra_body: null })).toBe(cacheKey(request));
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
