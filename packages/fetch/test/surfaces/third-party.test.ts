// Kinds of requests that others add, with nothing but what the packages export.
import { memoryStore } from "@remem/core";
import { InvalidRequestError, isMembers, type JsonObject } from "@remem/core/plugin";
import { surfaceContract } from "@remem/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { cachedFetch, eventStream, type HttpSurface, jsonLines, type ListSurface } from "../../src/index.ts";

interface Translation extends JsonObject {
  readonly text: string;
  readonly done: boolean;
}

/** A vendor of translations, whole or as a stream of lines. */
const translations: HttpSurface<JsonObject, Translation> = {
  surface: {
    specVersion: 1,
    name: "example.com/translations",
    unkeyed: new Set(["stream", "user"]),
    check({ text }) {
      if (typeof text !== "string") throw new InvalidRequestError("/text", "must be a text.");
    },
    isAnswer: (value): value is Translation => isMembers(value) && typeof value.text === "string",
    admit: ({ done }) => done,
    tokens: ({ text }) => ({ prompt: 0, completion: text.length }),
    aggregate() {
      let text = "";
      let done = false;
      return {
        add(chunk) {
          const line = chunk as Partial<Translation>;
          text += line.text ?? "";
          done ||= line.done === true;
        },
        isComplete: () => done,
        answer: () => ({ text, done }),
      };
    },
    chunksOf: ({ text, done }, { byWord = false } = {}) => [
      ...(byWord ? text.split(/(?<= )/) : [text]).map((piece) => ({ text: piece })),
      { done },
    ],
  },
  matches: ({ pathname }) => pathname === "/v1/translate",
  find({ url, headers, body }) {
    if (body.glossary !== undefined) return { passes: "glossary" };
    const request = { ...body, tone: headers.get("x-tone") };
    return { request, scope: url.origin, isStream: body.stream === true };
  },
  stream: jsonLines,
  errorBody: (message, code) => ({ failed: { code, message } }),
};

interface Score extends JsonObject {
  readonly score: number;
}

/** A vendor that scores texts, each of which has an entry of its own. */
const scores: ListSurface<JsonObject, Score> = {
  surface: {
    specVersion: 1,
    name: "example.com/scores",
    unkeyed: new Set(),
    check({ text }) {
      if (typeof text !== "string") throw new InvalidRequestError("/text", "must be a text.");
    },
    isAnswer: (value): value is Score => isMembers(value) && typeof value.score === "number",
    admit: () => true,
  },
  matches: ({ pathname }) => pathname === "/v1/score",
  findItems({ url, body: { texts } }) {
    if (!Array.isArray(texts)) return { passes: "no texts" };
    return { items: texts.map((text) => ({ text })), scope: url.origin };
  },
  bodyFor: ({ texts }, places) => ({ texts: places.map((place) => (texts as string[])[place]!) }),
  split(body, count) {
    const { scores } = body as { scores?: number[] };
    return scores?.length === count ? scores.map((score) => ({ score })) : undefined;
  },
  join: (answers) => ({ scores: answers.map(({ score }) => score) }),
  errorBody: (message) => ({ message }),
};

const request = { text: "Fluss", to: "en" };
const answer = { text: "a wide river", done: true };

describe.each([
  [
    "translations",
    surfaceContract({
      surface: translations.surface,
      examples: [{ request, answer }],
      incompleteExamples: [{ request, answer: { ...answer, done: false } }],
      incompleteStreams: [[{ text: "a wide" }]],
      invalidRequests: [{}, { text: 1 }],
      malformedAnswers: [{ failed: { code: "busy", message: "" } }],
    }),
  ],
  [
    "scores",
    surfaceContract({
      surface: scores.surface,
      examples: [{ request: { text: "a" }, answer: { score: 1 } }],
      invalidRequests: [{}],
      malformedAnswers: [{ score: "1" }],
    }),
  ],
])("the surface of %s keeps its contract:", (_, cases) => {
  for (const { name, run } of cases) test(name, run);
});

function setUp() {
  const asked: JsonObject[] = [];
  const fetch = cachedFetch({
    store: memoryStore(),
    surfaces: [translations, scores],
    async fetch(_, init) {
      const body = JSON.parse(String(init?.body)) as JsonObject;
      asked.push(body);
      if (Array.isArray(body.texts)) return Response.json({ scores: body.texts.map((text) => String(text).length) });
      if (!body.stream) return Response.json(answer);
      const lines = [{ text: "a wide " }, { text: "river" }, { done: true }];
      return new Response(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    },
  });
  onTestFinished(() => fetch.close());
  const post = (path: string, body: object, init: RequestInit = {}) =>
    fetch(`https://api.example.com${path}`, { method: "POST", body: JSON.stringify(body), ...init });
  return { asked, post, stats: fetch.stats };
}

test("whole and streamed answers of a kind that others add are one entry, with its headers in the key", async () => {
  const { asked, post, stats } = setUp();
  const lines = await (await post("/v1/translate", { ...request, stream: true, user: "me" })).text();
  expect(lines).toBe('{"text":"a wide "}\n{"text":"river"}\n{"done":true}\n');
  expect(await (await post("/v1/translate", request)).json()).toEqual(answer);
  const replayed = await post("/v1/translate", { ...request, stream: true });
  expect(replayed.headers.get("content-type")).toBe("application/x-ndjson");
  expect(await replayed.text()).toBe('{"text":"a wide river"}\n{"done":true}\n');
  expect(asked).toHaveLength(1);
  await post("/v1/translate", request, { headers: { "x-tone": "rude" } });
  expect(asked).toHaveLength(2);
  for (let turn = 0; turn < 2; turn++) await post("/v1/translate", { ...request, glossary: "g_1" });
  expect(asked).toHaveLength(4);
  expect(stats()).toMatchObject({ hits: 2, misses: 2 });
});

test("a list of a kind that others add is asked for item by item, and what the cache refuses has its form of errors", async () => {
  const { asked, post } = setUp();
  await post("/v1/score", { texts: ["a"] });
  expect(await (await post("/v1/score", { texts: ["bb", "a", "bb"] })).json()).toEqual({ scores: [2, 1, 2] });
  expect(asked).toEqual([{ texts: ["a"] }, { texts: ["bb"] }]);
  const missed = await post("/v1/translate", request, { headers: { "cache-control": "only-if-cached" } });
  expect([missed.status, await missed.json()]).toMatchObject([402, { failed: { code: "cache_miss" } }]);
});

test("a kind that others add goes before a built-in one, and events are read and written for it", async () => {
  const own: typeof translations = {
    ...translations,
    matches: ({ pathname }) => pathname.endsWith("/chat/completions"),
    stream: eventStream({ hasDone: true }),
  };
  await using fetch = cachedFetch({
    store: memoryStore(),
    surfaces: [own],
    fetch: async () => new Response('data: {"text":"a river"}\n\ndata: {"done":true}\n\ndata: [DONE]\n\n'),
  });
  const body = JSON.stringify({ ...request, stream: true });
  for (let turn = 0; turn < 2; turn++) {
    const response = await fetch("https://api.example.com/v1/chat/completions", { method: "POST", body });
    expect(await response.text()).toBe('data: {"text":"a river"}\n\ndata: {"done":true}\n\ndata: [DONE]\n\n');
  }
  expect(fetch.stats()).toMatchObject({ hits: 1, misses: 1 });
});
