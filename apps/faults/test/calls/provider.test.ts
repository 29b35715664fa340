import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { type Client, memoryStore, ProviderError } from "@remem/core";
import { openaiProvider } from "@remem/openai";
import { temporaryFile } from "@remem/test-support/temporary";
import type { CompletionsServer, Fault } from "@remem/testing";
import { describe, expect, test } from "vitest";
import { ask, echo, open, rightAnswer, startServer } from "../client.ts";

const TIME_LIMIT_MS = 1_000;
const API_KEY = "sk-only-for-its-own-server";

function openAt({ baseURL }: CompletionsServer, timeoutMs = 60_000): Client {
  const provider = openaiProvider({ baseURL, apiKey: API_KEY, timeoutMs, maxRetries: 0 });
  return open({ provider, store: `sqlite:${temporaryFile()}` }).client;
}

async function failureOf(call: Promise<unknown>): Promise<ProviderError> {
  const thrown: unknown = await call.then(
    (value) => expect.fail(`answered ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  if (!ProviderError.is(thrown)) throw thrown;
  return thrown;
}

interface Expected {
  readonly code?: string;
  readonly status?: number;
}

const statuses = [400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 501, 502, 503, 504, 529];
const html = "<!doctype html><title>Bad gateway</title><h1>502</h1>";
const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, " "));

const DEPTHS = [513, 1_800, 3_500, 20_000, 1_000_000];
/** JSON that is nested this many levels. */
const lists = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
const objects = (levels: number): string => `${'{"a":'.repeat(levels - 1)}{}${"}".repeat(levels - 1)}`;
const answerWith = (nested: string): string =>
  `{"id":"1","model":"m","created":0,"nested":${nested},"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Hi"}}]}`;

const deep: Readonly<Record<string, Fault & { readonly expected: Expected }>> = Object.fromEntries(
  [lists, objects].flatMap((nest) =>
    DEPTHS.flatMap((levels) => [
      [
        `an answer with ${levels} levels of ${nest.name}`,
        { body: answerWith(nest(levels)), expected: { code: "MALFORMED_ANSWER", status: 200 } },
      ],
      [`a 500 with ${levels} levels of ${nest.name}`, { status: 500, body: nest(levels), expected: { status: 500 } }],
      [
        `a 400 whose error has ${levels} levels of ${nest.name}`,
        { status: 400, body: `{"error":{"message":${nest(levels)}}}`, expected: { status: 400 } },
      ],
      [
        `a 200 whose error has ${levels} levels of ${nest.name}`,
        { body: `{"error":{"message":${nest(levels)}}}`, expected: { code: "MALFORMED_ANSWER", status: 200 } },
      ],
    ]),
  ),
);

const faults: Readonly<Record<string, Fault & { readonly expected: Expected }>> = {
  ...Object.fromEntries(statuses.map((status) => [`status ${status}`, { status, expected: { status } }])),
  "a status in HTML": { status: 502, body: html, headers: { "content-type": "text/html" }, expected: { status: 502 } },
  "a hang": { stall: "headers", expected: { code: "PROVIDER_TIMEOUT" } },
  "a hang in the body": { stall: "body", expected: { code: "PROVIDER_TIMEOUT" } },
  "a reset": { reset: "headers", expected: { code: "PROVIDER_ERROR" } },
  "half a body": { reset: "body", expected: { code: "PROVIDER_ERROR" } },
  "a gzip bomb": {
    body: bomb,
    headers: { "content-type": "application/json", "content-encoding": "gzip" },
    expected: { status: 200 },
  },
  "a 500 with a gzip bomb": {
    status: 500,
    body: bomb,
    headers: { "content-type": "text/html", "content-encoding": "gzip" },
    expected: { status: 500 },
  },
  "gzip that is none": {
    body: "no gzip",
    headers: { "content-encoding": "gzip" },
    expected: { code: "PROVIDER_ERROR" },
  },
  "HTML in a 200": {
    body: html,
    headers: { "content-type": "text/html" },
    expected: { code: "MALFORMED_ANSWER", status: 200 },
  },
  "half JSON": {
    body: '{"id": "chatcmpl-1", "choices": [{"index"',
    headers: { "content-type": "application/json" },
    expected: { code: "MALFORMED_ANSWER", status: 200 },
  },
  "an empty body": { body: "", expected: { code: "MALFORMED_ANSWER", status: 200 } },
  null: { body: null, expected: { code: "MALFORMED_ANSWER", status: 200 } },
  "no choices": { body: { id: "1", choices: [] }, expected: { code: "MALFORMED_ANSWER", status: 200 } },
  "an error in a 200": { body: { error: { message: "overloaded" } }, expected: { status: 200 } },
};

describe("a provider failure is a typed error with its status, nothing is stored, and the next call is a new one:", () => {
  test.each(Object.entries({ ...faults, ...deep }))("%s", async (_, { expected, ...fault }) => {
    const server = await startServer();
    const client = openAt(server, fault.stall && TIME_LIMIT_MS);
    server.script([fault]);
    const error = await failureOf(ask(client, "Hi"));
    expect({ code: error.code, status: error.status }).toMatchObject(expected);
    expect(client.stats().stored).toBe(0);

    const { source } = await ask(client, "Hi");
    expect([source, server.calls]).toEqual(["provider", 2]);
    expect(await ask(client, "Hi")).toMatchObject({ source: "store" });
  });
});

describe("answers are returned unchanged and stored up to the limit of nesting, and refused beyond it:", () => {
  test.each([lists, objects])("%s", async (nest) => {
    const server = await startServer();
    const client = openAt(server);
    server.script([{ body: answerWith(nest(511)) }]);
    const [miss, joined] = await Promise.all([ask(client, "Hi"), ask(client, "Hi")]);
    const hits = [await ask(client, "Hi"), await ask(client, "Hi"), await ask(client, "Hi")];
    expect(JSON.stringify(miss.completion.nested)).toBe(nest(511));
    expect(hits.map(({ source }) => source)).toEqual(["store", "store", "store"]);
    for (const { completion } of [joined, ...hits]) expect(completion).toEqual(miss.completion);
  });

  test.each(DEPTHS)("a provider in this process that returns %i levels", async (levels) => {
    const give = async () => JSON.parse(answerWith(lists(levels)));
    const provider = { specVersion: 1, id: "deep", generate: give } as const;
    const { client } = open({ provider, store: `sqlite:${temporaryFile()}` });
    for (let call = 0; call < 3; call++) {
      expect(await failureOf(ask(client, "Hi"))).toMatchObject({ code: "MALFORMED_ANSWER" });
    }
    expect(client.stats()).toMatchObject({ stored: 0, providerCalls: 3 });
  });

  test.each(DEPTHS)("a foreign entry with %i levels is a miss every time", async (levels) => {
    const store = memoryStore();
    const { client } = open({ provider: echo(), store });
    const { key } = await client.infer([{ role: "user", content: "Hi" }], {}, { cache: "no-store" });
    const completion = answerWith(lists(levels));
    const guarded = `${Date.now()} - - ${key}\n${completion}`;
    for (let time = 0; time < 2; time++) {
      await store.set(key, `remem/1 ${createHash("sha256").update(guarded).digest("hex")} ${guarded}`);
      const answers = await Promise.all([ask(client, "Hi"), ask(client, "Hi")]);
      expect(answers.map(({ response }) => response)).toEqual([rightAnswer("Hi"), rightAnswer("Hi")]);
    }
  });
});

test.each([301, 302, 303, 307, 308])("a redirect (%i) is not followed with the API key", async (status) => {
  const [server, elsewhere] = await Promise.all([startServer(), startServer()]);
  const client = openAt(server);
  server.script([{ status, headers: { location: `${elsewhere.baseURL}/chat/completions` } }]);
  expect((await failureOf(ask(client, "Hi"))).status).toBe(status);
  expect(elsewhere.calls).toBe(0);
  expect(await ask(client, "Hi")).toMatchObject({ source: "provider" });
});

describe("an unusable answer is returned to its caller, and not stored:", () => {
  const choice = { index: 0, finish_reason: "stop", message: { role: "assistant", content: "The be" } };
  const choices = {
    "cut off by the server (length)": { ...choice, finish_reason: "length" },
    "cut off by its filter (content_filter)": { ...choice, finish_reason: "content_filter" },
    "empty content": { ...choice, message: { ...choice.message, content: "" } },
    "null for content": { ...choice, message: { ...choice.message, content: null } },
  };
  test.each(Object.entries(choices))("%s", async (_, choice) => {
    const server = await startServer();
    const client = openAt(server);
    server.script([{ body: { id: "1", model: "gpt-4o-mini", created: 0, choices: [choice] } }]);
    const { response, metadata } = await ask(client, "Hi");
    expect([response, metadata.finish_reason]).toEqual([choice.message.content ?? "", choice.finish_reason]);
    expect(client.stats()).toMatchObject({ stored: 0, notAdmitted: 1 });

    expect(await ask(client, "Hi")).toMatchObject({ source: "provider", metadata: { finish_reason: "stop" } });
    expect(await ask(client, "Hi")).toMatchObject({ source: "store" });
  });
});

test("a provider that fails at random costs retries, but no answer", async () => {
  const server = await startServer();
  const { baseURL } = server;
  const provider = openaiProvider({ baseURL, apiKey: API_KEY, timeoutMs: TIME_LIMIT_MS });
  const { client } = open({ provider, store: "memory:" });
  const passing: Fault[] = [
    { reset: "headers" },
    { reset: "body" },
    { stall: "body" },
    { status: 503, headers: { "retry-after-ms": "1" } },
    { status: 429, headers: { "retry-after-ms": "1" } },
  ];
  server.script(passing);
  expect(await ask(client, "Hi")).toMatchObject({ source: "provider" });
  expect(client.stats()).toMatchObject({ misses: 1, stored: 1 });
  expect(server.calls).toBe(passing.length + 1);
});
