import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { collect } from "@remem/test-support/collect";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { type CompletionsServer, completionsServer } from "@remem/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type ChatRequest,
  createRemem,
  memoryStore,
  openaiProvider,
  RememError,
  type RememOptions,
  storeFromUrl,
} from "../src/index.ts";

const messages = [{ role: "user", content: "Hi" }] as const;
let directory: string;
let server: CompletionsServer;

beforeEach(async () => {
  directory = temporaryDirectory();
  server = await completionsServer();
  vi.stubEnv("OPENAI_BASE_URL", server.baseURL);
  vi.stubEnv("OPENAI_API_KEY", "sk-test");
  vi.stubEnv("REMEM_STORE", "");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

/** Asks the same question twice, each time with a new client. */
async function askTwice(options: RememOptions | (() => RememOptions)): Promise<string[]> {
  const sources: string[] = [];
  for (let round = 0; round < 2; round++) {
    const client = createRemem(typeof options === "function" ? options() : options);
    sources.push((await client.infer(messages)).source);
    await client.close();
  }
  return sources;
}

test("by default it uses gpt-4o-mini, sends nothing else, and creates the model's file in cacheDir", async () => {
  const cacheDir = join(directory, "deep", "llm_cache");
  expect(await askTwice({ cacheDir })).toEqual(["provider", "store"]);
  expect(server.requests.map(({ body }) => body)).toEqual([{ model: "gpt-4o-mini", messages }] satisfies ChatRequest[]);
  expect(readdirSync(cacheDir)).toEqual(["gpt-4o-mini_cache.locks", "gpt-4o-mini_cache.sqlite"]);
  if (process.platform !== "win32") {
    expect(statSync(cacheDir).mode & 0o777).toBe(0o700);
    expect(statSync(join(cacheDir, "gpt-4o-mini_cache.sqlite")).mode & 0o777).toBe(0o600);
  }
});

test("model, params, cacheFilename, apiKey and baseURL take effect", async () => {
  vi.unstubAllEnvs();
  const options = {
    cacheDir: directory,
    cacheFilename: "answers-{model}.db",
    apiKey: "sk-own",
    baseURL: server.baseURL,
  };
  expect(await askTwice({ ...options, model: "a/b", params: { seed: 1 } })).toEqual(["provider", "store"]);
  expect(server.requests[0]).toMatchObject({
    body: { model: "a/b", seed: 1 },
    headers: { authorization: "Bearer sk-own" },
  });
  expect(readdirSync(directory)).toEqual(["answers-a_b.db", "answers-a_b.db.locks"]);
});

describe("one option or one variable swaps the store", () => {
  test.each<[string, (path: string) => string, string[]]>([
    ["memory:", () => "memory:", []],
    ["a file", (path) => `sqlite:${path}/my.sqlite`, ["my.sqlite"]],
    ["a file, by an absolute URL", (path) => `sqlite://${path}/my.sqlite`, ["my.sqlite"]],
    ["a directory that does not exist", (path) => `sqlite:${path}/sub`, ["sub/gpt-4o-mini_cache.sqlite"]],
    ["an existing directory", (path) => `SQLite:${path}`, ["gpt-4o-mini_cache.sqlite"]],
    ["an existing file without an extension", (path) => `sqlite:${path}/plain`, ["plain"]],
    ["an existing directory with an extension", (path) => `sqlite:${path}/dir.d`, ["dir.d/gpt-4o-mini_cache.sqlite"]],
  ])("%s", async (name, urlIn, files) => {
    if (name === "an existing file without an extension") writeFileSync(join(directory, "plain"), "");
    if (name === "an existing directory with an extension") mkdirSync(join(directory, "dir.d"));
    const store = urlIn(directory);
    const expected = name === "memory:" ? ["provider", "provider"] : ["provider", "store"];
    expect(await askTwice({ store })).toEqual(expected);
    for (const file of files) expect(existsSync(join(directory, file))).toBe(true);

    vi.stubEnv("REMEM_STORE", store);
    expect(await askTwice({ cacheDir: join(directory, "unused"), params: { seed: 1 } })).toEqual(expected);
    expect(existsSync(join(directory, "unused"))).toBe(false);
  });

  test("a store of your own", async () => {
    const store = { ...memoryStore(), close: async () => {} };
    expect(await askTwice({ store })).toEqual(["provider", "store"]);
  });

  test("storeFromUrl without a model opens one file for all models", async () => {
    const store = storeFromUrl(`sqlite:${directory}/`);
    await store.set("k", "v");
    await store.close();
    expect(readdirSync(directory)).toEqual(["remem_cache.locks", "remem_cache.sqlite"]);
  });
});

describe("invalid options are refused by name, and no password is repeated", () => {
  test.each<[RememOptions, RegExp]>([
    [{ cachedir: "x" } as RememOptions, /no option `cachedir`/],
    [{ store: "memory:", cacheDir: "x" }, /`cacheDir` cannot be combined with `store`/],
    [{ model: "m", params: { model: "n" } }, /`params.model` cannot be combined with `model`/],
    [{ provider: {} as never, apiKey: "x" }, /`apiKey` cannot be combined with `provider`/],
    [{ provider: {} as never, scope: "x" }, /`scope` cannot be combined with `provider`/],
    [{ provider: "anthropic" as never }, /`provider` must be a provider, "openai", "azure" or "qwen"/],
    [{ store: "./llm_cache" }, /this is not a URL/],
    [{ store: "sqlite:" }, /memory:, sqlite:<path>, redis:/],
    [{ store: "mongo://user:hunter2@host" }, /this is a mongo: URL/],
    [{ store: "sqlite::memory:" }, /memoryStore\(\)/],
    [{ baseURL: "localhost" }, /`baseURL` must be a URL/],
  ])("%o", (options, message) => {
    const create = () => createRemem(options);
    expect(create).toThrow(message);
    expect(create).toThrow(RememError);
    expect(create).not.toThrow(/hunter2/);
  });
});

test("the answers of one server are not served for another", async () => {
  const other = await completionsServer();
  const store = { ...memoryStore(), close: async () => {} };
  await askTwice({ store });
  expect(await askTwice({ store, baseURL: other.baseURL })).toEqual(["provider", "store"]);
  expect([server.calls, other.calls]).toEqual([1, 1]);
  await other.close();
});

test("scope: false shares answers between servers, and another scope keeps them apart", async () => {
  const other = await completionsServer();
  const store = { ...memoryStore(), close: async () => {} };
  await askTwice({ store, scope: false });
  expect(await askTwice({ store, scope: false, baseURL: other.baseURL })).toEqual(["store", "store"]);
  expect(await askTwice({ store, scope: "lab", baseURL: other.baseURL })).toEqual(["provider", "store"]);
  await other.close();
});

test("timeoutMs limits an attempt and maxRetries the attempts, unless a provider is given, which has its own", async () => {
  server.script([{ stall: "body" }, { status: 503 }, { status: 503 }]);
  const impatient = createRemem({ store: "memory:", timeoutMs: 200, maxRetries: 0 });
  await expect(impatient.infer(messages)).rejects.toMatchObject({
    code: "PROVIDER_TIMEOUT",
    message: expect.stringContaining("200 ms"),
  });
  await expect(impatient.infer(messages)).rejects.toMatchObject({ status: 503 });
  expect(server.calls).toBe(2);
  expect((await createRemem({ store: "memory:", maxRetries: 1 }).infer(messages)).source).toBe("provider");
  expect(server.calls).toBe(4);
  const provider = openaiProvider();
  expect(() => createRemem({ provider, timeoutMs: 5 })).toThrow(/`timeoutMs` cannot be combined with `provider`/);
  expect(() => createRemem({ maxRetries: -1 })).toThrow(/createRemem: `maxRetries` must be/);
});

test.each<[RememOptions, RegExp]>([
  [{ ttlMs: 0 }, /^createRemem: `ttlMs` must be/],
  [{ maxEntryBytes: -1 }, /^createRemem: `maxEntryBytes` must be/],
  [{ baseURL: "nowhere" }, /^createRemem: `baseURL` must be/],
  [{ params: { sample: 1 } as never }, /^createRemem: `params.sample` is an option/],
  [{ model: "Qwen/Qwen3-8B", baseURL: "nowhere" }, /^createRemem: `baseURL` must be/],
])("an error about %o names createRemem, and no function that nobody has called", (options, message) => {
  expect(() => createRemem({ store: "memory:", ...options })).toThrow(message);
});

test("an option that is undefined is as if it were left out", async () => {
  const undefinedOptions = {
    model: undefined,
    params: undefined,
    provider: undefined,
    cacheFilename: undefined,
    apiKey: undefined,
    baseURL: undefined,
    scope: undefined,
    timeoutMs: undefined,
    maxRetries: undefined,
    config: undefined,
    ttlMs: undefined,
    cache: undefined,
    admit: undefined,
    onStoreError: undefined,
    storeTimeoutMs: undefined,
    maxRequestBytes: undefined,
    maxEntryBytes: undefined,
    limits: undefined,
    floats: undefined,
    storeRequest: undefined,
    onEvent: undefined,
    logger: undefined,
    journal: undefined,
    onCall: undefined,
  } satisfies Record<Exclude<keyof RememOptions, "store" | "cacheDir">, undefined>;
  const call = { cache: undefined, sample: undefined, ttlMs: undefined, timeoutMs: undefined, signal: undefined };
  for (const source of ["provider", "store"]) {
    await using client = createRemem({ ...undefinedOptions, store: undefined, cacheDir: directory });
    expect((await client.infer({ messages, temperature: undefined }, call)).source).toBe(source);
    const batch = { ...call, concurrency: undefined, onProgress: undefined };
    expect(await client.batchInfer([messages], undefined, batch)).toMatchObject([{ source: "store" }]);
    const [each] = await collect(client.inferEach([messages], { ...batch, window: undefined }));
    expect(each).toMatchObject({ source: "store" });
  }
  const provider = openaiProvider({
    apiKey: undefined,
    baseURL: undefined,
    timeoutMs: undefined,
    maxRetries: undefined,
  });
  await using other = createRemem({
    ...undefinedOptions,
    provider,
    store: memoryStore({ maxBytes: undefined }),
    cacheDir: undefined,
  });
  expect((await other.infer(messages)).source).toBe("provider");
  expect(server.calls).toBe(2);
});
