import { cacheKey, createClient, type InferResult, memoryStore, ProviderError } from "@remem/core";
import { type CompletionsServer, completionsServer, type Fault } from "@remem/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DialectName, qwenProvider } from "../src/index.ts";

/** Answers over HTTP in the formats that the vendors document, without access to their servers. */
const model = "Qwen/Qwen3-8B";
const question = [{ role: "user", content: "What is 6 times 7?" }] as const;
const apiKey = "sk-test-0123456789abcdefghij";

let server: CompletionsServer;
beforeEach(async () => {
  server = await completionsServer();
});
afterEach(() => server.close());

function clientOf(dialect: DialectName) {
  const provider = qwenProvider({ dialect, apiKey, baseURL: server.baseURL, maxRetries: 0 });
  return createClient({ provider, store: memoryStore(), params: { model } });
}

function completion(message: object, more: object = {}): Fault {
  const usage = { prompt_tokens: 20, completion_tokens: 30, total_tokens: 50 };
  const choice = {
    index: 0,
    finish_reason: "stop",
    logprobs: null,
    message: { role: "assistant", ...message },
    ...more,
  };
  return { body: { id: "chatcmpl-1", object: "chat.completion", created: 1, model, choices: [choice], usage } };
}

/** A stream as in DashScope's documentation, with `usage` in the last chunk. */
function thinkingStream(...more: readonly string[]): Fault {
  const envelope = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model, system_fingerprint: null };
  const chunk = (delta: object | null, finish_reason: string | null = null) => ({
    ...envelope,
    choices: delta === null ? [] : [{ index: 0, delta, logprobs: null, finish_reason }],
    usage: null as object | null,
  });
  const chunks = [
    chunk({ role: "assistant", content: null, reasoning_content: "" }),
    chunk({ content: null, reasoning_content: "Six times seven" }),
    chunk({ content: null, reasoning_content: " is 42." }),
    chunk({ content: "4", reasoning_content: null }),
    chunk({ content: "2", reasoning_content: null }),
    chunk({ content: "", reasoning_content: null }, "stop"),
    {
      ...chunk(null),
      usage: {
        prompt_tokens: 20,
        completion_tokens: 30,
        total_tokens: 50,
        completion_tokens_details: { reasoning_tokens: 25 },
      },
    },
  ];
  const events = [...chunks.map((chunk) => JSON.stringify(chunk)), "[DONE]"].map((data) => `data: ${data}\n\n`);
  return { body: [...more, ...events].join("") };
}

const thoughts = "Six times seven is 42.";

describe("thinking and not thinking are separate entries, and a hit equals its miss:", () => {
  test.each<[string, DialectName, { on: Fault; off: Fault }]>([
    [
      "vLLM with a reasoning parser",
      "vllm",
      { on: completion({ content: "42", reasoning: thoughts }), off: completion({ content: "42", reasoning: null }) },
    ],
    [
      "SGLang, and vLLM of 2025",
      "vllm",
      {
        on: completion({ content: "42", reasoning_content: thoughts }),
        off: completion({ content: "42", reasoning_content: null }),
      },
    ],
    [
      "vLLM without a parser",
      "vllm",
      {
        on: completion({ content: `<think>\n${thoughts}\n</think>\n\n42`, reasoning_content: null }),
        off: completion({ content: "<think>\n\n</think>\n\n42", reasoning_content: null }),
      },
    ],
    [
      "vLLM without a parser, with a template that opens the block",
      "vllm",
      { on: completion({ content: `${thoughts}\n</think>\n\n42` }), off: completion({ content: "42" }) },
    ],
    ["DashScope", "dashscope", { on: thinkingStream(), off: completion({ content: "42" }) }],
    [
      "Ollama",
      "ollama",
      { on: completion({ content: "42", reasoning: thoughts }), off: completion({ content: "42" }) },
    ],
  ])("%s", async (_, dialect, { on, off }) => {
    const client = clientOf(dialect);
    server.script([on, off]);
    const [thinking, plain] = [
      await client.infer(question, { enable_thinking: true }),
      await client.infer(question, { enable_thinking: false }),
    ];
    expect(thinking).toMatchObject({ response: "42", cacheHit: false, metadata: { reasoning: thoughts } });
    expect(thinking.metadata).toMatchObject({ prompt_tokens: 20, completion_tokens: 30, finish_reason: "stop" });
    expect(plain).toMatchObject({ response: "42", cacheHit: false });
    expect(plain.metadata).not.toHaveProperty("reasoning");
    expect(plain.key).not.toBe(thinking.key);

    const hits = [await client.infer(question, { enable_thinking: true }), await client.infer(question)];
    const served = (miss: InferResult): InferResult => ({ ...miss, cacheHit: true, source: "store" });
    expect(hits).toEqual([served(thinking), served(plain)]);
    expect(server.calls).toBe(2);
    await client.close();
  });
});

test("a thinking request to DashScope asks for a stream that reports its tokens, any other does not", async () => {
  const client = clientOf("dashscope");
  server.script([thinkingStream(": keep-alive\n\n")]);
  const { completion } = await client.infer(question, { enable_thinking: true });
  expect(completion.usage).toMatchObject({ completion_tokens_details: { reasoning_tokens: 25 } });
  expect(completion).toMatchObject({ object: "chat.completion", id: "chatcmpl-1" });
  await client.infer(question);
  expect(server.requests.map(({ body }) => body)).toEqual([
    expect.objectContaining({ stream: true, stream_options: { include_usage: true }, enable_thinking: true }),
    { model, messages: question, enable_thinking: false },
  ]);
  await client.close();
});

