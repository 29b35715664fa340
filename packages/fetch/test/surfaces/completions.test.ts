import type { JsonObject } from "@remem/core";
import { surfaceContract } from "@remem/testing";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { completionsSurface } from "../../src/surfaces/completions.ts";
import { streamsOf } from "../golden/rows.ts";
import { entryOf, recordedEntries } from "./entries.ts";
import { replayServer } from "./replay-server.ts";
import { type AnySurface, aggregateOf, formatOf, readBody, testStreams, urlOf, writeBody } from "./streams.ts";

const http: AnySurface = completionsSurface;
const PATH = "/v1/completions";
const asked: JsonObject = { model: "gpt-3.5-turbo-instruct", prompt: "One, two," };
const golden = streamsOf("completions");

const logprobs = { tokens: [" three"], token_logprobs: [-0.5], top_logprobs: null, text_offset: [9] };
const two = answerOf(
  { text: " three", index: 0, logprobs, finish_reason: "stop" },
  { text: " four, five", index: 1, logprobs: null, finish_reason: "stop" },
);

testStreams(http, { kind: "completions", path: PATH });

describe("the surface keeps its contract:", () => {
  const cut = answerOf({ text: " three", index: 0, logprobs: null, finish_reason: "length" });
  const cases = surfaceContract({
    surface: http.surface,
    examples: [
      ...golden.filter(({ store }) => store).map(({ request, answer }) => ({ request, answer: answer! })),
      { request: { ...asked, n: 2, user: "me" }, answer: two },
      { request: { ...asked, prompt: ["One, two,", "One, two, three,"] }, answer: { ...two, usage: null } },
    ],
    incompleteExamples: [
      { request: asked, answer: cut },
      { request: asked, answer: answerOf({ text: "", index: 0, logprobs: null, finish_reason: "stop" }) },
    ],
    incompleteStreams: [
      ...golden.filter(({ complete }) => !complete).map(({ raw }) => readBody(formatOf(http, urlOf({}, PATH)), raw)),
      [{ ...two }, { error: { message: "gone" } }],
    ],
    invalidRequests: [{}, { model: "m" }, { prompt: "Why?" }, { model: "m", messages: [] }],
    malformedAnswers: [{ choices: [] }, { choices: [{ message: {} }] }, { error: { message: "overloaded" } }],
  });
  for (const { name, run } of cases) test(name, run);
});

test("the addresses of completions are no chats", () => {
  expect(http.matches(new URL("https://api.openai.com/v1/completions"))).toBe(true);
  expect(http.matches(new URL("https://api.openai.com/v1/chat/completions"))).toBe(false);
});

describe("a deployment of Azure", () => {
  const RESOURCE = "https://r.openai.azure.com";
  const url = new URL(`${RESOURCE}/openai/deployments/dep%201/completions?api-version=2025-04-01-preview`);
  const find = (body: JsonObject) => http.find({ url, headers: new Headers(), body });

  test("is the model, which the body may repeat or leave out", () => {
    const found = { request: { prompt: "Why?", model: "dep 1" }, scope: RESOURCE, isStream: false };
    expect(find({ prompt: "Why?" })).toEqual(found);
    expect(find({ prompt: "Why?", model: "dep 1" })).toEqual(found);
  });

  test("is in the scope where the body names another model", () => {
    const scope = `${RESOURCE}/openai/deployments/dep%201`;
    expect(find(asked)).toEqual({ request: asked, scope, isStream: false });
  });
});

test("what is no request for a completion passes through", () => {
  const passes = { passes: "no request for a completion" };
  expect(entryOf(http, { path: PATH, headers: {}, body: { model: "m", messages: [] } })).toEqual(passes);
});

test("recorded calls share an entry where they ask for the same", () => {
  expect(recordedEntries(http)).toMatchInlineSnapshot(`
    "openai completions.create
    openai completions.create stream"
  `);
});

test("the usage is always asked for, and shown to callers that ask for it", () => {
  const plain = { ...asked, stream: true };
  const asking = { ...plain, stream_options: { include_usage: true } };
  expect(http.streamBody?.(plain)).toEqual(asking);
  expect(http.streamBody?.({ ...plain, stream_options: { include_obfuscation: false } })).toEqual({
    ...plain,
    stream_options: { include_obfuscation: false, include_usage: true },
  });
  const usage = { id: "cmpl-1", choices: [], usage: { prompt_tokens: 4 } };
  expect(http.view?.(plain)(usage)).toBeUndefined();
  expect(http.view?.(asking)(usage)).toEqual(usage);
});

test("probabilities of tokens are appended", () => {
  const piece = (token: string, finish_reason: string | null) => {
    const more = { tokens: [token], token_logprobs: [-1], top_logprobs: null, text_offset: [9] };
    return { id: "cmpl-1", choices: [{ text: token, index: 0, logprobs: more, finish_reason }], usage: null };
  };
  expect(aggregateOf(http.surface, [piece(" three", null), piece(",", "stop")]).answer().choices).toEqual([
    {
      text: " three,",
      index: 0,
      logprobs: { tokens: [" three", ","], token_logprobs: [-1, -1], top_logprobs: null, text_offset: [9, 9] },
      finish_reason: "stop",
    },
  ]);
});

test("the openai package reads a replay", async () => {
  await using server = await replayServer("text/event-stream", writeBody(http, urlOf({}, PATH), two, true));
  const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
  const chunks: object[] = [];
  const stream = await client.completions.create({ model: "m", prompt: "One, two,", stream: true });
  for await (const chunk of stream) chunks.push(chunk);
  expect(aggregateOf(http.surface, chunks).answer()).toEqual(two);
});

function answerOf(...choices: readonly JsonObject[]): JsonObject {
  const usage = { prompt_tokens: 4, completion_tokens: 5, total_tokens: 9 };
  return { id: "cmpl-1", object: "text_completion", created: 1790000000, model: "m", choices, usage };
}
