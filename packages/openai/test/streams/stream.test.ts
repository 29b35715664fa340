import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import {
  type ChatCompletionChunk,
  type ChatRequest,
  createClient,
  type LLMProvider,
  memoryStore,
  ProviderError,
} from "@remem/core";
import { createChatAggregate } from "@remem/core/plugin";
import { type CompletionsServer, completionsServer, type Fault } from "@remem/testing";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { openaiProvider } from "../../src/index.ts";
import { API_KEY as apiKey, providerBy, SDKS } from "../sdks.ts";
import { rows, streamServer, summaryOf } from "./streams.ts";

const request: ChatRequest = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Hi" }] };
const { signal } = new AbortController();

interface Where {
  readonly baseURL: string;
  readonly maxRetries?: number;
}
const WAYS: ReadonlyArray<readonly [string, (where: Where) => LLMProvider]> = [
  ["by options", ({ baseURL, maxRetries = 0 }) => openaiProvider({ apiKey, baseURL, maxRetries })],
  ...SDKS.map(
    ([name, sdk]) => [`with a client of ${name}`, (where: Where) => providerBy(sdk, where.baseURL, where)] as const,
  ),
];

/** The chunks that come, what they add up to, and the error at their end. */
async function read(stream: AsyncIterable<ChatCompletionChunk>) {
  const aggregate = createChatAggregate();
  const chunks: ChatCompletionChunk[] = [];
  let error: unknown;
  try {
    for await (const chunk of stream) {
      chunks.push(chunk);
      aggregate.add(chunk);
    }
  } catch (thrown) {
    error = thrown;
  }
  return { chunks, sum: aggregate.answer(), error };
}
function streamOf(provider: LLMProvider, asked: ChatRequest = request) {
  return read(provider.stream!(asked, { signal }));
}

