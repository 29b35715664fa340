import { GoogleGenAI } from "@google/genai";
import type { JsonObject } from "@remem/core";
import { surfaceContract } from "@remem/testing";
import { describe, expect, test } from "vitest";
import { geminiSurface } from "../../src/surfaces/gemini.ts";
import { streamsOf } from "../golden/rows.ts";
import { entryOf, recordedEntries } from "./entries.ts";
import { replayServer } from "./replay-server.ts";
import { type AnySurface, aggregateOf, formatOf, readBody, testStreams, urlOf, writeBody } from "./streams.ts";

const http: AnySurface = geminiSurface;
const PLAIN = "/v1beta/models/gemini-2.5-flash:generateContent";
const STREAM = "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse";
const asked: JsonObject = { contents: [{ role: "user", parts: [{ text: "Why?" }] }] };
const keyed: JsonObject = { ...asked, model: "gemini-2.5-flash", apiVersion: "v1beta" };
const golden = streamsOf("gemini");
const stored = golden.filter(({ store }) => store);

testStreams(http, { kind: "gemini", path: STREAM });

describe("the surface keeps its contract:", () => {
  const cases = surfaceContract({
    surface: http.surface,
    examples: [
      ...stored.map(({ request, answer }) => ({ request: { ...keyed, ...request }, answer: answer! })),
      { request: keyed, answer: answerOf([{ text: "Two " }, { text: "texts" }, { text: "Hm.", thought: true }]) },
    ],
    incompleteExamples: [
      ...golden
        .filter(({ store, complete }) => !store && complete)
        .map(({ request, answer }) => ({ request: { ...keyed, ...request }, answer: answer! })),
      { request: keyed, answer: answerOf([{ text: "Hm.", thought: true }]) },
      { request: keyed, answer: answerOf([]) },
      { request: keyed, answer: answerOf([{ functionCall: { args: {} } }]) },
      { request: keyed, answer: answerOf([{ executableCode: { code: "1+1" } }, { text: "2" }]) },
      { request: { ...keyed, generationConfig: { responseMimeType: "application/json" } }, answer: saying('{"a":') },
    ],
    incompleteStreams: [
      ...golden.filter(({ complete }) => !complete).map(({ raw }) => readBody(formatOf(http, urlOf({}, STREAM)), raw)),
      [saying("Hi."), { error: { code: 503, message: "The model is overloaded." } }],
    ],
    invalidRequests: [{}, { model: "m" }, asked, { ...keyed, contents: "Why?" }],
    malformedAnswers: [{ error: { code: 503 } }, { candidates: [] }, { candidates: ["Hi."] }],
  });
  for (const { name, run } of cases) test(name, run);
});

describe("where requests are sent:", () => {
  test.each([
    [
      `https://generativelanguage.googleapis.com${PLAIN}?key=secret`,
      "https://generativelanguage.googleapis.com",
      false,
    ],
    [`http://localhost:8080/gemini${STREAM}`, "http://localhost:8080/gemini", true],
    [
      "https://eu-aiplatform.googleapis.com/v1beta/projects/p/locations/eu/publishers/google/models/gemini-2.5-flash:generateContent",
      "https://eu-aiplatform.googleapis.com/projects/p/locations/eu/publishers/google",
      false,
    ],
  ])("%s has the scope %s", (address, scope, isStream) => {
    const url = new URL(address);
    expect(http.matches(url)).toBe(true);
    expect(http.find({ url, headers: new Headers(), body: asked })).toEqual({ request: keyed, scope, isStream });
  });

  test.each([
    "/v1beta/models/gemini-2.5-flash:countTokens",
    "/v1beta/models/gemini-embedding-001:batchEmbedContents",
    "/v1beta/models/gemini-2.5-flash",
    "/v1beta/interactions",
  ])("%s is another kind", (path) => expect(http.matches(urlOf({ path }, PLAIN))).toBe(false));
});

describe("a request passes through", () => {
  const file = { fileData: { fileUri: "https://generativelanguage.googleapis.com/v1beta/files/abc" } };
  const streamed = { functionCallingConfig: { streamFunctionCallArguments: true } };
  test.each<[string, JsonObject]>([
    ["cachedContent", { cachedContent: "cachedContents/abc" }],
    ["cachedContent", { cached_content: "cachedContents/abc" }],
    ["continuationToken", { continuationToken: "t" }],
    ["fileData", { contents: [{ role: "user", parts: [file] }] }],
    ["tool googleSearch", { tools: [{ functionDeclarations: [] }, { googleSearch: {} }] }],
    ["tool googleSearch", { tools: [{ google_search: {} }] }],
    ["tool codeExecution", { tools: [{ function_declarations: [{ name: "f" }], codeExecution: {} }] }],
    ["streamFunctionCallArguments", { toolConfig: streamed }],
    ["no request for content", { contents: "Why?" }],
  ])("because of %s", (passes, members) => {
    expect(entryOf(http, { path: PLAIN, headers: {}, body: { ...asked, ...members } })).toEqual({ passes });
  });
});

