import { inspect } from "node:util";
import { type ChatRequest, type JsonValue, ProviderError } from "@remem/core";
import { type CompletionsServer, completionsServer, type Fault } from "@remem/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openaiProvider } from "../../src/index.ts";
import { API_KEY, providerBy, SDKS } from "../sdks.ts";

let server: CompletionsServer;
beforeEach(async () => {
  server = await completionsServer();
});
afterEach(() => server.close());

const soon = { "retry-after-ms": "1" };
const piece = `data: ${JSON.stringify({ id: "1", choices: [{ index: 0, delta: { content: "Hi" } }] })}\n\n`;
const message = { role: "assistant", content: "Hi" };
const whole = { id: "1", choices: [{ index: 0, finish_reason: "stop", message }] };

interface Expected {
  readonly status?: number;
  readonly retryable: boolean;
  readonly words: string;
  readonly cause?: object;
}

/** What servers answer with a 200, plain or in a stream. */
const IN_A_200: ReadonlyArray<readonly [name: string, body: JsonValue, expected: Expected]> = [
  ...[429, 502, 503].map((code) => {
    const expected = { status: code, retryable: true, words: "upstream gave up", cause: { code, status: code } };
    return [`the code ${code}`, { error: { code, message: "upstream gave up" } }, expected] as const;
  }),
  [
    "a code that is text",
    { error: { code: "429", message: "slow", type: "t", param: "p" } },
    { status: 429, retryable: true, words: "slow", cause: { code: "429", type: "t", param: "p" } },
  ],
  [
    "a refusal",
    { error: { code: 403, message: "flagged" } },
    { status: 403, retryable: false, words: "flagged", cause: { code: 403 } },
  ],
  [
    "OpenRouter's words of the model's provider",
    {
      error: { code: 502, message: "Provider returned error", metadata: { raw: '{"error":{"message":"no memory"}}' } },
    },
    { status: 502, retryable: true, words: "Provider returned error: no memory", cause: { code: 502 } },
  ],
  [
    "an error on a choice",
    {
      ...whole,
      choices: [{ ...whole.choices[0]!, finish_reason: "error", error: { code: 502, message: "it broke" } }],
    },
    { status: 502, retryable: true, words: "it broke", cause: { code: 502 } },
  ],
  [
    "the native reason `error`",
    { ...whole, choices: [{ ...whole.choices[0]!, native_finish_reason: "error" }] },
    { retryable: true, words: "the model failed before its answer was complete" },
  ],
  [
    "the reason `error`",
    { ...whole, choices: [{ ...whole.choices[0]!, finish_reason: "error" }] },
    { retryable: true, words: "the model failed before its answer was complete" },
  ],
  [
    "MiniMax's rate limit",
    { ...whole, base_resp: { status_code: 1002, status_msg: "rate limit" } },
    { status: 429, retryable: true, words: "rate limit", cause: { code: 1002 } },
  ],
  [
    "MiniMax's refusal",
    { choices: null, base_resp: { status_code: 1004, status_msg: "login fail" } },
    { retryable: false, words: "login fail", cause: { code: 1004 } },
  ],
  [
    "a code and a message",
    { code: "oops", message: "it broke" },
    { retryable: false, words: "it broke", cause: { code: "oops" } },
  ],
  [
    "DashScope's throttle",
    { code: "Throttling.RateQuota", message: "slow", request_id: "1" },
    { status: 429, retryable: true, words: "slow", cause: { code: "Throttling.RateQuota" } },
  ],
  ["text", { error: "it broke" }, { retryable: false, words: "it broke" }],
  ["a detail", { detail: "it broke" }, { retryable: false, words: "it broke" }],
];

/** What servers answer with a status. */
const FAILURES: ReadonlyArray<
  readonly [name: string, status: number, body: JsonValue, expected: Omit<Expected, "status">]
