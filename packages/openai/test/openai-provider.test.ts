import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { type ChatRequest, type LLMProvider, ProviderError, RememError } from "@remem/core";
import { type CompletionsServer, completionsServer, type Fault } from "@remem/testing";
import { OpenAI } from "openai";
import { OpenAI as OpenAI6 } from "openai-6";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { openaiProvider } from "../src/index.ts";
import { openaiProviderFor } from "../src/plugin.ts";

const API_KEY = "sk-test-0123456789abcdefghij";
const request: ChatRequest = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Hi" }] };

let server: CompletionsServer;
beforeEach(async () => {
  server = await completionsServer();
});
afterEach(() => server.close());

interface Limits {
  readonly maxResponseBytes?: number;
  readonly timeoutMs?: number;
  readonly maxRetries?: number;
}

const bytes = (maxResponseBytes: number | undefined) => (maxResponseBytes === undefined ? {} : { maxResponseBytes });

/** Short enough for a test; some versions read 0 as "use the default". */
const soon = { "retry-after-ms": "1" };

describe.each<[string, (limits: Limits & { baseURL: string }) => LLMProvider]>([
  ["by options", ({ baseURL, ...limits }) => openaiProvider({ apiKey: API_KEY, baseURL, ...limits })],
  [
    "with a client of openai 7",
    ({ maxResponseBytes: max, ...rest }) => openaiProvider({ client: new OpenAI(sdkOptions(rest)), ...bytes(max) }),
  ],
  [
    "with a client of openai 6",
    ({ maxResponseBytes: max, ...rest }) => openaiProvider({ client: new OpenAI6(sdkOptions(rest)), ...bytes(max) }),
  ],
])("%s", (_, createProvider) => {
  interface Options {
    readonly limits?: Limits;
    readonly remainingMs?: () => number;
  }

  function ask({ limits = {}, remainingMs }: Options = {}) {
    const provider = createProvider({ baseURL: server.baseURL, ...limits });
    const { signal } = new AbortController();
    return provider.generate(request, { signal, ...(remainingMs && { remainingMs }) });
  }

  async function failure(faults: readonly Fault[], options: Options = {}): Promise<ProviderError> {
    server.script(faults);
    const error = await ask({ limits: { maxRetries: 0 }, ...options }).catch((error: unknown) => error);
    expect(ProviderError.is(error), inspect(error)).toBe(true);
    return error as ProviderError;
  }

  test("stops reading an answer that unpacks beyond maxResponseBytes, and does not retry", async () => {
    const bomb = gzipSync(" ".repeat(64 * 1024 * 1024));
    const fault = { body: bomb, headers: { "content-encoding": "gzip" } };
    for (const maxResponseBytes of [undefined, 1_000]) {
      const error = await failure([fault], { limits: { maxRetries: 2, ...bytes(maxResponseBytes) } });
      expect(error).toMatchObject({ status: 200, retryable: false });
      expect(error.message).toContain(
        `larger than ${maxResponseBytes ?? 32 * 1024 * 1024} bytes (\`maxResponseBytes\`)`,
      );
    }
    expect(server.calls).toBe(2);
  });

  describe("a failure with a body beyond maxResponseBytes keeps its status, which decides about retries:", () => {
    const limits = { maxRetries: 2, maxResponseBytes: 1_000 };
    const body = gzipSync(`<h1>${"Bad gateway. ".repeat(1_000)}</h1>`);
    const headers = { ...soon, "content-encoding": "gzip", "content-type": "text/html", "x-request-id": "req-1" };

    test.each<[number, boolean, Record<string, string>, number]>([
      [400, false, {}, 1],
      [401, false, {}, 1],
      [429, true, {}, 3],
      [429, true, { "x-should-retry": "false" }, 1],
      [429, true, { "retry-after-ms": "86400000" }, 1],
      [500, true, {}, 3],
      [503, true, { "x-should-retry": "false" }, 1],
    ])("%i, retryable: %o, with %o", async (status, retryable, more, calls) => {
      const faults = Array(3).fill({ status, body, headers: { ...headers, ...more } });
      const error = await failure(faults, { limits });
      expect(error).toMatchObject({ code: "PROVIDER_ERROR", status, retryable, cause: { requestID: "req-1" } });
      expect(error.message).toContain(`answered ${status} The answer is larger than 1000 bytes (\`maxResponseBytes\`)`);
      expect(server.calls).toBe(calls);
    });

    test("the next attempt may succeed", async () => {
      server.script([{ status: 502, body, headers }]);
      expect((await ask({ limits })).choices).toHaveLength(1);
      expect(server.calls).toBe(2);
    });
  });

  test("reads a compressed answer", async () => {
    const text = JSON.stringify({
      id: "1",
      choices: [{ index: 0, finish_reason: "stop", message: { content: "zipped" } }],
    });
    server.script([{ body: gzipSync(text), headers: { "content-encoding": "gzip" } }]);
    expect((await ask()).choices[0]?.message.content).toBe("zipped");
  });

  test("an exhausted quota is not retried", async () => {
    const body = {
      error: {
        message: "You exceeded your current quota",
        type: "insufficient_quota",
        code: "insufficient_quota",
        param: null,
      },
    };
    const error = await failure([{ status: 429, body, headers: soon }], { limits: { maxRetries: 3 } });
    expect(error).toMatchObject({ status: 429, retryable: false, cause: { code: "insufficient_quota" } });
    expect(server.calls).toBe(1);
  });

  test.each<[string, Record<string, string>]>([
    ["in seconds", { "retry-after": "30" }],
    ["in milliseconds", { "retry-after-ms": "30000" }],
    ["as a date", { "retry-after": new Date(Date.now() + 3_600_000).toUTCString() }],
  ])("a Retry-After %s beyond the caller's budget ends the call immediately", async (_, headers) => {
    const error = await failure([{ status: 429, headers }], { limits: { maxRetries: 3 }, remainingMs: () => 5_000 });
    expect(error).toMatchObject({ status: 429, retryable: true });
    expect(server.calls).toBe(1);
  });

  test("a Retry-After of a day ends the call immediately, also without a budget", async () => {
    const error = await failure([{ status: 429, headers: { "retry-after": "86400" } }], { limits: { maxRetries: 3 } });
    expect(error).toMatchObject({ status: 429, retryable: true });
    expect(server.calls).toBe(1);
  });

  test("an unreachable server is reported with the reason", async () => {
    await server.close();
    const error = await failure([]);
    expect(error).toMatchObject({ code: "PROVIDER_ERROR", retryable: true });
    expect(error.message).toContain("ECONNREFUSED");
  });

  test.each<[string, Fault, string]>([
    [
      "HTML",
      { body: "<!doctype html><title>Gateway</title>", headers: { "content-type": "text/html" } },
      "MALFORMED_ANSWER",
    ],
    ["half of its JSON", { body: '{"id":"chatcmpl-1","choi' }, "MALFORMED_ANSWER"],
    ["nothing", { body: "" }, "MALFORMED_ANSWER"],
    ["null", { body: "null" }, "MALFORMED_ANSWER"],
    ["no choices", { body: { id: "1", choices: [] } }, "MALFORMED_ANSWER"],
    ["an error object", { body: { error: { message: "upstream gave up", code: null } } }, "PROVIDER_ERROR"],
    ["an error text", { body: { error: "upstream gave up" } }, "PROVIDER_ERROR"],
  ])("a 200 with %s is a typed error", async (_, fault, code) => {
    const error = await failure([fault]);
    expect(error).toMatchObject({ code, status: 200, provider: "openai" });
    if (code === "PROVIDER_ERROR") expect(error.message).toContain("upstream gave up");
  });

  test.each<[string, Fault, number]>([
    ["an HTML page", { status: 502, body: "<h1>Bad Gateway</h1>", headers: { "content-type": "text/html" } }, 502],
    [
      "vLLM's number as code",
      { status: 400, body: { error: { message: "bad", type: "BadRequestError", param: null, code: 400 } } },
      400,
    ],
    ["an error without its wrapper", { status: 400, body: { object: "error", message: "bad", code: 400 } }, 400],
    ["an error that is text", { status: 400, body: { error: "bad" } }, 400],
    ["no body", { status: 503, body: "" }, 503],
  ])("a failure with %s keeps its status", async (_, fault, status) => {
    expect(await failure([fault])).toMatchObject({ code: "PROVIDER_ERROR", status });
  });

  test("a redirect is not followed, so the key is not forwarded", async () => {
    const other = await completionsServer();
    const error = await failure([{ status: 307, headers: { location: `${other.baseURL}/chat/completions` } }]);
    expect(error).toMatchObject({ code: "PROVIDER_ERROR", status: 307 });
    expect(other.calls).toBe(0);
    await other.close();
  });

  test("a fetch that ignores its signal cannot block a call", async () => {
    const client = {
      apiKey: API_KEY,
      baseURL: server.baseURL,
      timeout: 50,
      maxRetries: 0,
      fetch: () => new Promise<never>(() => {}),
    };
    const provider = openaiProvider({ client: new OpenAI(client) });
    const call = provider.generate(request, { signal: new AbortController().signal });
    await expect(call).rejects.toMatchObject({ code: "PROVIDER_TIMEOUT" });
  });
});