test("JSON is separated from the thoughts before it, and stored", async () => {
  const client = clientOf("vllm");
  server.script([completion({ content: '<think>Braces.</think>\n\n{"answer":42}' })]);
  const params = { enable_thinking: true, response_format: { type: "json_object" } };
  const miss = await client.infer(question, params);
  const hit = await client.infer(question, params);
  expect([miss.response, hit.response, hit.source]).toEqual(['{"answer":42}', '{"answer":42}', "store"]);
  await client.close();
});

test("thoughts that used up all tokens are not an answer, and not stored", async () => {
  const client = clientOf("vllm");
  const cutOff = completion({ content: "<think>\nSix times" }, { finish_reason: "length" });
  server.script([cutOff, cutOff]);
  const params = { enable_thinking: true, max_tokens: 4 };
  for (let round = 0; round < 2; round++) {
    const { response, metadata, source } = await client.infer(question, params);
    expect([response, metadata.reasoning, source]).toEqual(["", "Six times", "provider"]);
  }
  await client.close();
});

test("without a scope, a request that does not think has the same key as in Python", async () => {
  const provider = qwenProvider({ apiKey, baseURL: server.baseURL, scope: false });
  const client = createClient({ provider, store: memoryStore(), params: { model, n: 1, seed: 0, temperature: 0 } });
  const { key } = await client.infer(question, { enable_thinking: false });
  expect(key).toBe(cacheKey({ model, messages: question, seed: 0, temperature: 0 }));
  expect((await client.infer(question)).cacheHit).toBe(true);
  await client.close();
});

test("a request for something the model cannot do is refused before anything is sent", async () => {
  const client = clientOf("vllm");
  const params = { model: "Qwen/Qwen3-4B-Instruct-2507", enable_thinking: true };
  await expect(client.infer(question, params)).rejects.toMatchObject({
    code: "INVALID_REQUEST",
    path: "/enable_thinking",
  });
  const [failure] = await client.batchInfer([question], params);
  expect(failure).toMatchObject({ error: { code: "INVALID_REQUEST" } });
  expect(server.calls).toBe(0);
  await client.close();
});

describe("a failure is a ProviderError of this provider:", () => {
  const onlyStreams = "parameter.enable_thinking must be set to false for non-streaming calls";

  test.each<[string, DialectName, Fault, object]>([
    [
      "DashScope refuses",
      "dashscope",
      {
        status: 400,
        body: {
          error: { code: "invalid_parameter_error", param: null, message: onlyStreams, type: "invalid_request_error" },
          id: "chatcmpl-145078e8",
          request_id: "145078e8",
        },
      },
      { status: 400, message: expect.stringContaining(onlyStreams), cause: { code: "invalid_parameter_error" } },
    ],
    [
      "vLLM refuses",
      "vllm",
      { status: 400, body: { error: { message: "too long", type: "BadRequestError", param: null, code: 400 } } },
      { status: 400, message: expect.stringContaining("too long") },
    ],
    [
      "an old vLLM refuses",
      "vllm",
      { status: 404, body: { object: "error", message: "no such model", type: "NotFoundError", code: 404 } },
      { status: 404 },
    ],
    [
      "Ollama refuses",
      "ollama",
      {
        status: 400,
        body: {
          error: {
            message: '"llama3" does not support thinking',
            type: "invalid_request_error",
            param: null,
            code: null,
          },
        },
      },
      { status: 400, message: expect.stringContaining("does not support thinking") },
    ],
    [
      "DashScope fails within a stream",
      "dashscope",
      thinkingStream('data: {"error":{"code":"internal_error","message":"It broke."},"request_id":"1"}\n\n'),
      { status: 200, message: expect.stringContaining("It broke.") },
    ],
    [
      "DashScope ends its stream early",
      "dashscope",
      { body: `data: ${JSON.stringify({ choices: [{ index: 0, delta: { reasoning_content: "Six" } }] })}\n\n` },
      { status: 200, retryable: true },
    ],
  ])("%s", async (_, dialect, fault, expected) => {
    const client = clientOf(dialect);
    server.script([fault]);
    const error = await client.infer(question, { enable_thinking: true }).catch((error: unknown) => error);
    expect(ProviderError.is(error)).toBe(true);
    expect(error).toMatchObject({ provider: "qwen", ...expected });
    expect(await client.has(question, { enable_thinking: true })).toBe(false);
    await client.close();
  });
});

test("a quota of DashScope is one by the minute, and so worth a retry, also behind an address of one's own", async () => {
  const error = { message: "You exceeded your current quota.", type: "insufficient_quota", code: "insufficient_quota" };
  for (const [dialect, retryable] of [
    ["dashscope", true],
    ["vllm", false],
  ] as const) {
    server.script([{ status: 429, body: { error } }]);
    await expect(clientOf(dialect).infer("Hi")).rejects.toMatchObject({ status: 429, retryable });
  }
});
