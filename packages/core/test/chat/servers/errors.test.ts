import { describe, expect, test } from "vitest";
import { errorIn, type ServerError } from "../../../src/chat/servers/errors.ts";

const DASHSCOPE = "https://dashscope.aliyuncs.com/compatible-mode/v1";
const QUOTA = "You exceeded your current quota, please check your plan and billing details.";
const choices = [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Hi" } }];

test.each<[string, unknown, ServerError, string?]>([
  [
    "OpenAI's",
    { error: { message: "bad", type: "invalid_request_error", param: "n", code: null } },
    { message: "bad", type: "invalid_request_error", param: "n" },
  ],
  [
    "OpenAI's exhausted quota",
    { error: { message: QUOTA, type: "insufficient_quota", param: null, code: "insufficient_quota" } },
    { message: QUOTA, type: "insufficient_quota", code: "insufficient_quota", retryable: false },
  ],
  [
    "OpenAI's exhausted quota without a code",
    { error: { message: QUOTA, type: "insufficient_quota", param: null, code: null } },
    { message: QUOTA, type: "insufficient_quota", retryable: false },
  ],
  [
    "DashScope's quota by the minute, by its host",
    { error: { message: QUOTA, type: "insufficient_quota", code: "insufficient_quota" }, request_id: "1" },
    { message: QUOTA, type: "insufficient_quota", code: "insufficient_quota", status: 429, retryable: true },
    DASHSCOPE,
  ],
  [
    "the same behind a proxy, by what it links to",
    {
      error: { message: `${QUOTA} See https://help.aliyun.com/zh/model-studio/error-code`, code: "insufficient_quota" },
    },
    {
      message: `${QUOTA} See https://help.aliyun.com/zh/model-studio/error-code`,
      code: "insufficient_quota",
      status: 429,
      retryable: true,
    },
    "https://proxy.example/v1",
  ],
  [
    "DashScope's throttle, whoever passes it on",
    { error: { message: "slow", code: "Throttling.AllocationQuota" } },
    { message: "slow", code: "Throttling.AllocationQuota", status: 429, retryable: true },
  ],
  [
    "DashScope's throttle at the top",
    { code: "Throttling", message: "slow", request_id: "1" },
    { message: "slow", code: "Throttling", status: 429, retryable: true },
  ],
  [
    "DashScope's overdue bill",
    { code: "Arrearage", message: "pay" },
    { message: "pay", code: "Arrearage", retryable: false },
  ],
  [
    "OpenRouter's, with the words of the model's provider",
    {
      error: { code: 502, message: "Provider returned error", metadata: { provider_name: "X", raw: "out of memory" } },
    },
    { message: "Provider returned error: out of memory", code: 502, status: 502 },
  ],
  [
    "OpenRouter's, with such words as JSON",
    {
      error: { code: 429, message: "Provider returned error", metadata: { raw: '{"error":{"message":"slow down"}}' } },
    },
    { message: "Provider returned error: slow down", code: 429, status: 429 },
  ],
  [
    "one on a choice",
    { choices: [{ ...choices[0], error: { code: 503, message: "gone" } }] },
    { message: "gone", code: 503, status: 503 },
  ],
  [
    "the reason of a choice",
    { choices: [{ ...choices[0], finish_reason: "error" }] },
    { message: "the model failed before its answer was complete", code: "error", retryable: true },
  ],
  [
    "the reason of the model's provider",
    { choices: [{ ...choices[0], native_finish_reason: "error" }] },
    { message: "the model failed before its answer was complete", code: "error", retryable: true },
  ],
  [
    "MiniMax's rate limit, beside choices",
    { choices, base_resp: { status_code: 1002, status_msg: "rate limit" } },
    { message: "rate limit", code: 1002, status: 429, retryable: true },
  ],
  [
    "MiniMax's empty balance",
    { choices: null, base_resp: { status_code: 1008, status_msg: "insufficient balance" } },
    { message: "insufficient balance", code: 1008, retryable: false },
  ],
  [
    "Gemini's",
    { error: { code: 400, message: "bad", status: "INVALID_ARGUMENT" } },
    { message: "bad", code: 400, type: "INVALID_ARGUMENT", status: 400 },
  ],
  [
    "Gemini's in a list",
    [{ error: { code: 429, message: "slow", status: "RESOURCE_EXHAUSTED" } }],
    { message: "slow", code: 429, type: "RESOURCE_EXHAUSTED", status: 429 },
  ],
  [
    "Databricks'",
    { error_code: "REQUEST_LIMIT_EXCEEDED", message: "slow" },
    { message: "slow", code: "REQUEST_LIMIT_EXCEEDED", status: 429, retryable: true },
  ],
  [
    "vLLM's without a wrapper",
    { object: "error", message: "bad", type: "BadRequestError", param: null, code: 400 },
    { message: "bad", type: "BadRequestError", code: 400, status: 400 },
  ],
  ["FastAPI's text", { detail: "Not authenticated" }, { message: "Not authenticated" }],
  [
    "FastAPI's list",
    {
      detail: [
        { loc: ["body", "n"], msg: "Field required", type: "missing" },
        { loc: ["body"], msg: "bad", type: "x" },
      ],
    },
    { message: "body.n: Field required; body: bad", type: "missing", param: "body.n" },
  ],
  ["text", { error: "gone" }, { message: "gone" }],
  ["text, with a message", { error: "Not Found", message: "no model" }, { message: "Not Found: no model" }],
  ["an error without words", { error: { code: 500 } }, { message: '{"code":500}', code: 500, status: 500 }],
  ["an error of another form", { error: ["gone", 1] }, { message: '["gone",1]' }],
  ["an error beside choices", { choices, error: { message: "gone" } }, { message: "gone" }],
])("finds %s", (_, body, expected, host) => {
  expect(errorIn(body, host)).toEqual(expected);
});

describe("finds none in", () => {
  test.each([null, undefined, {}, "", "", false, 0, [], { message: "" }, { message: null, code: "" }, [{}]])(
    "an answer with the error %j",
    (error) => {
      expect(errorIn({ choices, error })).toBeUndefined();
    },
  );

  test.each([
    null,
    "text",
    1,
    {},
    [],
    { choices },
    { choices: [] },
    { choices, base_resp: { status_code: 0, status_msg: "" } },
    { choices, code: "", message: "" },
    { choices, message: "Have a nice day.", detail: "none", error_code: 0 },
    { id: "1", object: "chat.completion.chunk", usage: { total_tokens: 1 } },
    { message: { role: "assistant", content: "Hi" } },
  ])("%j", (body) => {
    expect(errorIn(body)).toBeUndefined();
  });
});