function sdkOptions({ baseURL, timeoutMs = 60_000, maxRetries = 5 }: Limits & { baseURL: string }) {
  return { apiKey: API_KEY, baseURL, timeout: timeoutMs, maxRetries };
}

test("the provider retries five times by default", async () => {
  server.script(Array(9).fill({ status: 500, headers: soon }));
  const provider = openaiProvider({ apiKey: API_KEY, baseURL: server.baseURL });
  await expect(provider.generate(request, { signal: new AbortController().signal })).rejects.toMatchObject({
    status: 500,
  });
  expect(server.calls).toBe(6);
});

test("a key too short to be a secret is not redacted from messages", async () => {
  const body = { error: { message: "the maximum context is exceeded", type: null, param: null, code: null } };
  server.script([{ status: 400, body }]);
  const provider = openaiProvider({ apiKey: "x", baseURL: server.baseURL });
  const call = provider.generate(request, { signal: new AbortController().signal });
  await expect(call).rejects.toThrow("the maximum context is exceeded");
});

test("a client's own fetch is used", async () => {
  const fetched = vi.fn(fetch);
  const client = new OpenAI({ apiKey: API_KEY, baseURL: server.baseURL, fetch: fetched });
  await openaiProvider({ client }).generate(request, { signal: new AbortController().signal });
  expect(fetched).toHaveBeenCalledOnce();
});