> = [
  [
    "OpenAI's",
    400,
    { error: { message: "it broke", type: "t", param: "p", code: "c" } },
    { retryable: false, words: "it broke", cause: { code: "c", type: "t", param: "p" } },
  ],
  [
    "vLLM's without a wrapper",
    400,
    { object: "error", message: "it broke", type: "BadRequestError", param: "p", code: 400 },
    { retryable: false, words: "it broke", cause: { code: 400, type: "BadRequestError", param: "p" } },
  ],
  [
    "Gemini's",
    429,
    { error: { code: 429, message: "it broke", status: "RESOURCE_EXHAUSTED" } },
    { retryable: true, words: "it broke", cause: { code: 429, type: "RESOURCE_EXHAUSTED" } },
  ],
  [
    "Gemini's in a list",
    400,
    [{ error: { code: 400, message: "it broke", status: "INVALID_ARGUMENT" } }],
    { retryable: false, words: "it broke", cause: { code: 400, type: "INVALID_ARGUMENT" } },
  ],
  ["FastAPI's text", 401, { detail: "it broke" }, { retryable: false, words: "it broke" }],
  [
    "FastAPI's list",
    422,
    { detail: [{ loc: ["body", "n"], msg: "it broke", type: "missing" }] },
    { retryable: false, words: "body.n: it broke", cause: { type: "missing", param: "body.n" } },
  ],
  [
    "Databricks'",
    429,
    { error_code: "REQUEST_LIMIT_EXCEEDED", message: "it broke" },
    { retryable: true, words: "it broke", cause: { code: "REQUEST_LIMIT_EXCEEDED" } },
  ],
  [
    "OpenRouter's",
    502,
    { error: { code: 502, message: "Provider returned error", metadata: { raw: "it broke" } } },
    { retryable: true, words: "Provider returned error: it broke", cause: { code: 502 } },
  ],
  ["text", 404, { error: "it broke" }, { retryable: false, words: "it broke" }],
  ["a message", 403, { message: "it broke" }, { retryable: false, words: "it broke" }],
  ["text that is JSON", 400, '"it broke"', { retryable: false, words: "it broke" }],
  ["another object", 400, { reason: "it broke" }, { retryable: false, words: '{"reason":"it broke"}' }],
  ["after a byte order mark", 400, '\uFEFF{"message":"it broke"}', { retryable: false, words: "it broke" }],
  [
    "an event of DashScope's",
    400,
    'id:1\nevent:error\n:HTTP_STATUS/400\ndata:{"code":"InvalidParameter","message":"it broke"}\n\n',
    { retryable: false, words: "it broke", cause: { code: "InvalidParameter" } },
  ],
  [
    "DashScope's throttle",
    429,
    { code: "Throttling", message: "it broke" },
    { retryable: true, words: "it broke", cause: { code: "Throttling" } },
  ],
  [
    "DashScope's overdue bill",
    400,
    { error: { code: "Arrearage", message: "it broke", type: "Arrearage", param: null } },
    { retryable: false, words: "it broke", cause: { code: "Arrearage" } },
  ],
];

