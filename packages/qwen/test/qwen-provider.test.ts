import { type ChatRequest, RememError } from "@remem/core";
import { type CompletionsServer, completionsServer } from "@remem/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type DialectName, type QwenProviderOptions, qwenProvider } from "../src/index.ts";
import { qwenProviderFor } from "../src/plugin.ts";

const request: ChatRequest = { model: "Qwen/Qwen3-8B", messages: [{ role: "user", content: "Hi" }] };
const context = { signal: new AbortController().signal };

let server: CompletionsServer;
beforeEach(async () => {
  server = await completionsServer();
  for (const name of ["OPENAI_API_KEY", "OPENAI_BASE_URL", "DASHSCOPE_API_KEY"]) vi.stubEnv(name, "");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

/** A `fetch` that records the address of a request and redirects it to the test server. */
function detour() {
  const seen: Array<{ url: string; authorization: string | null }> = [];
  const fetched: typeof fetch = (input, init) => {
    const { href } = new URL(String(input));
    seen.push({ url: href, authorization: new Headers(init?.headers).get("authorization") });
    return fetch(`${server.baseURL}/chat/completions`, init);
  };
  return { seen, fetch: fetched };
}

describe("address and scope", () => {
  test.each<[DialectName | undefined, string]>([
    [undefined, "http://localhost:8000/v1"],
    ["vllm", "http://localhost:8000/v1"],
    ["ollama", "http://localhost:11434/v1"],
    ["dashscope", "https://dashscope.aliyuncs.com/compatible-mode/v1"],
  ])("%s has the address %s by default", async (dialect, baseURL) => {
    const { seen, fetch } = detour();
    const provider = qwenProvider({ ...(dialect && { dialect }), apiKey: "any", fetch });
    await provider.generate(request, context);
    expect(provider).toMatchObject({ specVersion: 1, id: "qwen", scope: baseURL });
    expect(seen.map(({ url }) => url)).toEqual([`${baseURL}/chat/completions`]);
  });

  test.each<[string, DialectName]>([
    ["https://dashscope.aliyuncs.com/compatible-mode/v1", "dashscope"],
    ["https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "dashscope"],
    ["https://api-inference.modelscope.cn/v1", "dashscope"],
    ["http://192.168.0.5:11434/v1", "ollama"],
    ["https://my-aliyuncs.com/v1", "vllm"],
    ["http://localhost:30000/v1", "vllm"],
  ])("the server at %s is %s unless `dialect` says otherwise", async (baseURL, dialect) => {
    const asked = { ...request, enable_thinking: false };
    const sent = async (options: QwenProviderOptions) => {
      await qwenProvider({ baseURL, apiKey: "any", fetch: detour().fetch, ...options }).generate(asked, context);
      return server.requests.at(-1)?.body;
    };
    expect(await sent({})).toEqual(await sent({ dialect }));
    expect(await sent({})).not.toEqual(await sent({ dialect: dialect === "vllm" ? "ollama" : "vllm" }));
  });

  test("OPENAI_BASE_URL is the address unless the option is set", async () => {
    vi.stubEnv("OPENAI_BASE_URL", server.baseURL);
    const provider = qwenProvider({ apiKey: "any" });
    vi.stubEnv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1");
    await provider.generate(request, context);
    expect(provider.scope).toBe(server.baseURL);
    expect(server.calls).toBe(1);
    expect(qwenProvider({ baseURL: "http://LOCALHOST:8000/v1//?" }).scope).toBe("http://localhost:8000/v1");
  });

  test("the scope can be set or disabled", () => {
    expect(qwenProvider({ scope: "lab" }).scope).toBe("lab");
    expect("scope" in qwenProvider({ scope: false })).toBe(false);
  });
});

describe("the key", () => {
  async function keySent(dialect: DialectName, options: { apiKey?: string; baseURL?: string } = {}) {
    const { seen, fetch } = detour();
    await qwenProvider({ dialect, fetch, ...options }).generate(request, context);
    return seen[0]?.authorization;
  }

  test.each<DialectName>(["vllm", "dashscope", "ollama"])(
    "%s: the option takes precedence over any variable",
    async (dialect) => {
      vi.stubEnv("OPENAI_API_KEY", "sk-openai");
      vi.stubEnv("DASHSCOPE_API_KEY", "sk-dashscope");
      expect(await keySent(dialect, { apiKey: "sk-option" })).toBe("Bearer sk-option");
    },
  );

  test("is OPENAI_API_KEY; for DashScope, DASHSCOPE_API_KEY takes precedence", async () => {
    vi.stubEnv("OPENAI_API_KEY", "sk-openai");
    const { baseURL } = server;
    expect(await keySent("vllm")).toBe("Bearer sk-openai");
    expect(await keySent("ollama", { baseURL })).toBe("Bearer sk-openai");
    expect(await keySent("dashscope", { baseURL })).toBe("Bearer sk-openai");
    vi.stubEnv("DASHSCOPE_API_KEY", "sk-dashscope");
    expect(await keySent("dashscope")).toBe("Bearer sk-dashscope");
    expect(await keySent("dashscope", { baseURL })).toBe("Bearer sk-dashscope");
    expect(await keySent("vllm")).toBe("Bearer sk-openai");
  });

  test("in OPENAI_API_KEY is not sent to Alibaba's default address", async () => {
    vi.stubEnv("OPENAI_API_KEY", "sk-openai");
    await expect(keySent("dashscope")).rejects.toMatchObject({ code: "MISSING_CREDENTIALS" });
    expect(server.calls).toBe(0);
  });

  test("is not needed for Ollama", async () => {
    expect(await keySent("ollama")).toBe("Bearer ollama");
  });

  test.each<[DialectName, RegExp]>([
    ["vllm", /`apiKey` to qwenProvider, or set OPENAI_API_KEY/],
    ["dashscope", /`apiKey` to qwenProvider, or set DASHSCOPE_API_KEY/],
  ])(
    "missing for %s fails the first request with an error that names option and variable",
    async (dialect, message) => {
      const call = qwenProvider({ dialect, baseURL: server.baseURL }).generate(request, context);
      await expect(call).rejects.toThrow(RememError);
      await expect(call).rejects.toMatchObject({ code: "MISSING_CREDENTIALS" });
      await expect(call).rejects.toThrow(message);
    },
  );
});

test.each([
  [{ dialect: "ollma" }, /`dialect` must be "vllm", "dashscope" or "ollama"/],
  [{ dialect: "toString" }, /`dialect` must be/],
  [{ baseURL: "localhost:8000" }, /qwenProvider: `baseURL` must be a URL/],
  [{ baseURL: "http://user:hunter2@localhost/v1" }, /must not contain a user or password/],
  [{ apikey: "x" }, /qwenProvider: there is no option `apikey`/],
  [{ timeoutMs: 0 }, /qwenProvider: `timeoutMs` must be/],
  [{ maxRetries: -1 }, /qwenProvider: `maxRetries` must be/],
])("an invalid option is refused by name: %#", (options, message) => {
  const create = () => qwenProvider(options as object);
  expect(create).toThrow(message);
  expect(create).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
  expect(create).not.toThrow(/hunter2/);
});

test("timeoutMs applies with and without thinking", async () => {
  server.script([{ stall: "body" }, { stall: "body" }]);
  const provider = qwenProvider({ apiKey: "any", baseURL: server.baseURL, timeoutMs: 50, maxRetries: 0 });
  for (const enable_thinking of [true, false]) {
    const call = provider.generate({ ...request, enable_thinking }, context);
    await expect(call).rejects.toMatchObject({ code: "PROVIDER_TIMEOUT", message: expect.stringContaining("50 ms") });
  }
});

test("the default timeout is ten minutes with thinking and one without", async () => {
  const called = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let calls = 0;
  const silent = (): Promise<never> => {
    called[calls++]?.resolve();
    return new Promise(() => {});
  };
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const provider = qwenProvider({ apiKey: "any", maxRetries: 0, fetch: silent });
    const outcomes = [60_000, 600_000].map((limit, at) => {
      const outcome = provider.generate({ ...request, enable_thinking: at === 1 }, context);
      return expect(outcome).rejects.toMatchObject({ message: expect.stringContaining(`${limit} ms`) });
    });
    await Promise.all(called.map(({ promise }) => promise));
    await vi.advanceTimersByTimeAsync(600_000);
    await Promise.all(outcomes);
  } finally {
    vi.useRealTimers();
  }
});

describe("an address with a query", () => {
  test("is asked at its path with the query, which is in the scope", async () => {
    const provider = qwenProvider({ apiKey: "any-key", baseURL: `${server.baseURL}/?tenant=a` });
    await provider.generate(request, context);
    expect(server.requests[0]?.url).toBe("/v1/chat/completions?tenant=a");
    const { scope } = qwenProvider({ baseURL: `${server.baseURL}?tenant=b` });
    expect(scope).not.toBe(provider.scope);
    for (const one of [scope, provider.scope]) {
      expect(one).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1 [0-9a-f]{16}$/);
    }
  });

  test("is refused with a password", () => {
    const create = () => qwenProvider({ baseURL: "http://user:hunter2@localhost/v1?a=b", scope: "lab" });
    expect(create).toThrow(/qwenProvider: `baseURL` must not contain a user or password/);
  });
});

test("a function with another name that creates the provider is named in its errors", async () => {
  for (const options of [{ timeoutMs: 0 }, { dialect: "other" }, { baseURL: "localhost" }, { apikey: "x" }]) {
    expect(() => qwenProviderFor("createRemem", options as object)).toThrow(/^createRemem: /);
  }
  const call = qwenProviderFor("createRemem", { baseURL: server.baseURL }).generate(request, context);
  await expect(call).rejects.toThrow("pass `apiKey` to createRemem, or set OPENAI_API_KEY.");
});
