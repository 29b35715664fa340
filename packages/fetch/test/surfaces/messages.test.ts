import Anthropic from "@anthropic-ai/sdk";
import type { JsonObject } from "@remem/core";
import { surfaceContract } from "@remem/testing";
import { describe, expect, test } from "vitest";
import { messagesSurface } from "../../src/surfaces/messages.ts";
import { streamsOf } from "../golden/rows.ts";
import { entryOf, recordedEntries } from "./entries.ts";
import { replayServer } from "./replay-server.ts";
import { type AnySurface, aggregateOf, formatOf, readBody, testStreams, writeBody } from "./streams.ts";

const http: AnySurface = messagesSurface;
const URL_OF_ANTHROPIC = new URL("https://api.anthropic.com/v1/messages");
const asked: JsonObject = { model: "claude", max_tokens: 64, messages: [{ role: "user", content: "Why?" }] };
const golden = streamsOf("messages");
const stored = golden.filter(({ store }) => store);

testStreams(http, { kind: "messages", path: "/v1/messages" });

describe("the surface keeps its contract:", () => {
  const format = { type: "json_schema", schema: {} };
  const cases = surfaceContract({
    surface: http.surface,
    examples: stored.map(({ request, answer }) => ({ request, answer: answer! })),
    incompleteExamples: [
      ...golden.filter(({ store, complete }) => !store && complete).map((one) => ({ ...one, answer: one.answer! })),
      { request: { ...asked, output_config: { format } }, answer: saying('{"a":') },
      { request: asked, answer: saying(" ") },
      { request: asked, answer: answerOf([{ type: "thinking", thinking: "Hm.", signature: "x" }]) },
      { request: asked, answer: answerOf([{ type: "tool_use", id: "t", name: "river", input: '{"city":' }]) },
      { request: asked, answer: { ...saying("Because."), stop_reason: null } },
    ],
    incompleteStreams: golden
      .filter(({ complete }) => !complete)
      .map(({ raw }) => readBody(formatOf(http, URL_OF_ANTHROPIC), raw)),
    invalidRequests: [{}, { model: "m", messages: [] }, { model: "m", max_tokens: 1 }, { max_tokens: 1, messages: [] }],
    malformedAnswers: [
      { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
      { type: "message" },
      { type: "message", content: ["Hi."] },
      { content: [] },
    ],
  });
  for (const { name, run } of cases) test(name, run);
});

describe("where requests are sent:", () => {
  test.each([
    ["https://api.anthropic.com/v1/messages", "https://api.anthropic.com/v1"],
    ["http://localhost:8080/messages?beta=true", "http://localhost:8080"],
  ])("%s has the scope %s", (address, scope) => {
    const url = new URL(address);
    expect(http.matches(url)).toBe(true);
    expect(http.find({ url, headers: new Headers(), body: asked })).toEqual({ request: asked, scope, isStream: false });
  });

  test.each(["/v1/messages/count_tokens", "/v1/messages/batches", "/v1/threads/thread_1/messages", "/v1/complete"])(
    "%s is another kind",
    (path) => expect(http.matches(new URL(path, URL_OF_ANTHROPIC))).toBe(false),
  );
});

describe("a request passes through", () => {
  const file = { type: "document", source: { type: "file", file_id: "file_1" } };
  test.each<[string, JsonObject]>([
    ["thread", { thread: { type: "create" } }],
    ["previous_message_id", { previous_message_id: "msg_1" }],
    ["container", { container: "c" }],
    ["mcp_servers", { mcp_servers: [{ type: "url", url: "https://mcp.example.com" }] }],
    ["compaction", { compaction: { enabled: true } }],
    ["fallbacks", { fallbacks: ["claude-2"] }],
    ["max_tokens: 0", { max_tokens: 0 }],
    ["file_id", { messages: [{ role: "user", content: [file] }] }],
    ["tool web_search_20250305", { tools: [{ name: "f", input_schema: {} }, { type: "web_search_20250305" }] }],
    ["tool mcp_toolset", { tools: [{ type: "mcp_toolset" }] }],
    ["no request for a message", { max_tokens: null }],
  ])("because of %s", (passes, members) => {
    expect(entryOf(http, { path: "/v1/messages", headers: {}, body: { ...asked, ...members } })).toEqual({ passes });
  });

  test("not because of members that are null or empty, or of tools that the caller runs", () => {
    const types = ["custom", "bash_20250124", "text_editor_20250728", "computer_20250124", "memory_20250818"];
    const body = { ...asked, thread: null, mcp_servers: [], tools: types.map((type) => ({ type, name: "x" })) };
    expect(entryOf(http, { path: "/v1/messages", headers: {}, body })).toHaveProperty("key");
  });
});

test("the key holds version and beta, and neither marks of the prompt cache nor how arguments are streamed", () => {
  const cache_control = { type: "ephemeral" };
  const block = (text: string) => ({ type: "text", text, cache_control });
  const schema = { properties: { cache_control: { type: "string" } } };
  const call = { type: "tool_use", id: "t", name: "f", input: { cache_control: "none" }, cache_control };
  const result = { type: "tool_result", tool_use_id: "t", content: [block("Done")], cache_control };
  const body: JsonObject = {
    ...asked,
    cache_control,
    system: [block("Be brief")],
    messages: [
      { role: "assistant", content: [call] },
      { role: "user", content: [result] },
    ],
    tools: [{ name: "f", input_schema: schema, cache_control, eager_input_streaming: true }],
    stream: true,
  };
  const sent = structuredClone(body);
  const headers = new Headers({
    "anthropic-beta": "b-1,a-1 , b-1",
    "anthropic-version": "2023-06-01",
    "x-api-key": "k",
  });
  expect(http.find({ url: URL_OF_ANTHROPIC, headers, body })).toEqual({
    request: {
      ...asked,
      system: [{ type: "text", text: "Be brief" }],
      messages: [
        { role: "assistant", content: [{ type: "tool_use", id: "t", name: "f", input: { cache_control: "none" } }] },
        {
          role: "user",
          content: [{ type: "tool_result", tool_use_id: "t", content: [{ type: "text", text: "Done" }] }],
        },
      ],
      tools: [{ name: "f", input_schema: schema }],
      stream: true,
      "anthropic-version": "2023-06-01",
      "anthropic-beta": "a-1,b-1",
    },
    scope: "https://api.anthropic.com/v1",
    isStream: true,
  });
  expect(body).toEqual(sent);
});

test("recorded calls share an entry where they ask for the same", () => {
  expect(recordedEntries(http)).toMatchInlineSnapshot(`
    "@ai-sdk/anthropic generateText default = @ai-sdk/anthropic streamText default
    @ai-sdk/anthropic generateText Output.object default = @ai-sdk/anthropic generateObject default = @ai-sdk/anthropic streamObject default
    @ai-sdk/anthropic generateText tools default = @ai-sdk/anthropic streamText tools default
    @ai-sdk/anthropic generateText tools default (1)
    @ai-sdk/anthropic streamText tools default (1)
    @ai-sdk/anthropic generateText thinking
    @anthropic-ai/sdk messages.create = @anthropic-ai/sdk messages.create stream = @anthropic-ai/sdk messages.stream helper = @anthropic-ai/sdk messages withResponse
    @anthropic-ai/sdk messages.create full
    @anthropic-ai/sdk messages.stream helper thinking tools
    @anthropic-ai/sdk messages.parse zod
    @anthropic-ai/sdk messages.create tools
    @anthropic-ai/sdk beta.messages.create
    passes: thread: @anthropic-ai/sdk beta toolRunner
    passes: thread: @anthropic-ai/sdk beta toolRunner (1)
    @langchain/anthropic invoke = @langchain/anthropic stream = @langchain/anthropic batch of 3 equal = @langchain/anthropic batch of 3 equal (1)
    @langchain/anthropic withStructuredOutput = @langchain/anthropic withStructuredOutput functionCalling
    @langchain/anthropic bindTools
    @langchain/anthropic batch of 3 equal (2)"
  `);
});

test("tokens of the prompt cache count as those of the request", () => {
  const usage = { input_tokens: 5, cache_creation_input_tokens: 20, cache_read_input_tokens: 300, output_tokens: 4 };
  expect(http.surface.tokens?.({ ...saying("Hi."), usage })).toEqual({ prompt: 325, completion: 4 });
});

test("a replay counts each token once for clients that add up the usage of its start and its end", () => {
  const usage = { input_tokens: 5, cache_read_input_tokens: 300, output_tokens: 4 };
  const events: JsonObject[] = JSON.parse(JSON.stringify([...http.surface.chunksOf!({ ...saying("Hi."), usage })]));
  expect(events[0]).toMatchObject({ message: { usage: { ...usage, output_tokens: 0 } } });
  expect(events.at(-2)).toMatchObject({ type: "message_delta", usage: { output_tokens: 4 } });
});

test("a piece of an unknown kind is added to its block", () => {
  const aggregate = aggregateOf(http.surface, [
    { type: "message_start", message: answerOf([]) },
    { type: "content_block_start", index: 0, content_block: { type: "compaction", content: "" } },
    { type: "content_block_delta", index: 0, delta: { type: "compaction_delta", content: "So " } },
    { type: "content_block_delta", index: 0, delta: { type: "compaction_delta", content: "far" } },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "compaction" }, usage: null, context_management: { edits: [] } },
    { type: "message_stop" },
  ]);
  expect(aggregate.answer()).toEqual({
    ...answerOf([{ type: "compaction", content: "So far" }]),
    stop_reason: "compaction",
    context_management: { edits: [] },
  });
});

