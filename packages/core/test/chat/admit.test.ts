import { describe, expect, test } from "vitest";
import { type ChatCompletion, type ChatParams, createClient, memoryStore } from "../../src/index.ts";
import { completion, createTrace, scriptedProvider, user } from "../doubles.ts";

const json = { response_format: { type: "json_object" } };

async function isStored(answer: ChatCompletion, params: Partial<ChatParams> = {}): Promise<boolean> {
  const client = createClient({
    provider: scriptedProvider(() => answer),
    store: memoryStore(),
    params: { model: "m" },
  });
  const miss = await client.infer(user("Hi"), params);
  expect(miss.completion).toEqual(answer); // given to this caller in any case
  const { source } = await client.infer(user("Hi"), params);
  expect(client.stats()).toMatchObject(
    source === "store" ? { stored: 1, notAdmitted: 0 } : { stored: 0, notAdmitted: 2 },
  );
  return source === "store";
}

describe("a complete, usable answer is stored", () => {
  test.each<[string, ChatCompletion, Partial<ChatParams>?]>([
    ["text", completion("a")],
    ["a tool call", completion(null, { tool_calls: [{ id: "1", type: "function" }] }, { finish_reason: "tool_calls" })],
    [
      "a function call",
      completion(null, { function_call: { name: "f", arguments: "{}" } }, { finish_reason: "function_call" }),
    ],
    ["a refusal", completion(null, { refusal: "No." })],
    ["audio", completion(null, { audio: { id: "a", data: "" } })],
    ["text cut off where the request said so", completion("a", {}, { finish_reason: "length" }), { max_tokens: 1 }],
    ["the same, by the newer name", completion("a", {}, { finish_reason: "length" }), { max_completion_tokens: 1 }],
    ["JSON in JSON mode", completion('{"a":1}'), json],
    ["fenced JSON in JSON mode", completion('```json\n{"a":1}\n```'), json],
    ["a tool call in JSON mode", completion(null, { tool_calls: [{ id: "1" }] }), json],
  ])("%s", async (_, answer, params) => {
    expect(await isStored(answer, params)).toBe(true);
  });
});

describe("an answer that is not complete or not usable is given once and not stored", () => {
  test.each<[string, ChatCompletion, Partial<ChatParams>?]>([
    ["no finish_reason", completion("a", {}, { finish_reason: null })],
    ["an empty finish_reason", completion("a", {}, { finish_reason: "" })],
    ["filtered", completion("a", {}, { finish_reason: "content_filter" })],
    ["of a model that failed half-way", completion("a", {}, { finish_reason: "error" })],
    ["cut off by the server's own limit", completion("a", {}, { finish_reason: "length" })],
    ["no content at all", completion(null)],
    ["empty content", completion("")],
    ["an empty list of tool calls", completion(null, { tool_calls: [] })],
    ["no JSON in JSON mode", completion("Sure! Here it is."), json],
    ["half JSON in JSON mode", completion('{"a":'), { ...json, response_format: { type: "json_schema" } }],
    ["one bad choice of two", { ...completion("a"), choices: [...completion("a").choices, ...completion("").choices] }],
  ])("%s", async (_, answer, params) => {
    expect(await isStored(answer, params)).toBe(false);
  });
});

test("`admit` decides instead, and what it throws only keeps the answer out of the store", async () => {
  const trace = createTrace();
  let admit = (): boolean => true;
  const client = createClient({
    provider: scriptedProvider(() => completion("")),
    store: memoryStore(),
    params: { model: "m" },
    admit: () => admit(),
    onEvent: trace.record,
  });
  await client.infer(user("loose"));
  expect((await client.infer(user("loose"))).source).toBe("store");
  admit = () => false;
  await client.infer(user("tight"));
  admit = () => {
    throw new Error("broken rule");
  };
  await client.infer(user("broken"));
  expect(trace.types).toEqual(["miss", "stored", "hit", "miss", "not-admitted", "miss", "not-admitted"]);
  expect(trace.events.at(-1)).toMatchObject({ error: new Error("broken rule"), finishReason: "stop" });
});

test("in JSON mode the response has no fence, and metadata keeps the text as it came", async () => {
  const text = '```json\n{"a":1}\n```';
  const client = createClient({
    provider: scriptedProvider(() => completion(text)),
    store: memoryStore(),
    params: { model: "m" },
  });
  for (const params of [json, { response_format: { type: "json_schema", json_schema: {} } }]) {
    const result = await client.infer(user("Hi"), params);
    expect(result).toMatchObject({ response: '{"a":1}', metadata: { response: text } });
  }
  expect((await client.infer(user("Hi"))).response).toBe(text);
});

test("reasoning is separate from the response, under either name that servers use", async () => {
  for (const message of [{ reasoning_content: "hm" }, { reasoning: "hm" }]) {
    const provider = scriptedProvider(() => completion("a", message));
    const client = createClient({ provider, store: memoryStore(), params: { model: "m" } });
    expect((await client.infer(user("Hi"))).metadata.reasoning).toBe("hm");
  }
});

test('an answer without usage counts as no tokens, and one without text has the response ""', async () => {
  const { usage: _, ...answer } = completion(null, { tool_calls: [{ id: "1" }] });
  const client = createClient({
    provider: scriptedProvider(() => answer),
    store: memoryStore(),
    params: { model: "m" },
  });
  const result = await client.infer(user("Hi"));
  expect(result).toMatchObject({ response: "", metadata: { response: "", prompt_tokens: 0, completion_tokens: 0 } });
});
