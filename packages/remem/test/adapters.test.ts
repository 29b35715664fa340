import { hasRedis, useRedis } from "@remem/test-support/redis/redis-server";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { type CompletionsServer, completionsServer } from "@remem/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CacheOpenAI, createRemem, memoryStore, type ProviderName, storeFromUrl } from "../src/index.ts";

const messages = [{ role: "user", content: "Hi" }] as const;
let server: CompletionsServer;
let directory: string;

beforeEach(async () => {
  server = await completionsServer();
  directory = temporaryDirectory();
  vi.stubEnv("OPENAI_BASE_URL", server.baseURL);
  vi.stubEnv("OPENAI_API_KEY", "sk-test");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

describe("models of Qwen/Qwen3-* use @remem/qwen", () => {
  test("in createRemem: thinking is off unless a call turns it on", async () => {
    const client = createRemem({ model: "Qwen/Qwen3-8B", store: memoryStore() });
    const silent = await client.infer(messages);
    const thinking = await client.infer(messages, { enable_thinking: true });
    expect(server.requests.map(({ body }) => body)).toMatchObject([
      { chat_template_kwargs: { enable_thinking: false } },
      { chat_template_kwargs: { enable_thinking: true } },
    ]);
    expect(thinking.key).not.toBe(silent.key);
    await client.close();
  });

  test("in CacheOpenAI: without thinking the key is Python's", async () => {
    await using client = new CacheOpenAI({ cacheDir: directory, llmName: "Qwen/Qwen3-8B" });
    const { key } = await client.infer(messages);
    expect(server.requests[0]?.body).toMatchObject({ chat_template_kwargs: { enable_thinking: false } });
    // sha256 of json.dumps({"messages": [...], "model": "Qwen/Qwen3-8B", "seed": 0, "temperature": 0.0, "response_format": None}, sort_keys=True)
    expect(key).toBe("e358be848e6bbd33abaa6a758a6f0fe7a26b64df12e7b99fb56e95b8ea832fd2");
  });
});

describe("a provider can be given by its name", () => {
  test("azure, whose endpoint is baseURL", async () => {
    vi.stubEnv("AZURE_OPENAI_API_KEY", "azure-test-key");
    vi.stubEnv("OPENAI_API_VERSION", "2024-10-21");
    const baseURL = new URL(server.baseURL).origin;
    await using client = createRemem({ provider: "azure", model: "my-gpt", baseURL, store: memoryStore() });
    expect((await client.infer(messages)).source).toBe("provider");
    expect(server.requests[0]).toMatchObject({
      url: "/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21",
      headers: { "api-key": "azure-test-key" },
    });
  });

  test("azure, whose errors name the options of createRemem", async () => {
    vi.stubEnv("AZURE_OPENAI_ENDPOINT", "");
    expect(() => createRemem({ provider: "azure", store: memoryStore() })).toThrow(
      /There is no endpoint: pass `baseURL` to createRemem, or set AZURE_OPENAI_ENDPOINT/,
    );
    vi.stubEnv("AZURE_OPENAI_API_KEY", "azure-test-key");
    const baseURL = new URL(server.baseURL).origin;
    await using client = createRemem({ provider: "azure", baseURL, store: memoryStore() });
    await expect(client.infer(messages)).rejects.toThrow(
      /There is no API version: set OPENAI_API_VERSION\. \(None is needed where `baseURL` ends with/,
    );
  });

  test("qwen, for a model whose name does not tell, and openai for one whose name does", async () => {
    const requests = async (provider: ProviderName, model: string) => {
      await using client = createRemem({ provider, model, store: memoryStore(), maxRetries: 0 });
      await client.infer(messages);
      return server.requests.at(-1)?.body;
    };
    expect(await requests("qwen", "qwen-plus")).toHaveProperty("chat_template_kwargs");
    expect(await requests("openai", "Qwen/Qwen3-8B")).not.toHaveProperty("chat_template_kwargs");
  });
});

test("useAzure calls the deployment of the model, as Azure's environment variables say", async () => {
  vi.stubEnv("AZURE_OPENAI_ENDPOINT", new URL(server.baseURL).origin);
  vi.stubEnv("AZURE_OPENAI_API_KEY", "azure-test-key");
  vi.stubEnv("OPENAI_API_VERSION", "2024-10-21");
  vi.stubEnv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1");
  await using client = new CacheOpenAI({ cacheDir: directory, useAzure: true });
  const { cacheHit } = await client.infer(messages);
  expect(cacheHit).toBe(false);
  expect(server.requests[0]).toMatchObject({
    url: "/openai/deployments/gpt-4o-mini/chat/completions?api-version=2024-10-21",
    headers: { "api-key": "azure-test-key" },
  });
  expect(client.config.llm_base_url).toBe(new URL(server.baseURL).origin);
  expect((await client.infer(messages)).source).toBe("store");
});

test("errors of Azure's adapter name the options that CacheOpenAI has, and leave the server's words as they are", async () => {
  const logger = { debug() {}, warn() {}, error() {} };
  const ask = async (place: { readonly llmBaseUrl?: string } = {}) => {
    await using client = new CacheOpenAI({ cacheDir: directory, useAzure: true, logger, maxRetries: 0, ...place });
    await client.infer(messages);
  };
  const llmBaseUrl = new URL(server.baseURL).origin;
  await expect(ask({ llmBaseUrl: "nowhere" })).rejects.toThrow(/^CacheOpenAI: `llmBaseUrl` must be a URL/);
  await expect(ask()).rejects.toThrow("pass `llmBaseUrl` to CacheOpenAI, or set AZURE_OPENAI_ENDPOINT");
  await expect(ask({ llmBaseUrl })).rejects.toThrow("pass `apiKey` to CacheOpenAI, or set AZURE_OPENAI_API_KEY");
  vi.stubEnv("AZURE_OPENAI_API_KEY", "azure-test-key");
  await expect(ask({ llmBaseUrl })).rejects.toThrow(
    /There is no API version: set OPENAI_API_VERSION\. \(None is needed where `llmBaseUrl` ends with/,
  );
  vi.stubEnv("OPENAI_API_VERSION", "2024-10-21");
  server.script([{ status: 404, body: { error: { message: "Unknown `model`, unknown `endpoint`" } } }]);
  await expect(ask({ llmBaseUrl })).rejects.toThrow(
    "Unknown `model`, unknown `endpoint`. Check `llmBaseUrl`, OPENAI_API_VERSION, and `llmName`, which is the deployment.",
  );
});

test("a cache of Azure answers is read without an Azure endpoint or key", async () => {
  await using client = new CacheOpenAI({ cacheDir: directory, useAzure: true });
  await expect(client.infer(messages, {}, { cache: "only-if-cached" })).rejects.toMatchObject({ code: "CACHE_MISS" });
});

test.skipIf(!hasRedis)("a Redis store is opened by its URL and keeps its values", async () => {
  const redis = await useRedis();
  const key = crypto.randomUUID();
  for (const expected of [undefined, "v"]) {
    const store = storeFromUrl(redis.url);
    expect(await store.get(key)).toBe(expected);
    await store.set(key, "v");
    await store.close();
  }
  await redis.stop();
});

test("a store of Keyv is opened by its URL and keeps its values", async () => {
  const key = crypto.randomUUID();
  for (const expected of [undefined, "v"]) {
    const store = storeFromUrl(`keyv+sqlite:${directory}/cache.sqlite`);
    expect(await store.get(key)).toBe(expected);
    await store.set(key, "v");
    await store.close();
  }
});