test("the input of a call that was cut off is kept as a text, and not stored", () => {
  const start = { ...answerOf([]), stop_reason: null };
  const piece = { type: "input_json_delta", partial_json: '{"city":"Kra' };
  const aggregate = aggregateOf(http.surface, [
    { type: "message_start", message: start },
    { type: "content_block_start", index: 0, content_block: { type: "tool_use", id: "t", name: "river", input: {} } },
    { type: "content_block_delta", index: 0, delta: piece },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "max_tokens" }, usage: { output_tokens: 9 } },
    { type: "message_stop" },
  ]);
  expect(aggregate.isComplete()).toBe(true);
  const answer = aggregate.answer();
  expect(answer.content).toEqual([{ type: "tool_use", id: "t", name: "river", input: '{"city":"Kra' }]);
  expect(http.surface.whyNotAdmitted?.(answer, asked)).toBe("invalid-tool-call");
});

describe("the Anthropic package reads a replay:", () => {
  test.each(golden.filter(({ complete }) => complete))("$id", async ({ answer, request }) => {
    await using server = await replayServer("text/event-stream", writeBody(http, URL_OF_ANTHROPIC, answer!, true));
    const client = new Anthropic({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
    const params = { ...request, stream: undefined, model: "claude-sonnet-5-5" }; // The SDK warns of older ones.
    const message = await client.messages.stream(params as unknown as Anthropic.MessageStreamParams).finalMessage();
    // The SDK sets `stop_details` and adds what it has parsed.
    expect(message).toMatchObject(answer!);
  });
});

function answerOf(content: readonly JsonObject[]): JsonObject {
  return {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude",
    content,
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: { input_tokens: 5, output_tokens: 2 },
  };
}

function saying(text: string): JsonObject {
  return answerOf([{ type: "text", text }]);
}
