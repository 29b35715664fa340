import { describe, expect, test } from "vitest";
import { type ChatCompletion, type ChatParams, createClient, memoryStore } from "../../../src/index.ts";
import { completion, createTrace, scriptedProvider, user } from "../../doubles.ts";

const json = { response_format: { type: "json_object" } };

async function isStored(
  answer: ChatCompletion,
  params: Partial<ChatParams> = {},
  reason: string = "",
): Promise<boolean> {
  const client = createClient({
    provider: scriptedProvider(() => answer),
    store: memoryStore(),
    params: { model: "m" },
  });
  const miss = await client.infer(user("Hi"), params);
  expect(miss.completion).toEqual(answer); // given to this caller in any case
  const { source } = await client.infer(user("Hi"), params);
  expect(client.stats()).toMatchObject(
    source === "store"
      ? { stored: 1, notAdmitted: 0, notStored: {} }
      : { stored: 0, notAdmitted: 2, notStored: { [reason]: 2 } },
  );
  return source === "store";
}

const call = (name: string, args: unknown = "{}") => ({
  id: "1",
  type: "function",
  function: { name, arguments: args },
});
const called = { finish_reason: "tool_calls" };
const cut = (usage?: object): ChatCompletion => ({
  ...completion("a", {}, { finish_reason: "length" }),
  ...(usage && { usage: usage as never }),
});

describe("a complete, usable answer is stored", () => {
  test.each<[string, ChatCompletion, Partial<ChatParams>?]>([
    ["text", completion("a")],
    ["a tool call", completion(null, { tool_calls: [call("f")] }, called)],
    ["a tool call without arguments", completion(null, { tool_calls: [call("f", "")] }, called)],
    ["a tool call whose arguments are an object", completion(null, { tool_calls: [call("f", { a: 1 })] }, called)],
    [
      "a call of a custom tool",
      completion("", { tool_calls: [{ type: "custom", custom: { name: "f", input: "x" } }] }),
    ],
    ["a function call", completion(null, { function_call: { name: "f", arguments: "{}" } })],
    ["text beside an empty function call", completion("a", { function_call: { name: "", arguments: "" } })],
    ["text beside an empty error", completion("a", {}, { error: { message: "", code: null } })],
    ["a refusal", completion(null, { refusal: "No." })],
    ["audio", completion(null, { audio: { id: "a", data: "UklGRg==" } })],
    [
      "images without text",
      completion("", { images: [{ type: "image_url", image_url: { url: "data:image/png;base64,aa" } }] }),
    ],
    ["content in parts that hold text", completion([{ type: "text", text: "a" }] as never)],
    ["content in parts that hold an image", completion([{ type: "image", data: "aa" }] as never)],
    ["text cut off where the request said so", cut({ completion_tokens: 5 }), { max_tokens: 5 }],
    ["the same, by the newer name", cut({ completion_tokens: 5 }), { max_completion_tokens: 5 }],
    [
      "the same, where the total alone has the reasoning",
      cut({ prompt_tokens: 9, completion_tokens: 3, total_tokens: 109 }),
      { max_tokens: 100 },
    ],
    ["the same, without usage", { ...cut(), usage: null }, { max_tokens: 5 }],
    ["JSON in JSON mode", completion('{"a":1}'), json],
    ["fenced JSON in JSON mode", completion('```json\n{"a":1}\n```'), json],
    [
      "JSON in parts in JSON mode",
      completion([
        { type: "text", text: '{"a":' },
        { type: "text", text: "1}" },
      ] as never),
      json,
    ],
    ["a tool call in JSON mode", completion(null, { tool_calls: [call("f")] }, called), json],
    [
      "a tool call beside text that is no JSON in JSON mode",
      completion("Let me see.", { tool_calls: [call("f")] }, called),
      json,
    ],
  ])("%s", async (_, answer, params) => {
    expect(await isStored(answer, params)).toBe(true);
  });
});

describe("an answer that is not complete or not usable is returned once, not stored, and counted by its reason", () => {
  const unusable = (toolCall: unknown) => completion(null, { tool_calls: [toolCall] }, called);
  test.each<[string, string, ChatCompletion, Partial<ChatParams>?]>([
    ["no finish_reason", "finish-reason", completion("a", {}, { finish_reason: null })],
    ["an empty finish_reason", "finish-reason", completion("a", {}, { finish_reason: "" })],
    ["an error on the choice", "finish-reason", completion("a", {}, { error: { message: "Upstream failed" } })],
    ["a native error", "finish-reason", completion("a", {}, { native_finish_reason: "error" })],
    ["cut off by the server's own limit", "finish-reason", cut()],
    ["cut off though max_tokens is -1", "finish-reason", cut(), { max_tokens: -1 }],
    [
      "cut off before its limit: the window was full",
      "finish-reason",
      cut({ completion_tokens: 96 }),
      { max_tokens: 100_000 },
    ],
    [
      "two choices cut off, of which the usage shows one limit alone",
      "finish-reason",
      { ...cut({ completion_tokens: 120 }), choices: [...cut().choices, ...cut().choices] },
      { max_tokens: 100 },
    ],
    ["no content at all", "no-content", completion(null)],
    ["empty content", "no-content", completion("")],
    ["nothing but blanks", "no-content", completion(" \n\t")],
    [
      "parts without text",
      "no-content",
      completion([
        { type: "text", text: " " },
        { type: "thinking", thinking: "hm" },
      ] as never),
    ],
    ["an empty list of tool calls", "no-content", completion(null, { tool_calls: [] })],
    ["an empty function call", "no-content", completion(null, { function_call: {} })],
    ["audio without data", "no-content", completion(null, { audio: { id: "a", data: "", transcript: "Hi" } })],
    ["images of nothing", "no-content", completion("", { images: [null, {}] })],
    ["a tool call of nothing", "invalid-tool-call", unusable({})],
    ["a tool call of null", "invalid-tool-call", unusable(null)],
    ["a tool call without a name", "invalid-tool-call", unusable(call(""))],
    ["a tool call that was cut off", "invalid-tool-call", unusable(call("f", '{"city": "Par'))],
    [
      "one good tool call and one of nothing",
      "invalid-tool-call",
      completion("a", { tool_calls: [call("f"), null] }, called),
    ],
    ["no JSON in JSON mode", "invalid-json", completion("Sure! Here it is."), json],
    ["half JSON in JSON mode", "invalid-json", completion('{"a":'), { response_format: { type: "json_schema" } }],
    [
      "one bad choice of two",
      "no-content",
      { ...completion("a"), choices: [...completion("a").choices, ...completion("").choices] },
    ],
  ])("%s", async (_, reason, answer, params) => {
    expect(await isStored(answer, params, reason)).toBe(false);
  });
});