describe.each(WAYS)("a stream, %s,", (_, createProvider) => {
  describe("sent in pieces over a socket gives what came, then the error that ends it:", () => {
    test.each(rows)("$name", async (row) => {
      const printed = [vi.spyOn(console, "error"), vi.spyOn(console, "warn")];
      const server = await streamServer(row);
      onTestFinished(() => server.close());
      const store = memoryStore();
      const client = createClient({ provider: createProvider(server), store, params: { model: "m" } });
      const stream = client.stream("Hi", { stream_options: { include_usage: true } });
      const { chunks, sum, error } = await read(stream);
      if (row.choices && row.choices.length > 0) expect(summaryOf(sum, row)).toEqual(row.choices);
      expect(inspect(chunks, { depth: 9 })).not.toContain("obfuscation");
      if (row.complete) {
        expect(error).toBeUndefined();
        expect(sum.usage ?? null).toEqual(row.usage);
        expect((await stream.result()).completion).toEqual(sum);
      } else {
        expect(ProviderError.is(error), inspect(error)).toBe(true);
        expect(error).toMatchObject(expectedError(row));
        expect(await client.has("Hi")).toBe(false);
        await expect(stream.result()).rejects.toBe(error);
        expect((await read(client.stream("Hi"))).error).not.toBe(error);
      }
      await client.close();
      for (const spy of printed) expect(spy).not.toHaveBeenCalled();
    });
  });

  test("sent byte by byte is the same as in one piece", async () => {
    const row = rows.find(({ name }) => name.includes("emoji"))!;
    const sums = [];
    for (const bytes of [1, 100_000]) {
      const server = await streamServer(row, bytes);
      onTestFinished(() => server.close());
      sums.push(await streamOf(createProvider(server)));
    }
    expect(summaryOf(sums[0]!.sum, row)).toEqual(row.choices);
    expect(sums[0]).toEqual(sums[1]);
  });

  describe("of a server that supports both", () => {
    let server: CompletionsServer;
    beforeEach(async () => {
      server = await completionsServer();
    });
    afterEach(() => server.close());
    const streamWith = (faults: readonly Fault[], options: { maxRetries?: number } = {}) => {
      server.script(faults);
      return streamOf(createProvider({ baseURL: server.baseURL, ...options }));
    };

    test("asks for the usage, and sends nothing else that is not in the request", async () => {
      const { sum } = await streamOf(createProvider(server), { ...request, seed: 1, stream_options: { x: 1 } });
      expect(server.requests[0]?.body).toEqual({
        ...request,
        seed: 1,
        stream: true,
        stream_options: { include_usage: true },
      });
      expect(sum.usage?.total_tokens).toBeGreaterThan(0);
    });

    test("is retried until its first byte, and not once a caller has read a chunk", async () => {
      const faults = [{ status: 500, headers: { "retry-after-ms": "1" } }, { reset: "headers" as const }];
      expect((await streamWith(faults, { maxRetries: 2 })).error).toBeUndefined();
      expect(server.calls).toBe(3);
      const { chunks, error } = await streamWith([{ reset: "body" }], { maxRetries: 2 });
      expect(chunks.length).toBeGreaterThan(0);
      expect(error).toMatchObject({ code: "PROVIDER_ERROR", retryable: true, status: undefined });
      expect(server.calls).toBe(4);
    });

    test.each<[string, Fault, object]>([
      ["an HTTP error", { status: 400, body: { error: { message: "bad" } } }, { status: 400, code: "PROVIDER_ERROR" }],
      [
        "HTML",
        { body: "<!doctype html>\ndata", headers: { "content-type": "text/html" } },
        { code: "MALFORMED_ANSWER", message: expect.stringContaining("<!doctype html>") },
      ],
      ["a JSON error", { body: { error: { message: "gone" } } }, { message: expect.stringContaining("gone") }],
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
      ["an error that its event does not end", { body: 'data: {"error":{"message":"gone"}}' }, { status: 200 }],
      ["nothing", { body: "" }, { code: "MALFORMED_ANSWER" }],
      ["no content", { status: 204, body: "" }, { code: "MALFORMED_ANSWER" }],
    ])("%s instead of a stream is a typed error", async (_, fault, expected) => {
      const { chunks, error } = await streamWith([fault]);
      expect(chunks).toEqual([]);
      expect(error).toMatchObject(expected);
      expect(server.calls).toBe(1);
    });

    test("an unstreamed answer gives its chunks", async () => {
      const choices = [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "whole" } }];
      const body = { id: "1", object: "chat.completion", choices };
      for (const text of [JSON.stringify(body), `\uFEFF${JSON.stringify(body, null, 2)}\n\ndata: [DONE]\n\n`]) {
        const { sum, error } = await streamWith([{ body: text }]);
        expect(error).toBeUndefined();
        expect(sum).toEqual(body);
      }
    });

    test("a server that refuses stream_options is asked again without, once for all calls", async () => {
      const provider = createProvider(server);
      const refusal = { status: 422, body: { detail: [{ loc: ["body", "stream_options"], msg: "Extra inputs" }] } };
      server.script([refusal]);
      for (const _ of [1, 2]) expect((await streamOf(provider)).error).toBeUndefined();
      expect(server.requests.map(({ body }) => (body as ChatRequest).stream_options)).toEqual([
        { include_usage: true },
        undefined,
        undefined,
      ]);
      server.script([{ status: 400, body: { error: { message: "no such model" } } }]);
      expect((await streamOf(createProvider(server))).error).toMatchObject({ status: 400 });
      expect(server.calls).toBe(4);
    });

    test("a rate limit is waited out by the client, for streams and whole answers together", async () => {
      const events: string[] = [];
      const client = createClient({
        provider: createProvider({ baseURL: server.baseURL, maxRetries: 2 }),
        store: memoryStore(),
        params: { model: "m" },
        onEvent: ({ type }) => events.push(type),
      });
      server.script([{ status: 429, headers: { "retry-after-ms": "20" } }]);
      const [streamed] = await Promise.all([read(client.stream("Hi")), client.infer("Ho")]);
      expect(streamed.error).toBeUndefined();
      expect(events.filter((type) => type === "rate-limited")).toHaveLength(1);
      expect(client.stats()).toMatchObject({ misses: 2, stored: 2 });
      await client.close();
    });
  });
});