describe.each(SDKS.flatMap(([name, sdk]) => [false, true].map((stream) => ({ name, sdk, stream }))))(
  "$name, stream: $stream:",
  ({ sdk, stream }) => {
    const request: ChatRequest = { model: "m", messages: [{ role: "user", content: "Hi" }], stream };

    function ask(options: { readonly maxRetries?: number; readonly path?: string } = {}) {
      const { path = "", ...rest } = options;
      return providerBy(sdk, server.baseURL + path, rest).generate(request, { signal: new AbortController().signal });
    }

    async function failure(faults: readonly Fault[], options: Parameters<typeof ask>[0] = {}): Promise<ProviderError> {
      server.script(faults);
      const error = await ask(options).catch((error: unknown) => error);
      expect(ProviderError.is(error), inspect(error)).toBe(true);
      return error as ProviderError;
    }

    function expectError(error: ProviderError, { status = 200, retryable, words, cause = {} }: Expected): void {
      expect(error).toMatchObject({ code: "PROVIDER_ERROR", status, retryable, cause });
      expect(error.message).toContain(words);
      expect(error.cause).toBeInstanceOf(Error);
      expect((error.cause as Error).message).toContain(words);
    }

    test.each(IN_A_200)("a 200 with %s is that error", async (_, body, expected) => {
      for (const fault of [
        { body },
        { body: JSON.stringify(body), headers: { "content-type": "text/plain" } },
        { body: `data: ${JSON.stringify(body)}\n\n` },
        { body: `event: error\ndata: ${JSON.stringify(body)}\n\n` },
        { body: `${piece}data: ${JSON.stringify(body)}\n\ndata: [DONE]\n\n` },
        { body: `${piece}data: ${JSON.stringify(body)}\n` },
        { body: `${piece}data: ${JSON.stringify(body)}` },
      ]) {
        expectError(await failure([fault], { maxRetries: 2 }), expected);
      }
      expect(server.calls).toBe(7);
    });

    test("a stream that ends with an event `error` is that error, in any form", async () => {
      for (const data of ['"it broke"', "it broke", '{"reason":"it broke"}']) {
        const error = await failure([{ body: `${piece}event: error\ndata: ${data}\n\n` }]);
        expectError(error, { retryable: false, words: "it broke" });
      }
    });

    test.each(FAILURES)("a failure with %s keeps what the server said", async (_, status, body, expected) => {
      const error = await failure([{ status, body }]);
      expectError(error, { status, ...expected });
      expect(error.message).toContain(`"openai" answered ${status} ${expected.words}`);
    });

    const quota = (message: string): Fault => ({
      status: 429,
      headers: soon,
      body: { error: { message, type: "insufficient_quota", code: "insufficient_quota", param: null } },
    });

    test("an exhausted quota of OpenAI is not retried, and one by the minute of DashScope is", async () => {
      const ofOpenAI = "You exceeded your quota: https://platform.openai.com/docs/guides/error-codes/api-errors.";
      const faults = Array(3).fill(quota(ofOpenAI));
      expect(await failure(faults.slice(2), { maxRetries: 2 })).toMatchObject({ status: 429, retryable: false });
      expect(server.calls).toBe(1);

      const ofAlibaba = "You exceeded your quota: https://help.aliyun.com/zh/model-studio/error-code#token-limit";
      expect(await failure(Array(3).fill(quota(ofAlibaba)), { maxRetries: 2 })).toMatchObject({
        status: 429,
        retryable: true,
      });
      expect(server.calls).toBe(4);
    });

    test("a quota of DashScope is known by the body's request_id, wherever the server stands", async () => {
      const { body, ...rest } = quota("You exceeded your current quota.");
      const fault = { ...rest, body: { ...(body as object), request_id: "1f2e3d" } };
      expect(await failure([fault], { maxRetries: 0 })).toMatchObject({ status: 429, retryable: true });
    });

    test("a quota of DashScope is known by its address, too", async () => {
      const client = new sdk.OpenAI({
        apiKey: API_KEY,
        baseURL: "https://dashscope.aliyuncs.com/compatible-mode/v1",
        maxRetries: 1,
        fetch: (_, init) => fetch(`${server.baseURL}/chat/completions`, init),
      });
      server.script([quota("You exceeded your current quota."), quota("You exceeded your current quota.")]);
      const call = openaiProvider({ client }).generate(request, { signal: new AbortController().signal });
      await expect(call).rejects.toMatchObject({ status: 429, retryable: true, cause: { code: "insufficient_quota" } });
      expect(server.calls).toBe(2);
    });

    test.each([{}, "", false, { message: "" }, [], 0, null])("the error %j beside choices is none", async (error) => {
      server.script([{ body: { ...whole, error } }]);
      expect((await ask()).choices).toEqual(whole.choices);
      const chunk = { id: "1", choices: [{ index: 0, delta: message, finish_reason: "stop" }], error };
      server.script([{ body: `data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n` }]);
      expect((await ask()).choices).toEqual(whole.choices);
    });

    test("no secret is in an error, whichever member of a body repeats it", async () => {
      const text = `The key ${API_KEY} is unknown.`;
      const said = { message: text, code: text, type: text, param: text, metadata: { raw: text } };
      const choices = [{ ...whole.choices[0]!, error: said }];
      for (const body of [
        { error: said },
        said,
        [{ error: said }],
        { error_code: text, message: text },
        { detail: [{ loc: [text], msg: text, type: text }] },
        { base_resp: { status_code: text, status_msg: text } },
        { choices },
        { choices: [{ index: 0, text }] },
        text,
      ]) {
        for (const status of [200, 401]) {
          const error = await failure([{ status, body }]);
          expect(inspect(error, { depth: 12, showHidden: true })).not.toContain(API_KEY);
        }
      }
    });
  },
);