describe("what servers call the end of an answer", () => {
  test.each(["stop", "STOP", "eos", "eos_token", "end_turn", "stop_sequence", "COMPLETE"])(
    "%s is a whole answer",
    async (reason) => {
      expect(await isStored(completion("a", {}, { finish_reason: reason }))).toBe(true);
    },
  );

  test.each([
    "content_filter",
    "error",
    "insufficient_system_resource",
    "network_error",
    "sensitive",
    "model_context_window_exceeded",
    "model_length",
    "abort",
    "SAFETY",
    "null",
    "pause_turn",
    "a_word_of_tomorrow",
  ])("%s is none", async (reason) => {
    expect(await isStored(completion("a", {}, { finish_reason: reason }), {}, "finish-reason")).toBe(false);
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

describe("reasoning and response of a message", () => {
  async function resultOf(message: object, content: unknown = "a", params: Partial<ChatParams> = {}) {
    const provider = scriptedProvider(() => completion(content as string, message));
    const client = createClient({ provider, store: memoryStore(), params: { model: "m" } });
    const { response, metadata } = await client.infer(user("Hi"), params);
    return { response, text: metadata.response, reasoning: metadata.reasoning };
  }

  test.each([
    ["reasoning_content", { reasoning_content: "hm" }],
    ["reasoning", { reasoning: "hm" }],
    ["thinking", { thinking: "hm" }],
    ["reasoning beside an empty reasoning_content", { reasoning_content: "", reasoning: "hm" }],
    ["reasoning beside a null", { reasoning_content: null, reasoning: "hm" }],
  ])("%s", async (_, message) => {
    expect(await resultOf(message)).toEqual({ response: "a", text: "a", reasoning: "hm" });
  });

  test("content in parts gives both", async () => {
    const thinking = {
      type: "thinking",
      thinking: [
        { type: "text", text: "h" },
        { type: "text", text: "m" },
      ],
    };
    const parts = [thinking, { type: "text", text: "```json\n{" }, { type: "text", text: "}\n```" }];
    expect(await resultOf({}, parts, json)).toEqual({ response: "{}", text: "```json\n{}\n```", reasoning: "hm" });
    expect(await resultOf({}, parts)).toMatchObject({ response: "```json\n{}\n```" });
    expect(await resultOf({}, [{ type: "thinking", thinking: "hm" }])).toEqual({
      response: "",
      text: "",
      reasoning: "hm",
    });
  });

  test.each([[{}], [{ reasoning_content: "" }], [{ reasoning: null }], [{ reasoning: { effort: "low" } }]])(
    "%o has none",
    async (message) => {
      expect(await resultOf(message)).toEqual({ response: "a", text: "a", reasoning: undefined });
    },
  );
});

test('an answer without usage counts as no tokens, and one without text has the response ""', async () => {
  const { usage: _, ...answer } = completion(null, { tool_calls: [call("f")] });
  const client = createClient({
    provider: scriptedProvider(() => answer),
    store: memoryStore(),
    params: { model: "m" },
  });
  const result = await client.infer(user("Hi"));
  expect(result).toMatchObject({ response: "", metadata: { response: "", prompt_tokens: 0, completion_tokens: 0 } });
});

test("a usage of texts or objects never spoils a sum", async () => {
  const usages = [
    { prompt_tokens: "9", completion_tokens: {} },
    { prompt_tokens: null },
    { prompt_tokens: -1 },
    "none",
  ];
  const provider = scriptedProvider(() => ({ ...completion("a"), usage: usages.shift() as never }));
  const client = createClient({ provider, store: memoryStore(), params: { model: "m" } });
  for (const question of ["a", "b", "c", "d"]) {
    const { metadata } = await client.infer(question);
    expect([metadata.prompt_tokens, metadata.completion_tokens]).toEqual([question === "a" ? 9 : 0, 0]);
  }
  expect(client.stats().tokens.paid).toEqual({ prompt: 9, completion: 0 });
});