function expectedError({ error, choices = [] }: (typeof rows)[number]): object {
  if (error === "network") return { code: "PROVIDER_ERROR", retryable: true };
  if (error === "parse" || choices.length === 0) return { code: "MALFORMED_ANSWER", status: 200, retryable: false };
  return { code: "PROVIDER_ERROR", retryable: error === undefined };
}

/** A server whose answers a test writes by hand. */
async function handServer(answer: (response: ServerResponse, call: number) => void) {
  const sockets = new Set<object>();
  let calls = 0;
  const server = createServer((request, response) => {
    sockets.add(request.socket);
    request.resume();
    request.once("end", () => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      answer(response, calls++);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, sockets };
}
const delta = (content: string, finish_reason: string | null = null): string =>
  `data: ${JSON.stringify({ id: "1", choices: [{ index: 0, delta: { content }, finish_reason }] })}\n\n`;

describe("a stream", () => {
  test("that stalls ends with a timeout, after the chunks that came, and its connection is closed", async () => {
    const closed = Promise.withResolvers<void>();
    const { baseURL } = await handServer((response) => {
      response.write(delta("Half"));
      response.once("close", closed.resolve);
    });
    const { chunks, error } = await streamOf(openaiProvider({ apiKey, baseURL, timeoutMs: 50 }));
    expect(chunks).toHaveLength(1);
    const message = '"openai" sent nothing for 50 ms within its stream. Raise `timeoutMs` if it needs longer.';
    expect(error).toMatchObject({ code: "PROVIDER_TIMEOUT", retryable: true, message });
    await closed.promise;
  });

  test("that never begins is an attempt that timed out, and is retried", async () => {
    const { baseURL, sockets } = await handServer((response, call) => {
      response.flushHeaders();
      if (call > 0) response.end(`${delta("Hi", "stop")}data: [DONE]\n\n`);
    });
    const { chunks, error } = await streamOf(openaiProvider({ apiKey, baseURL, timeoutMs: 300, maxRetries: 1 }));
    expect(error).toBeUndefined();
    expect(chunks).toHaveLength(1);
    expect(sockets.size).toBe(2);
  });

  test("may take longer than the timeout of an attempt, if it is never silent for so long", async () => {
    const pieces = [...Array.from({ length: 12 }, (_, at) => (at % 2 ? ": alive\n\n" : delta("a"))), delta("", "stop")];
    const { baseURL } = await handServer((response) => {
      const timer = setInterval(() => {
        const piece = pieces.shift();
        if (piece !== undefined) return response.write(piece);
        clearInterval(timer);
        return response.end();
      }, 50);
    });
    const { sum, error } = await streamOf(openaiProvider({ apiKey, baseURL, timeoutMs: 500, maxRetries: 0 }));
    expect(error).toBeUndefined();
    expect(sum.choices[0]?.message.content).toBe("aaaaaa");
  });

  test("that is aborted rejects at once with the reason, and its connection is closed", async () => {
    const closed = Promise.withResolvers<void>();
    const { baseURL } = await handServer((response) => {
      response.write(delta("Half"));
      response.once("close", closed.resolve);
    });
    const controller = new AbortController();
    const stream = openaiProvider({ apiKey, baseURL }).stream!(request, { signal: controller.signal });
    const reader = stream[Symbol.asyncIterator]();
    await reader.next();
    const next = reader.next();
    controller.abort(new Error("enough"));
    await expect(next).rejects.toThrow("enough");
    await closed.promise;
  });

  test("whose reader leaves closes its connection, and a provider with an aborted signal sends nothing", async () => {
    const closed = Promise.withResolvers<void>();
    const { baseURL, sockets } = await handServer((response) => {
      response.write(delta("Half"));
      response.once("close", closed.resolve);
    });
    const provider = openaiProvider({ apiKey, baseURL });
    for await (const _ of provider.stream!(request, { signal })) break;
    await closed.promise;
    const aborted = read(provider.stream!(request, { signal: AbortSignal.abort(new Error("enough")) }));
    expect((await aborted).error).toMatchObject({ message: "enough" });
    expect(sockets.size).toBe(1);
  });

  test("ends with [DONE], whatever follows it, and its connection is used again once the body has ended", async () => {
    const { baseURL, sockets } = await handServer((response) => {
      response.end(`${delta("Hi", "stop")}data: [DONE]\n\n${delta("more")}`);
    });
    let ended = Promise.withResolvers<void>();
    const watched: typeof fetch = async (...args) => {
      const response = await fetch(...args);
      const watch = new TransformStream<Uint8Array, Uint8Array>({ flush: () => ended.resolve() });
      return new Response(response.body!.pipeThrough(watch), response);
    };
    const provider = openaiProvider({ apiKey, baseURL, maxRetries: 0, fetch: watched });
    for (let call = 0; call < 6; call++) {
      ended = Promise.withResolvers();
      const { sum, error } = await streamOf(provider);
      expect([sum.choices[0]?.message.content, error]).toEqual(["Hi", undefined]);
      await ended.promise;
    }
    expect(sockets.size).toBeLessThan(3); // Node itself may open a second one.
  });

  test("ends with [DONE] even if the server keeps the connection open", async () => {
    const closed = Promise.withResolvers<void>();
    const { baseURL } = await handServer((response) => {
      response.write(`${delta("Hi", "stop")}data: [DONE]\n\n`);
      response.once("close", closed.resolve);
    });
    expect((await streamOf(openaiProvider({ apiKey, baseURL, maxRetries: 0 }))).error).toBeUndefined();
    await closed.promise;
  });

  test("beyond maxResponseBytes is an error after the chunks that came, and not retried", async () => {
    const { baseURL, sockets } = await handServer((response) => {
      for (let count = 0; count < 50; count++) response.write(delta("word "));
    });
    const { chunks, error } = await streamOf(openaiProvider({ apiKey, baseURL, maxResponseBytes: 200 }));
    const message = expect.stringContaining("larger than 200 bytes (`maxResponseBytes`)");
    expect(error).toMatchObject({ status: 200, retryable: false, message });
    expect(chunks.length).toBeLessThan(50);
    expect(sockets.size).toBe(1);
  });

  test("of an instrumented client without `asResponse` is read as the SDK has parsed it", async () => {
    const server = await completionsServer();
    onTestFinished(() => server.close());
    for (const [, { OpenAI }] of SDKS) {
      const sdk = new OpenAI({ apiKey, baseURL: server.baseURL, maxRetries: 0 });
      const create = (...args: Parameters<typeof sdk.chat.completions.create>) => {
        const answer = sdk.chat.completions.create(...args);
        // biome-ignore lint/suspicious/noThenProperty: a promise without the other members of the SDK's.
        return { then: answer.then.bind(answer) };
      };
      const client = { baseURL: sdk.baseURL, apiKey, timeout: 100, chat: { completions: { create } } };
      const provider = openaiProvider({ client: client as never });
      const whole = await provider.generate(request, { signal });
      const { sum, error } = await streamOf(provider);
      expect(error).toBeUndefined();
      expect(sum.choices[0]?.message.content).toBe(whole.choices[0]?.message.content);
      server.script([{ stall: "body" }]);
      const stalled = await streamOf(provider);
      expect(stalled.chunks.length).toBeGreaterThan(0);
      expect(stalled.error).toMatchObject({ code: "PROVIDER_TIMEOUT" });
    }
  });
});