test("model and version are keyed, and neither how an answer is billed nor the key of the caller", () => {
  const keyAt = (path: string, members: JsonObject = {}) =>
    entryOf(http, { path, headers: {}, body: { ...asked, ...members } });
  const key = keyAt(PLAIN);
  expect(keyAt(STREAM)).toEqual(key);
  expect(keyAt(`${PLAIN}?key=secret`, { labels: { a: "b" }, serviceTier: "flex", service_tier: "flex" })).toEqual(key);
  expect(keyAt(PLAIN.replace("v1beta", "v1"))).not.toEqual(key);
  expect(keyAt(PLAIN.replace("flash", "pro"))).not.toEqual(key);
});

test("recorded calls share an entry where they ask for the same", () => {
  expect(recordedEntries(http)).toMatchInlineSnapshot(`
    "@ai-sdk/google generateText default = @ai-sdk/google streamText default
    @ai-sdk/google generateText Output.object default = @ai-sdk/google generateObject default = @ai-sdk/google streamObject default
    @ai-sdk/google generateText tools default = @ai-sdk/google streamText tools default
    @ai-sdk/google generateText tools default (1)
    @ai-sdk/google streamText tools default (1)
    @ai-sdk/google generateText thinking
    @google/genai generateContent = @google/genai generateContent (sdkHttpResponse kept) = @google/genai generateContentStream
    @google/genai generateContent full
    @google/genai generateContent tools
    @google/genai chats.sendMessageStream
    @langchain/google-genai invoke (no fetch option) = @langchain/google-genai stream (no fetch option) = @langchain/google-genai batch of 3 equal (no fetch option) = @langchain/google-genai batch of 3 equal (no fetch option) (1)
    @langchain/google-genai withStructuredOutput (no fetch option)
    @langchain/google-genai withStructuredOutput functionCalling (no fetch option)
    @langchain/google-genai bindTools (no fetch option)
    @langchain/google-genai batch of 3 equal (no fetch option) (2)"
  `);
});

test("probabilities are appended, and of other members the last one counts", () => {
  const piece = (text: string, members: JsonObject) => ({
    candidates: [{ content: { parts: [{ text }] }, ...members }],
  });
  const aggregate = aggregateOf(http.surface, [
    piece("Vis", { logprobsResult: { chosenCandidates: [{ token: "Vis" }] }, avgLogprobs: -1 }),
    piece("tula", { logprobsResult: { chosenCandidates: [{ token: "tula" }] }, avgLogprobs: -2, finishReason: "STOP" }),
  ]);
  expect(aggregate.answer()).toEqual(
    piece("Vistula", {
      logprobsResult: { chosenCandidates: [{ token: "Vis" }, { token: "tula" }] },
      avgLogprobs: -2,
      finishReason: "STOP",
    }),
  );
});

test("tokens of thoughts count as those of the answer", () => {
  const usageMetadata = { promptTokenCount: 8, candidatesTokenCount: 4, thoughtsTokenCount: 21 };
  expect(http.surface.tokens?.({ ...saying("Hi."), usageMetadata })).toEqual({ prompt: 8, completion: 25 });
});

describe("the package of Google reads a replay:", () => {
  test.each(stored)("$id", async ({ answer, request }) => {
    const whole = answer!;
    const body = writeBody(http, urlOf({}, STREAM), whole, true);
    await using server = await replayServer("text/event-stream", body);
    const client = new GoogleGenAI({ apiKey: "k", httpOptions: { baseUrl: server.url } });
    const chunks: JsonObject[] = [];
    const { contents } = request as { contents: [] };
    for await (const chunk of await client.models.generateContentStream({ model: "gemini-2.5-flash", contents })) {
      const { sdkHttpResponse: _, ...members } = chunk;
      chunks.push(JSON.parse(JSON.stringify(members)));
    }
    expect(aggregateOf(http.surface, chunks).answer()).toEqual(whole);
  });
});

function answerOf(parts: readonly JsonObject[]): JsonObject {
  return {
    candidates: [{ content: { role: "model", parts }, finishReason: "STOP", index: 0 }],
    usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
    modelVersion: "gemini-2.5-flash",
  };
}

function saying(text: string): JsonObject {
  return answerOf([{ text }]);
}
