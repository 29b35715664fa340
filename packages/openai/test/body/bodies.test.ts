import { type ChatCompletion, type ChatRequest, type LLMProvider, ProviderError } from "@remem/core";
import { type CompletionsServer, completionsServer, type Fault } from "@remem/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type OpenAIClient, openaiProvider } from "../../src/index.ts";
import { API_KEY, providerBy, SDKS } from "../sdks.ts";
import { rawServer } from "./raw-server.ts";

let server: CompletionsServer;
beforeEach(async () => {
  server = await completionsServer();
});
afterEach(() => server.close());

const message = { role: "assistant", content: "Hi" };
const answer = { id: "1", object: "chat.completion", choices: [{ index: 0, finish_reason: "stop", message }] };
const json = JSON.stringify(answer);
const chunk = { id: "1", choices: [{ index: 0, delta: message, finish_reason: "stop" }] };
const events = `data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`;
const type = (value: string | null) => ({ "content-type": value });

describe.each(SDKS.flatMap(([name, sdk]) => [false, true].map((stream) => ({ name, sdk, stream }))))(
  "$name, stream: $stream:",
  ({ sdk, stream }) => {
    const request: ChatRequest = { model: "m", messages: [{ role: "user", content: "Hi" }], stream };
    const ask = (provider: LLMProvider): Promise<ChatCompletion> =>
      provider.generate(request, { signal: new AbortController().signal });

    async function failure(call: Promise<unknown>): Promise<ProviderError> {
      const error = await call.catch((error: unknown) => error);
      expect(ProviderError.is(error), String(error)).toBe(true);
      return error as ProviderError;
    }

    test.each<[string, Fault]>([
      ["JSON", { body: json, headers: type("application/json") }],
      ["JSON as text", { body: json, headers: type("text/plain") }],
      ["JSON as a stream", { body: json, headers: type("text/event-stream") }],
      ["JSON as HTML", { body: json, headers: type("text/html; charset=utf-8") }],
      ["JSON without a content type", { body: json, headers: type(null) }],
      ["JSON after a byte order mark", { body: Buffer.from(`\uFEFF${json}`), headers: type("application/json") }],
      ["JSON after two of them", { body: Buffer.from(`\uFEFF\uFEFF${json}`), headers: type("application/json") }],
      ["JSON after and before white space", { body: `\n\n  ${json}\r\n`, headers: type("application/json") }],
      ["JSON before the end of a stream", { body: `${json}\n\ndata: [DONE]\n\n`, headers: type("application/json") }],
      ["JSON right before it", { body: `${json}data: [DONE]`, headers: type("text/plain") }],
      ["JSON before [DONE]", { body: `${json}[DONE]`, headers: type("application/json") }],
      ["a stream", { body: events, headers: type("text/event-stream") }],
      ["a stream as JSON", { body: events, headers: type("application/json") }],
      ["a stream without a content type", { body: events, headers: type(null) }],
      ["a stream after a byte order mark", { body: Buffer.from(`\uFEFF${events}`), headers: type("text/plain") }],
      ["a stream after comments", { body: `: PROCESSING\n\n${events}`, headers: type("text/event-stream") }],
      ["a stream of the whole", { body: `data: ${json}\n\n`, headers: type("text/event-stream") }],
    ])("reads %s", async (_, fault) => {
      server.script([fault]);
      expect((await ask(providerBy(sdk, server.baseURL))).choices).toEqual(answer.choices);
    });

    test.each<[string, Fault, string]>([
      ["HTML", { body: "<!doctype html>" }, 'the body is text ("<!doctype html>")'],
      ["text in brackets", { body: "[error] no upstream" }, 'the body is text ("[error] no upstream")'],
      ["only the end of a stream", { body: "data: [DONE]\n\n" }, "has no choices"],
      ["nothing", { body: "" }, 'the body is text ("")'],
      ["half of its JSON", { body: '{"choi' }, "with invalid JSON"],
      ["JSON that is no object", { body: '"Hi"' }, 'the body is text ("Hi")'],
      [
        "a choice without a message",
        { body: { choices: [{ index: 0, finish_reason: "stop" }] } },
        "has a choice without",
      ],
      ["a choice whose message is null", { body: { choices: [{ index: 0, message: null }] } }, "has a choice without"],
      ["a choice that is null", { body: { choices: [null] } }, "has a choice without"],
      ["no choices", { body: { id: "1", choices: [] } }, "has no choices"],
    ])("reports %s, whatever the content type", async (_, fault, problem) => {
      for (const contentType of ["application/json", "text/plain", "text/event-stream", null]) {
        server.script([{ ...fault, status: 201, headers: type(contentType) }]);
        const error = await failure(ask(providerBy(sdk, server.baseURL)));
        expect(error).toMatchObject({ code: "MALFORMED_ANSWER", status: 201, retryable: false });
        expect(error.message).toContain('"openai" answered 201');
        expect(error.message).toContain(problem);
      }
    });

    test.each([
      ["letters beyond Latin-1", 400, "Zażółć 你好"],
      ["a status beyond 599", 666, "Whatever"],
      ["a status beyond 599, and such letters", 999, "你好"],
    ])("a failure with %s keeps its status and words, and is sent once", async (_, status, words) => {
      const body = JSON.stringify({ error: { message: "The words.", code: "odd" } });
      const headers = `content-type: application/json\r\ncontent-length: ${body.length}`;
      await using raw = await rawServer(`HTTP/1.1 ${status} ${words}\r\n${headers}\r\n\r\n${body}`);
      const error = await failure(ask(providerBy(sdk, raw.baseURL, { maxRetries: 5 })));
      expect(error).toMatchObject({ code: "PROVIDER_ERROR", status, retryable: false, cause: { code: "odd", status } });
      expect(error.message).toContain(`"openai" answered ${status} The words.`);
      expect(raw.calls).toBe(1);
    });

    test("an answer with letters beyond Latin-1 in its status line is an answer", async () => {
      const headers = `content-type: application/json\r\ncontent-length: ${json.length}`;
      await using raw = await rawServer(`HTTP/1.1 200 你好\r\n${headers}\r\n\r\n${json}`);
      expect((await ask(providerBy(sdk, raw.baseURL))).choices).toEqual(answer.choices);
    });

    test("an instrumented client that has parsed the answer is read the same way", async () => {
      const completions = new sdk.OpenAI({ apiKey: API_KEY, baseURL: server.baseURL, maxRetries: 0 }).chat.completions;
      const create = async (...args: unknown[]) => Reflect.apply(completions.create, completions, args);
      const client = { baseURL: server.baseURL, timeout: 1_000, chat: { completions: { create } } };
      const provider = openaiProvider({ client: client as unknown as OpenAIClient });
      server.script([
        stream ? { body: events } : { body: json, headers: type("text/plain") },
        stream ? { body: 'data: {"error":{"message":"gone","code":503}}\n\n' } : { body: { error: "gone" } },
        { status: 429, body: { message: "slow down" } },
      ]);
      expect((await ask(provider)).choices).toEqual(answer.choices);
      expect(await failure(ask(provider))).toMatchObject({ message: expect.stringContaining("gone") });
      expect(await failure(ask(provider))).toMatchObject({ status: 429, retryable: true });
    });
  },
);
