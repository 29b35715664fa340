import { inspect } from "node:util";
import { type ChatCompletion, type ChatRequest, type LLMProvider, ProviderError } from "@remem/core";
import { type CompletionsServer, completionsServer, type Fault } from "@remem/testing";
import { OpenAI } from "openai";
import { OpenAI as OpenAI6 } from "openai-6";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { openaiProvider } from "../../src/index.ts";
import { rows, streamServer, summaryOf } from "./streams.ts";

const apiKey = "sk-test-0123456789abcdefghij";
const request: ChatRequest = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Hi" }], stream: true };

interface Where {
  readonly baseURL: string;
  readonly maxRetries?: number;
}

function ask(provider: LLMProvider, asked: ChatRequest = request): Promise<ChatCompletion> {
  return provider.generate(asked, { signal: new AbortController().signal });
}

async function failureOf(call: Promise<unknown>): Promise<ProviderError> {
  const error = await call.catch((error: unknown) => error);
  expect(ProviderError.is(error), inspect(error)).toBe(true);
  return error as ProviderError;
}

describe.each<[string, (where: Where) => LLMProvider]>([
  ["by options", (where) => openaiProvider({ apiKey, maxRetries: 0, ...where })],
  ["with a client of openai 7", (where) => openaiProvider({ client: new OpenAI({ apiKey, maxRetries: 0, ...where }) })],
  [
    "with a client of openai 6",
    (where) => openaiProvider({ client: new OpenAI6({ apiKey, maxRetries: 0, ...where }) }),
  ],
])("a body with `stream: true`, %s:", (_, createProvider) => {
  describe("a stream sent in pieces over a socket becomes the whole answer or a typed error:", () => {
    test.each(rows)("$name", async (row) => {
      const printed = [vi.spyOn(console, "error"), vi.spyOn(console, "warn")];
      const server = await streamServer(row);
      const call = ask(createProvider({ baseURL: server.baseURL }));
      if (row.complete) {
        const completion = await call;
        expect(summaryOf(completion, row)).toEqual(row.choices);
        expect(completion.usage ?? null).toEqual(row.usage);
        expect(completion).toMatchObject({ id: "chatcmpl-T", object: "chat.completion", created: expect.any(Number) });
        expect(completion).not.toHaveProperty("obfuscation");
      } else {
        const error = await failureOf(call);
        expect(error).toMatchObject(expectedError(row));
        if (row.error === "server_error") expect(error.message).toContain("The server had an error");
      }
      server.close();
      for (const spy of printed) expect(spy).not.toHaveBeenCalled();
    });
  });

  describe("on a server that supports both", () => {
    let server: CompletionsServer;
    beforeEach(async () => {
      server = await completionsServer();
    });
    afterEach(() => server.close());

    const weather = { type: "function", function: { name: "weather", parameters: { type: "object" } } };

    test.each<[string, object]>([
      ["text", {}],
      ["several choices", { n: 3 }],
      ["JSON", { response_format: { type: "json_object" } }],
      ["a tool call", { tools: [weather], tool_choice: "required" }],
      ["a truncated answer", { max_tokens: 3 }],
    ])("%s is the same as without a stream", async (_, params) => {
      const provider = createProvider({ baseURL: server.baseURL });
      const { stream: _stream, ...plain } = { ...request, ...params };
      const whole = await ask(provider, plain);
      const streamed = await ask(provider, { ...request, ...params, stream_options: { include_usage: true } });
      // Only an unstreamed answer has an empty list of annotations.
      const choices = streamed.choices.map((choice) => ({
        ...choice,
        message: { annotations: [], ...choice.message },
      }));
      expect({ ...streamed, choices }).toEqual(JSON.parse(JSON.stringify(whole)));
    });

    test("a stream that is reset or fails is retried", async () => {
      server.script([{ reset: "body" }, { status: 500, headers: { "retry-after-ms": "1" } }]);
      await ask(createProvider({ baseURL: server.baseURL, maxRetries: 2 }));
      expect(server.calls).toBe(3);
    });

    test.each<[string, Fault, object]>([
      ["an HTTP error", { status: 400, body: { error: { message: "bad" } } }, { status: 400, code: "PROVIDER_ERROR" }],
      [
        "HTML",
        { body: "<!doctype html>", headers: { "content-type": "text/html" } },
        { code: "MALFORMED_ANSWER", message: expect.stringContaining("<!doctype html>") },
      ],
      [
        "a JSON error",
        { body: { error: { message: "gone" } } },
        { status: 200, message: expect.stringContaining("gone") },
      ],
      [
        "half of its JSON",
        { body: '{"choi', headers: { "content-type": "application/json" } },
        { code: "MALFORMED_ANSWER" },
      ],
      [
        "an event called error",
        { body: 'event: error\ndata: {"message":"gone"}\n\n' },
        { status: 200, message: expect.stringContaining("gone") },
      ],
    ])("%s instead of a stream is a typed error", async (_, fault, expected) => {
      server.script([fault]);
      expect(await failureOf(ask(createProvider({ baseURL: server.baseURL })))).toMatchObject(expected);
    });

    test("an unstreamed answer is accepted", async () => {
      const body = { id: "1", choices: [{ index: 0, finish_reason: "stop", message: { content: "whole" } }] };
      server.script([{ body }]);
      expect(await ask(createProvider({ baseURL: server.baseURL }))).toEqual(body);
    });
  });
});

function expectedError({ error, choices = [] }: (typeof rows)[number]): object {
  if (error === "network") return { code: "PROVIDER_ERROR", retryable: true };
  if (error === "parse" || choices.length === 0) return { code: "MALFORMED_ANSWER", status: 200, retryable: false };
  return { code: "PROVIDER_ERROR", status: 200, retryable: error === undefined };
}

test("a stream beyond maxResponseBytes is an error and not retried", async () => {
  const server = await completionsServer();
  onTestFinished(() => server.close());
  const call = ask(openaiProvider({ apiKey, baseURL: server.baseURL, maxResponseBytes: 100 }));
  const message = expect.stringContaining("larger than 100 bytes (`maxResponseBytes`)");
  expect(await failureOf(call)).toMatchObject({ status: 200, retryable: false, message });
  expect(server.calls).toBe(1);
});