describe("credentials and address", () => {
  afterEach(() => void vi.unstubAllEnvs());
  const context = { signal: new AbortController().signal };

  test("a missing key fails the first request with an error that names the option and the variable", async () => {
    vi.stubEnv("OPENAI_API_KEY", "");
    const provider = openaiProvider({ baseURL: server.baseURL });
    const call = provider.generate(request, context);
    await expect(call).rejects.toThrow(RememError);
    await expect(call).rejects.toMatchObject({ code: "MISSING_CREDENTIALS" });
    await expect(call).rejects.toThrow(/`apiKey`.*OPENAI_API_KEY/);
    vi.stubEnv("OPENAI_API_KEY", "sk-late-arrival");
    await provider.generate(request, context);
    expect(server.requests[0]?.headers.authorization).toBe("Bearer sk-late-arrival");
  });

  test("OPENAI_BASE_URL is the address unless the option is set", async () => {
    vi.stubEnv("OPENAI_BASE_URL", server.baseURL);
    const provider = openaiProvider({ apiKey: API_KEY });
    vi.stubEnv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1");
    await provider.generate(request, context);
    expect(provider.scope).toBe(server.baseURL);
    expect(server.calls).toBe(1);
  });

  test("organization and project are sent as headers and are not part of the scope", async () => {
    const provider = openaiProvider({
      apiKey: API_KEY,
      baseURL: server.baseURL,
      organization: "org-1",
      project: "proj-1",
    });
    await provider.generate(request, context);
    expect(server.requests[0]?.headers).toMatchObject({ "openai-organization": "org-1", "openai-project": "proj-1" });
    expect(provider.scope).toBe(server.baseURL);
  });

  test.each([
    ["https://api.openai.com/v1", undefined],
    ["https://api.openai.com/v1/", undefined],
    ["HTTPS://API.OpenAI.com:443/v1", undefined],
    ["https://api.openai.com/v2", "https://api.openai.com/v2"],
    ["http://LOCALHOST:8000/v1//", "http://localhost:8000/v1"],
    ["http://localhost:80/v1?token=secret#x", "http://localhost/v1"],
    ["http://localhost/v1?tenant=a", "http://localhost/v1 5f55fee0ed8f8113"],
  ])("the scope of %s is %s", (baseURL, scope) => {
    expect(openaiProvider({ baseURL }).scope).toBe(scope);
  });

  test("the scope can be set or disabled", () => {
    expect(openaiProvider({ baseURL: server.baseURL, scope: "lab" }).scope).toBe("lab");
    expect("scope" in openaiProvider({ baseURL: server.baseURL, scope: false })).toBe(false);
    expect("scope" in openaiProvider()).toBe(false);
  });

  test.each([
    [{ baseURL: "localhost:8000" }, /`baseURL` must be a URL/],
    [{ baseURL: "http://user:hunter2@localhost/v1" }, /`baseURL` must not contain a user or password/],
    [{ apikey: "x" }, /no option `apikey`/],
    [{ timeoutMs: 0 }, /`timeoutMs` must be/],
    [{ maxRetries: -1 }, /`maxRetries` must be/],
    [{ client: new OpenAI({ apiKey: "x" }), maxRetries: 1 }, /with a client: there is no option `maxRetries`/],
  ])("an invalid option is refused by name without repeating a secret: %#", (options, message) => {
    const create = () => openaiProvider(options as object);
    expect(create).toThrow(message);
    expect(create).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
    expect(create).not.toThrow(/hunter2/);
  });
});

