import type { JsonObject } from "@remem/core";
import { schemas, validator } from "@remem/test-support/openapi";
import { surfaceContract } from "@remem/testing";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { responsesSurface } from "../../src/surfaces/responses.ts";
import { streamsOf } from "../golden/rows.ts";
import { entryOf, recordedEntries } from "./entries.ts";
import { replayServer } from "./replay-server.ts";
import { type AnySurface, aggregateOf, formatOf, readBody, testStreams, urlOf, writeBody } from "./streams.ts";

const http: AnySurface = responsesSurface;
const URL_OF_OPENAI = new URL("https://api.openai.com/v1/responses");
const asked: JsonObject = { model: "gpt-5-mini", input: "Why?" };
const OUTPUT_LIMIT = { reason: "max_output_tokens" };
const stored = streamsOf("responses").filter(({ store }) => store);

testStreams(http, { kind: "responses", path: "/v1/responses" });

describe("a stored answer is replayed as OpenAI's document says:", () => {
  const url = urlOf({}, "/v1/responses");
  const events = Object.entries(schemas).filter(([name]) => /^Response.*Event$/.test(name));
  /** Servers, and the examples of the document, differ from its schemas in these. */
  const tolerated = /^\/response\/usage must be object|'cache_write_tokens'/;
  /** What the document says against an event. */
  function errorsIn(event: object): string[] {
    const { type } = event as { readonly type: string };
    const [name] = events.find(([, { properties }]) => properties?.type?.enum?.includes(type)) ?? [];
    if (name === undefined) return [`${type} is unknown`];
    return validator(name)(event).filter((error) => !tolerated.test(error));
  }

  test.each(stored.map(({ id, answer }) => [id, answer!] as const))("%s", (_, answer) => {
    for (const byWord of [false, true]) {
      const written = readBody(formatOf(http, url), writeBody(http, url, answer, byWord));
      expect(written.flatMap(errorsIn)).toEqual([]);
    }
  });
});

describe("the surface keeps its contract:", () => {
  const cases = surfaceContract({
    surface: http.surface,
    examples: stored.map(({ request, answer }) => ({ request, answer: answer! })),
    incompleteExamples: [
      ...streamsOf("responses")
        .filter(({ store, answer }) => !store && answer !== null)
        .map(({ request, answer }) => ({ request, answer: answer! })),
      { request: { ...asked, text: { format: { type: "json_object" } } }, answer: saying('{"a":') },
      { request: asked, answer: saying(" ") },
      { request: asked, answer: answerOf([{ type: "function_call", name: "river", arguments: '{"city":' }]) },
      { request: asked, answer: answerOf([{ type: "mcp_call" }, ...saying("Because.").output]) },
      { request: asked, answer: { ...saying("Bec"), status: "incomplete", incomplete_details: OUTPUT_LIMIT } },
    ],
    incompleteStreams: streamsOf("responses")
      .filter(({ complete }) => !complete)
      .map(({ raw }) => readBody(streamFormat(), raw)),
    invalidRequests: [{}, { model: "m" }, { input: "Why?" }, { model: "m", messages: [] }, { prompt: "x" }],
    malformedAnswers: [{ error: { message: "overloaded" } }, { output: [] }, { status: "completed", output: [null] }],
  });
  for (const { name, run } of cases) test(name, run);
});

describe("where requests are sent:", () => {
  test.each([
    ["https://api.openai.com/v1/responses", undefined],
    ["https://me:secret@proxy.example.com/openai/v1/responses?key=1", "https://proxy.example.com/openai/v1"],
    ["https://r.openai.azure.com/openai/responses?api-version=2025-04-01-preview", "https://r.openai.azure.com"],
    ["https://r.openai.azure.com/openai/v1/responses", "https://r.openai.azure.com"],
  ])("%s has the scope %s", (address, scope) => {
    const url = new URL(address);
    expect(http.matches(url)).toBe(true);
    const body = { ...asked, store: false };
    expect(http.find({ url, headers: new Headers(), body })).toEqual({ request: body, scope, isStream: false });
  });

  test.each([
    "/v1/responses/resp_1",
    "/v1/responses/resp_1/cancel",
    "/v1/responses/input_tokens",
    "/v1/chat/completions",
  ])("%s is another kind", (path) => expect(http.matches(new URL(path, URL_OF_OPENAI))).toBe(false));
});

