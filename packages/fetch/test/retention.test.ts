import { createCall, type JsonObject, memoryStore } from "@remem/core";
import { expect, onTestFinished, test, vi } from "vitest";
import { type CachedFetchOptions, cachedFetch } from "../src/index.ts";
import { responsesSurface } from "../src/surfaces/responses.ts";
import { streamsOf } from "./golden/rows.ts";

const URL_OF_OPENAI = "https://api.openai.com/v1/responses";
const QUESTION = { model: "gpt-5-mini", input: "Why?" };
const UNSTORED = { ...QUESTION, store: false };
const DAY_MS = 86_400_000;

function setUp(options: Partial<CachedFetchOptions> = {}) {
  let calls = 0;
  const { raw, answer } = streamsOf("responses").find(({ id }) => id === "responses/text")!;
  const store = memoryStore();
  const fetch = cachedFetch({
    store,
    async fetch(_, init) {
      calls += 1;
      const { stream } = JSON.parse(String(init?.body)) as JsonObject;
      return stream ? new Response(raw, { headers: { "content-type": "text/event-stream" } }) : Response.json(answer);
    },
    ...options,
  });
  onTestFinished(() => fetch.close());
  /** Whether the server was asked. */
  async function isAsked(body: object, headers: Record<string, string> = {}, url = URL_OF_OPENAI): Promise<boolean> {
    const before = calls;
    const init = {
      method: "POST",
      headers: { authorization: "Bearer sk-one", ...headers },
      body: JSON.stringify(body),
    };
    await (await fetch(url, init)).text();
    return calls > before;
  }
  return { isAsked, store };
}

test("an answer that the server keeps is given to its own account alone", async () => {
  const { isAsked, store } = setUp();
  const others = [
    { authorization: "Bearer sk-two" },
    { "openai-project": "proj_2" },
    { "openai-organization": "org-2" },
    { "x-api-key": "k" },
  ];
  for (const expected of [true, false]) {
    expect(await isAsked(QUESTION)).toBe(expected);
    for (const headers of others) expect(await isAsked({ ...QUESTION, store: true }, headers)).toBe(expected);
    expect(await isAsked(QUESTION, {}, "https://proxy.example/v1/responses")).toBe(expected);
    expect(await isAsked({ ...QUESTION, store: null, stream: true })).toBe(false);
  }
  for await (const texts of store.entries!()) expect(texts.join()).not.toMatch(/sk-(?:one|two)/);
});

test("an answer that the server does not keep is everybody's, under the key that it always had", async () => {
  const { isAsked, store } = setUp();
  expect(await isAsked(UNSTORED)).toBe(true);
  expect(await isAsked({ ...UNSTORED, stream: true }, { authorization: "Bearer sk-two" })).toBe(false);
  const ask = () => Promise.reject(new Error("not asked"));
  const { key } = createCall(responsesSurface.surface, QUESTION, { provider: "p", ask });
  expect(await store.get(key)).toBeDefined();
});

test("a caller who will refer to an answer gets none that the server has never kept, and the other way round", async () => {
  const { isAsked } = setUp();
  for (const expected of [true, false]) {
    expect(await isAsked(UNSTORED)).toBe(expected);
    expect(await isAsked(QUESTION)).toBe(expected);
  }
});

test.each([
  [undefined, 29],
  [400 * DAY_MS, 29],
  [3 * DAY_MS, 3],
])("with ttlMs %s an answer is served for %i days", async (ttlMs, days) => {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const { isAsked } = setUp({ ttlMs });
  await isAsked(QUESTION);
  vi.advanceTimersByTime(days * DAY_MS - 1);
  expect(await isAsked(QUESTION)).toBe(false);
  vi.advanceTimersByTime(1);
  expect(await isAsked(QUESTION)).toBe(true);
});

test("with store: false the option ttlMs alone decides", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const { isAsked } = setUp();
  await isAsked(UNSTORED);
  vi.advanceTimersByTime(400 * DAY_MS);
  expect(await isAsked(UNSTORED)).toBe(false);
});

test.each(["production", false] as const)("the scope %s does not share what is kept for an account", async (scope) => {
  const { isAsked } = setUp({ scope });
  const elsewhere = "https://proxy.example/v1/responses";
  expect(await isAsked(UNSTORED)).toBe(true);
  expect(await isAsked(UNSTORED, {}, elsewhere)).toBe(false);
  expect(await isAsked(QUESTION)).toBe(true);
  expect(await isAsked(QUESTION, { authorization: "Bearer sk-two" })).toBe(true);
  expect(await isAsked(QUESTION, {}, elsewhere)).toBe(scope === false);
});

test("in Azure the resource keeps answers, whichever key or token asks", async () => {
  const { isAsked } = setUp();
  const at = (resource: string) => `https://${resource}.openai.azure.com/openai/v1/responses`;
  expect(await isAsked(QUESTION, {}, at("r"))).toBe(true);
  expect(await isAsked(QUESTION, { authorization: "Bearer eyJ" }, at("r"))).toBe(false);
  expect(await isAsked(QUESTION, { "api-key": "k" }, at("r"))).toBe(false);
  expect(await isAsked(UNSTORED, {}, at("r"))).toBe(true);
  expect(await isAsked(QUESTION, {}, at("other"))).toBe(true);
});