test("an answer that trickles in times out after timeoutMs although its connection is alive", async () => {
  const trickle = createServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const timer = setInterval(() => response.write(" "), 10);
    response.on("close", () => clearInterval(timer));
  }).listen(0, "127.0.0.1");
  await once(trickle, "listening");
  const baseURL = `http://127.0.0.1:${(trickle.address() as AddressInfo).port}/v1`;
  const provider = openaiProvider({ apiKey: API_KEY, baseURL, timeoutMs: 150, maxRetries: 0 });
  const call = provider.generate(request, { signal: new AbortController().signal });
  const message = expect.stringContaining(
    "within 150 ms, the timeout of an attempt. Raise `timeoutMs` if it needs longer.",
  );
  await expect(call).rejects.toMatchObject({ code: "PROVIDER_TIMEOUT", message });
  trickle.closeAllConnections();
  trickle.close();
});

describe("a function with another name that creates the provider", () => {
  test.each<[object, string]>([
    [{ apikey: "x" }, "createRemem: there is no option `apikey`"],
    [{ timeoutMs: 0 }, "createRemem: `timeoutMs` must be"],
    [{ baseURL: "localhost" }, "createRemem: `baseURL` must be a URL"],
    [{ client: {}, apiKey: "x" }, "createRemem with a client: there is no option `apiKey`"],
    [{ client: { baseURL: "localhost" } }, "createRemem with a client: `baseURL` must be a URL"],
  ])("is named in errors: %j", (options, message) => {
    expect(() => openaiProviderFor("createRemem", options)).toThrow(message);
  });

  test("is named in the error of a missing key", async () => {
    vi.stubEnv("OPENAI_API_KEY", "");
    onTestFinished(() => void vi.unstubAllEnvs());
    const provider = openaiProviderFor("createRemem", { baseURL: server.baseURL });
    const call = provider.generate(request, { signal: new AbortController().signal });
    await expect(call).rejects.toThrow("There is no API key: pass `apiKey` to createRemem, or set OPENAI_API_KEY.");
  });
});