describe("a request passes through", () => {
  const reference = { type: "item_reference", id: "rs_1" };
  test.each<[string, JsonObject]>([
    ["previous_response_id", { previous_response_id: "resp_1" }],
    ["conversation", { conversation: { id: "conv_1" } }],
    ["background", { background: true }],
    ["item_reference", { input: [{ role: "user", content: "Why?" }, reference] }],
    ["item_reference", { input: [{ id: "rs_1" }] }],
    ["prompt without version", { prompt: { id: "pmpt_1" } }],
    ["file_id", { input: [{ role: "user", content: [{ type: "input_file", file_id: "file_1" }] }] }],
    ["file_id", { prompt: { id: "p", version: "1", variables: { at: { type: "input_image", file_id: "file_1" } } } }],
    ["tool web_search_preview", { tools: [{ type: "function", name: "f" }, { type: "web_search_preview" }] }],
    ["tool mcp", { tools: [{ type: "namespace", name: "n", tools: [{ type: "mcp" }] }] }],
    ["tool shell", { input: [{ type: "additional_tools", tools: [{ type: "shell" }] }] }],
    ["unknown tool", { tools: [{ type: "a tool\nof its own" }] }],
    ["no request for a response", { input: 7 }],
  ])("because of %s", (passes, members) => {
    expect(entryOf(http, { path: "/v1/responses", headers: {}, body: { ...asked, ...members } })).toEqual({ passes });
  });

  test("not because of members that are null or empty, or of tools that the caller runs", () => {
    const tools = ["function", "custom", "local_shell", "apply_patch", "computer_use_preview"].map((type) => ({
      type,
    }));
    const body = { ...asked, previous_response_id: null, conversation: null, background: false, tools };
    expect(entryOf(http, { path: "/v1/responses", headers: {}, body })).toHaveProperty("key");
  });
});

test("the key holds the header OpenAI-Beta, and no breakpoint of a prompt cache", () => {
  const part = { type: "input_text", text: "Why?", prompt_cache_breakpoint: { mode: "explicit" } };
  const tool = { type: "function", name: "f", parameters: { properties: { prompt_cache_breakpoint: {} } } };
  const body = { ...asked, input: [{ role: "user", content: [part] }], tools: [tool], stream: true, store: false };
  const sent = structuredClone(body);
  const headers = new Headers({ "OpenAI-Beta": "b=1, a=1" });
  expect(http.find({ url: URL_OF_OPENAI, headers, body })).toEqual({
    request: {
      ...body,
      input: [{ role: "user", content: [{ type: "input_text", text: "Why?" }] }],
      "openai-beta": "a=1,b=1",
    },
    scope: undefined,
    isStream: true,
  });
  expect(body).toEqual(sent);
});

test("recorded calls share an entry where they ask for the same", () => {
  expect(recordedEntries(http)).toMatchInlineSnapshot(`
    "openai responses.create = openai responses.create stream = openai responses.stream helper
    openai responses.create full
    openai responses.parse zod
    openai responses tools
    openai azure responses.create
    @ai-sdk/openai generateText default = @ai-sdk/openai streamText default
    @ai-sdk/openai generateText Output.object default = @ai-sdk/openai generateObject default = @ai-sdk/openai streamObject default
    @ai-sdk/openai generateText tools default = @ai-sdk/openai streamText tools default
    @ai-sdk/openai generateText tools default (1)
    @ai-sdk/openai streamText tools default (1)
    @ai-sdk/openai generateText reasoning = @ai-sdk/openai streamText reasoning
    @ai-sdk/openai generateText Output.object reasoning = @ai-sdk/openai generateObject reasoning = @ai-sdk/openai streamObject reasoning
    @ai-sdk/openai generateText tools reasoning = @ai-sdk/openai streamText tools reasoning
    passes: item_reference: @ai-sdk/openai generateText tools reasoning (1)
    passes: item_reference: @ai-sdk/openai streamText tools reasoning (1)
    @ai-sdk/azure generateText default = @ai-sdk/azure streamText default
    @ai-sdk/azure generateText Output.object default = @ai-sdk/azure generateObject default = @ai-sdk/azure streamObject default
    @ai-sdk/azure generateText tools default = @ai-sdk/azure streamText tools default
    @ai-sdk/azure generateText tools default (1)
    @ai-sdk/azure streamText tools default (1)
    @ai-sdk/openai generateText store false reasoning tools
    @ai-sdk/openai generateText store false reasoning tools (1)
    @langchain/openai invoke responses = @langchain/openai stream responses = @langchain/openai batch of 3 equal responses = @langchain/openai batch of 3 equal responses (1)
    @langchain/openai withStructuredOutput responses
    @langchain/openai withStructuredOutput functionCalling responses
    @langchain/openai bindTools responses
    @langchain/openai batch of 3 equal responses (2)
    @openai/agents run = @openai/agents run stream
    @openai/agents run tools
    @openai/agents run tools (1)
    @openai/agents run default model
    @openai/agents run outputType zod
    @mastra/core agent.generate = @mastra/core agent.stream"
  `);
});

