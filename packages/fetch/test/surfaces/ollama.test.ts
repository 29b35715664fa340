import type { JsonObject } from "@remem/core";
import { collect } from "@remem/test-support/collect";
import { surfaceContract } from "@remem/testing";
import { Ollama } from "ollama";
import { describe, expect, test } from "vitest";
import { ollamaChatSurface as chat, ollamaGenerateSurface as generate } from "../../src/surfaces/ollama.ts";
import { jsonLines } from "../../src/wire/lines.ts";
import { streamsOf } from "../golden/rows.ts";
import { entryOf, recordedEntries } from "./entries.ts";
import { replayServer } from "./replay-server.ts";
import { aggregateOf, readBody, testStreams, urlOf, writeBody } from "./streams.ts";

const asked: JsonObject = { model: "qwen3:8b", messages: [{ role: "user", content: "Why?" }] };
const prompted: JsonObject = { model: "qwen3:8b", prompt: "Why?" };
const ended: JsonObject = { model: "qwen3:8b", done: true, done_reason: "stop", prompt_eval_count: 3, eval_count: 4 };
const golden = streamsOf("ollama");
const stored = golden.filter(({ store }) => store);
const incompleteStreams = golden.filter(({ complete }) => !complete).map(({ raw }) => readBody(jsonLines, raw));

testStreams(chat, { kind: "ollama", path: "/api/chat", compared: ({ created_at: _, ...answer }) => answer });

describe("the surface of chats keeps its contract:", () => {
  const cases = surfaceContract({
    surface: chat.surface,
    examples: [
      ...stored.map(({ request, answer }) => ({ request, answer: answer! })),
      { request: asked, answer: { ...saying("Why not?"), logprobs: [{ token: "Why" }, { token: " not?" }] } },
    ],
    incompleteExamples: [
      { request: asked, answer: saying(" ") },
      { request: asked, answer: { ...saying("Bec"), done_reason: "length" } },
      { request: { ...asked, options: { num_predict: -1 } }, answer: { ...saying("Bec"), done_reason: "length" } },
      { request: asked, answer: { ...saying(""), done_reason: "load" } },
      { request: asked, answer: { ...saying("Bec"), done: false } },
      { request: { ...asked, format: "json" }, answer: saying('{"a":') },
      { request: asked, answer: { ...saying(""), message: { role: "assistant", content: "", tool_calls: [{}] } } },
    ],
    incompleteStreams,
    invalidRequests: [{}, { model: "m" }, { messages: [] }, { model: "m", prompt: "Why?" }],
    malformedAnswers: [{ error: "no such model" }, { response: "Hi." }, { message: "Hi." }],
  });
  for (const { name, run } of cases) test(name, run);
});

describe("the surface of prompts keeps its contract:", () => {
  const answer = { ...ended, response: "Because of it.", context: [1, 2] };
  const cases = surfaceContract({
    surface: generate.surface,
    examples: [
      { request: prompted, answer },
      { request: { ...prompted, think: true }, answer: { ...answer, thinking: "Well, well" } },
      { request: { ...prompted, format: { type: "object" } }, answer: { ...answer, response: "{}" } },
    ],
    incompleteExamples: [
      { request: prompted, answer: { ...answer, response: "" } },
      { request: prompted, answer: { ...answer, done_reason: "unload" } },
    ],
    incompleteStreams: [[{ model: "m", response: "Bec", done: false }], [{ ...answer }, { error: "gone" }]],
    invalidRequests: [{}, { model: "m" }, { prompt: "Why?" }, asked],
    malformedAnswers: [{ error: "no such model" }, { message: { content: "Hi." } }],
  });
  for (const { name, run } of cases) test(name, run);
});

test.each([
  ["http://localhost:11434/api/chat", chat, asked, "http://localhost:11434"],
  ["https://me:secret@ollama.example.com/at/api/generate", generate, prompted, "https://ollama.example.com/at"],
])("a request to %s is a stream unless it says otherwise", (address, http, body, scope) => {
  const url = new URL(address);
  expect([chat, generate].filter((one) => one.matches(url))).toEqual([http]);
  const found = (members: JsonObject) => http.find({ url, headers: new Headers(), body: { ...body, ...members } });
  expect(found({})).toEqual({ request: body, scope, isStream: true });
  expect(found({ stream: true })).toMatchObject({ isStream: true });
  expect(found({ stream: false })).toMatchObject({ isStream: false });
});

test("other addresses are other kinds", () => {
  for (const path of ["/api/embed", "/api/tags", "/v1/chat/completions"]) {
    expect([chat, generate].some((http) => http.matches(urlOf({ path }, path)))).toBe(false);
  }
});

test("a request passes through where it loads the model, or continues another", () => {
  const passes = (http: typeof chat, body: JsonObject) => entryOf(http, { path: "/api/chat", headers: {}, body });
  expect(passes(chat, { ...asked, messages: [] })).toEqual({ passes: "no messages" });
  expect(passes(chat, { id: "1", messages: [] })).toEqual({ passes: "no request for /api/chat" });
  expect(passes(generate, { ...prompted, prompt: "" })).toEqual({ passes: "no prompt" });
  expect(passes(generate, { ...prompted, context: [1, 2] })).toEqual({ passes: "context" });
  expect(passes(generate, { model: "qwen3:8b" })).toEqual({ passes: "no request for /api/generate" });
});

test("recorded calls share an entry where they ask for the same", () => {
  expect(recordedEntries(chat)).toMatchInlineSnapshot(`
    "ollama chat = ollama chat stream
    ollama chat think stream
    ollama chat tools
    ollama chat format
    @langchain/ollama invoke = @langchain/ollama stream = @langchain/ollama batch of 3 equal = @langchain/ollama batch of 3 equal (1)
    @langchain/ollama withStructuredOutput
    @langchain/ollama withStructuredOutput functionCalling
    @langchain/ollama bindTools
    @langchain/ollama batch of 3 equal (2)"
  `);
  expect(recordedEntries(generate)).toMatchInlineSnapshot(`"ollama generate"`);
});

describe("the package of Ollama reads a replay:", () => {
  test.each(stored)("$id", async ({ answer, request }) => {
    const whole = { created_at: "2026-11-28T22:00:00.5Z", ...answer! };
    const body = writeBody(chat, urlOf({}, "/api/chat"), whole, true);
    await using server = await replayServer("application/x-ndjson", body);
    const client = new Ollama({ host: server.url });
    const lines = await collect(await client.chat({ ...(request as { model: "m"; messages: [] }), stream: true }));
    expect(aggregateOf(chat.surface, lines).answer()).toEqual(whole);
  });

  test("a prompt", async () => {
    const whole = {
      ...ended,
      created_at: "2026-11-28T22:00:00.5Z",
      response: "Because of it.",
      thinking: "Well, well",
    };
    const body = writeBody(generate, urlOf({}, "/api/generate"), whole, true);
    await using server = await replayServer("application/x-ndjson", body);
    const client = new Ollama({ host: server.url });
    const lines = await collect(await client.generate({ model: "m", prompt: "Why?", stream: true }));
    expect(lines.map(({ response }) => response).join("")).toBe("Because of it.");
    expect(aggregateOf(generate.surface, lines).answer()).toEqual(whole);
  });
});

function saying(content: string): JsonObject {
  return { ...ended, message: { role: "assistant", content } };
}
