import { type ChatRequest, cacheKey, type JsonValue } from "@remem/core";
import { type Schema, schemas, validator } from "@remem/test-support/openapi";
import { completionsServer } from "@remem/testing";
import { describe, expect, test } from "vitest";
import { openaiProvider } from "../src/index.ts";

const validateRequest = validator("CreateChatCompletionRequest");

/** The fields that cannot change an answer. */
const OUTSIDE = new Set([
  "user",
  "safety_identifier",
  "prompt_cache_key",
  "prompt_cache_retention",
  "prompt_cache_options",
  "metadata",
  "store",
  "stream",
  "stream_options",
  "service_tier",
]);

/** Two valid values for every field of a request. A field added to the document fails the first test below. */
const values: Record<string, readonly [JsonValue, JsonValue]> = {
  messages: [[{ role: "user", content: "Hi" }], [{ role: "user", content: "Hi!" }]],
  model: ["gpt-4o-mini", "gpt-4o"],
  response_format: [{ type: "text" }, { type: "json_object" }],
  temperature: [0.5, 1],
  top_p: [0.5, 1],
  n: [2, 3],
  seed: [1, 2],
  stop: ["END", ["END", "FIN"]],
  max_tokens: [10, 11],
  max_completion_tokens: [10, 11],
  presence_penalty: [0, 1],
  frequency_penalty: [0, 1],
  logit_bias: [{ "50256": -100 }, { "50256": 100 }],
  logprobs: [true, false],
  top_logprobs: [1, 2],
  tools: [[functionTool("a")], [functionTool("b")]],
  tool_choice: ["auto", "required"],
  parallel_tool_calls: [true, false],
  functions: [[{ name: "a" }], [{ name: "b" }]],
  function_call: ["auto", "none"],
  modalities: [["text"], ["text", "audio"]],
  audio: [
    { voice: "alloy", format: "mp3" },
    { voice: "ash", format: "mp3" },
  ],
  prediction: [
    { type: "content", content: "a" },
    { type: "content", content: "b" },
  ],
  reasoning_effort: ["low", "high"],
  verbosity: ["low", "high"],
  web_search_options: [{ search_context_size: "low" }, { search_context_size: "high" }],
  moderation: [{ model: "omni-moderation-latest" }, { model: "omni-moderation-2024-09-26" }],
  user: ["u1", "u2"],
  safety_identifier: ["s1", "s2"],
  prompt_cache_key: ["k1", "k2"],
  prompt_cache_retention: ["in_memory", "24h"],
  prompt_cache_options: [{ mode: "explicit" }, { mode: "implicit" }],
  metadata: [{ a: "1" }, { a: "2" }],
  store: [true, false],
  stream: [true, false],
  stream_options: [{ include_usage: true }, { include_usage: false }],
  service_tier: ["auto", "flex"],
};

function functionTool(name: string): JsonValue {
  return {
    type: "function",
    function: { name, description: "d", parameters: { type: "object", properties: { q: { type: "string" } } } },
  };
}

const base = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Hi" }] } as const satisfies ChatRequest;
const fields = Object.keys(values);

test("every request field of the document is covered", () => {
  expect(fields.toSorted()).toEqual(requestFields().toSorted());
});

describe("a changed field changes the key, unless it cannot change the answer", () => {
  test.each(fields)("%s", (field) => {
    const [one, other] = values[field]!.map((value) => ({ ...base, [field]: value }));
    expect([validateRequest(one), validateRequest(other)]).toEqual([[], []]);
    const keys = new Set([cacheKey(one!), cacheKey(other!)]);
    expect(keys.size).toBe(OUTSIDE.has(field) ? 1 : 2);
    if (OUTSIDE.has(field)) expect(keys).toEqual(new Set([cacheKey(base)]));
    expect(cacheKey(reversed(one!) as ChatRequest)).toBe(cacheKey(one!));
  });
});

test("a change anywhere inside a field changes the key", () => {
  const request: ChatRequest = {
    ...base,
    ...Object.fromEntries(fields.filter((field) => !OUTSIDE.has(field)).map((field) => [field, values[field]![0]])),
  } as ChatRequest;
  const keys = [request, ...variants(request)].map((variant) => cacheKey(variant as ChatRequest));
  expect(keys.length).toBeGreaterThan(50);
  expect(new Set(keys).size).toBe(keys.length);
});

test("requests are valid by the document, field by field and all together", async () => {
  const server = await completionsServer();
  const provider = openaiProvider({ apiKey: "sk-test", baseURL: server.baseURL });
  const { stream: _, stream_options: __, ...rest } = values;
  const whole = Object.fromEntries(Object.entries(rest).map(([field, [value]]) => [field, value]));
  const requests = [
    ...Object.keys(rest).map((field) => ({ ...base, [field]: values[field]![1] })),
    { ...base, ...whole },
  ];
  for (const request of requests)
    await provider.generate(request as ChatRequest, { signal: new AbortController().signal });
  expect(server.requests.map(({ body }) => validateRequest(body))).toEqual(requests.map(() => []));
  expect(server.requests.map(({ body }) => body)).toEqual(requests);
  await server.close();
});

/** The field names of a request, including those in nested `allOf`s. */
function requestFields(): string[] {
  const names = new Set<string>();
  collect(schemas.CreateChatCompletionRequest);
  return [...names];

  function collect(schema: Schema | undefined): void {
    if (schema?.$ref !== undefined) collect(schemas[schema.$ref.split("/").at(-1)!]);
    for (const part of schema?.allOf ?? []) collect(part);
    for (const name of Object.keys(schema?.properties ?? {})) names.add(name);
  }
}

/** The value with the members of every object in reverse order. */
function reversed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, reversed(member!)]),
  );
}

/** Copies of the value, each of which differs in one leaf or one member. */
function* variants(value: JsonValue): Generator<JsonValue> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) for (const variant of variants(item)) yield value.with(index, variant);
    yield [...value, 0];
  } else if (typeof value === "object" && value !== null) {
    for (const [name, member] of Object.entries(value))
      for (const variant of variants(member!)) yield { ...value, [name]: variant };
    yield { ...value, unknown_member: true };
  } else {
    yield typeof value === "string" ? `${value} ` : typeof value === "number" ? value + 1 : !value;
  }
}