test("an answer repeats the ids of its own caller", () => {
  const answer = {
    ...saying("Hi."),
    metadata: { of: "another" },
    user: "another",
    store: true,
    service_tier: "default",
  };
  expect(http.echo?.(answer, { ...asked, user: "me", store: false, service_tier: "auto" })).toEqual({
    ...answer,
    metadata: {},
    user: "me",
    store: false,
  });
  const chunk = { type: "response.created", response: answer, obfuscation: "x7Qa" };
  expect(http.view?.({ ...asked, metadata: { of: "me" } })(chunk)).toEqual({
    type: "response.created",
    response: { ...answer, metadata: { of: "me" }, user: null },
  });
});

test("items that are done are the output where the last event has none", () => {
  const answer = saying("Hi.");
  const chunks = [...http.surface.chunksOf!(answer)].map((chunk) =>
    (chunk as JsonObject).type === "response.completed" ? { ...chunk, response: { ...answer, output: [] } } : chunk,
  );
  expect(aggregateOf(http.surface, chunks).answer()).toEqual(answer);
  expect(aggregateOf(http.surface, chunks.slice(0, -1)).answer()).toEqual({ ...answer, status: "in_progress" });
});

describe("the openai package reads a replay:", () => {
  test.each(stored)("$id", async ({ answer, request, path }) => {
    const whole = answer!;
    await using server = await replayServer("text/event-stream", writeBody(http, urlOf({}, path ?? "/"), whole));
    const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
    const { stream: _, ...params } = request;
    const stream = client.responses.stream(params as Parameters<typeof client.responses.stream>[0]);
    const texts: string[] = [];
    stream.on("response.output_text.delta", ({ delta }) => texts.push(delta));
    const { output, ...rest } = (await stream.finalResponse()) as unknown as JsonObject & { output: JsonObject[] };
    // The SDK adds `output_text`, and what it has parsed.
    expect({ ...rest, output }).toMatchObject(whole);
    expect(texts.join("")).toBe(rest.output_text);
  });

  test("items of every kind, by word", async () => {
    const answer = answerOf([
      {
        id: "rs_1",
        type: "reasoning",
        summary: [{ type: "summary_text", text: "Rivers of Poland" }],
        content: [{ type: "reasoning_text", text: "Kraków lies on the Vistula" }],
      },
      { id: "cu_1", type: "computer_call", status: "completed", call_id: "c1", pending_safety_checks: [] },
      ...saying("The Vistula, of course").output,
    ]);
    const body = writeBody(http, URL_OF_OPENAI, answer, true);
    await using server = await replayServer("text/event-stream", body);
    const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
    const stream = client.responses.stream({ model: "m", input: "Which river?" });
    expect(await stream.finalResponse()).toMatchObject(answer);
  });
});

function answerOf(output: readonly JsonObject[]) {
  return { id: "resp_1", object: "response", created_at: 1, status: "completed", model: "m", output, usage: null };
}

function saying(text: string) {
  const content = [{ type: "output_text", text, annotations: [], logprobs: [] }];
  return answerOf([{ id: "msg_1", type: "message", role: "assistant", status: "completed", content }]);
}

function streamFormat() {
  if (typeof http.stream !== "object") throw new Error("Responses have one format.");
  return http.stream;
}
