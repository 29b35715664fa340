import { completionsServer } from "@remem/testing";
import { expect, onTestFinished, test } from "vitest";
import { qwenProvider } from "../src/index.ts";

const apiKey = "sk-test-0123456789abcdefghij";
const messages = [{ role: "user", content: "Why?" }] as const;
const request = { model: "Qwen/Qwen3-8B", messages: [...messages] };

test("a line of DashScope has the flag where the server reads it, and no stream", async () => {
  const { deferred } = qwenProvider({ dialect: "dashscope", apiKey });
  const line = (asked: object) => JSON.parse(deferred!.line("id", { ...request, ...asked }));
  expect(line({})).toEqual({
    custom_id: "id",
    method: "POST",
    url: "/v1/chat/completions",
    body: { ...request, enable_thinking: false },
  });
  const { body } = line({ enable_thinking: true });
  expect(body.enable_thinking).toBe(true);
  expect(body).not.toHaveProperty("stream");
  expect(body).not.toHaveProperty("stream_options");
});

test("the thoughts in an answer of a batch are separated as they are in one that was asked for directly", async () => {
  const server = await completionsServer();
  onTestFinished(() => server.close());
  const { deferred, generate } = qwenProvider({ dialect: "vllm", apiKey, baseURL: server.baseURL });
  const thinking = { ...request, enable_thinking: true };
  const message = { role: "assistant", content: "<think>\nHm.\n</think>\n\nBecause." };
  const body = {
    id: "1",
    object: "chat.completion",
    model: "m",
    choices: [{ index: 0, finish_reason: "stop", message }],
  };
  server.script([{ body }]);
  const direct = await generate(thinking, { signal: new AbortController().signal });
  expect(direct.choices[0]?.message).toMatchObject({ content: "Because.", reasoning_content: "Hm." });
  expect(deferred!.read!(body as never, thinking)).toEqual(direct);
});

test("there are no batches of Ollama, whose servers have no Batch API", () => {
  expect(qwenProvider({ dialect: "ollama" }).deferred).toBeUndefined();
});
