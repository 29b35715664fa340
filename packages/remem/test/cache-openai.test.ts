import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { type CompletionsServer, completionsServer } from "@remem/testing";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { CacheOpenAI, type CacheOpenAIOptions, type ChatRequest, cacheKey, type Logger } from "../src/index.ts";

/** A row that make-original-cache.py wrote, and the answer of the Python class. */
interface GoldenRow {
  readonly profile: "direct" | "config";
  readonly request: ChatRequest;
  readonly floats: readonly string[];
  readonly key: string;
  readonly hit: boolean;
  readonly response?: string;
  readonly metadata?: { readonly response: string | null };
}

const golden = new URL("../../sqlite/test/golden/", import.meta.url);
const rows = readFileSync(new URL("original-cache.jsonl", golden), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as GoldenRow);

const messages = [{ role: "user", content: "Hi" }] as const;
let directory: string;
let server: CompletionsServer;

beforeEach(async () => {
  directory = temporaryDirectory();
  server = await completionsServer();
  vi.stubEnv("OPENAI_BASE_URL", server.baseURL);
  vi.stubEnv("OPENAI_API_KEY", "sk-test");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

function closing(client: CacheOpenAI): CacheOpenAI {
  onTestFinished(() => client.close());
  return client;
}
const open = (options: Partial<CacheOpenAIOptions> = {}) =>
  closing(new CacheOpenAI({ cacheDir: directory, ...options }));
const sent = () => server.requests.map(({ body }) => body);

describe("a cache file of the Python class is used in place", () => {
  const profiles = {
    direct: () => open(),
    config: () => closing(CacheOpenAI.fromExperimentConfig({ save_dir: directory })),
  };

  test.each(["direct", "config"] as const)("%s: its answers are hits, and nothing is paid for", async (profile) => {
    for (const place of [directory, join(directory, "llm_cache")]) {
      mkdirSync(place, { recursive: true });
      copyFileSync(new URL("gpt-4o-mini_cache.sqlite", golden), join(place, "gpt-4o-mini_cache.sqlite"));
    }
    const client = profiles[profile]();
    const own = rows.filter((row) => row.profile === profile);
    let elsewhere = 0;
    for (const { request, floats, key, hit, response, metadata } of own) {
      const { messages, seed: _, temperature: __, ...params } = request;
      // Another member is a float, which only `floats` can say.
      const other = floats.some((pointer) => pointer !== "/temperature");
      if (other) elsewhere += 1;
      const asked = other ? open({ ...numbersOf(request, floats), ...placeOf(profile) }) : client;
      const call = asked.infer(messages, params, { cache: "only-if-cached" });
      if (!hit) {
        await expect(call).rejects.toMatchObject({ code: "CACHE_MISS", key });
        continue;
      }
      expect(await call).toMatchObject({ response, key, cacheHit: true, source: "store" });
      if (response !== '{"a": 1}')
        expect((await call).metadata).toEqual({ ...metadata, response: metadata?.response ?? "" });
    }
    expect(elsewhere).toBe(1);
    expect(server.calls).toBe(0);
  });

  function numbersOf({ seed, temperature }: ChatRequest, floats: readonly string[]) {
    return { seed: seed ?? null, temperature: temperature ?? 0, floats: (pointer: string) => floats.includes(pointer) };
  }
  function placeOf(profile: GoldenRow["profile"]) {
    return { cacheDir: profile === "config" ? join(directory, "llm_cache") : directory };
  }
});

const fixtures = new URL("../../../../shared/fixtures/", import.meta.url);

test.skipIf(!existsSync(fixtures))(
  "a larger file of the Python class, if present: 194 hits, 6 more with `floats`, and 44 misses",
  async () => {
    const requests = readFileSync(new URL("gpt-4o-mini_cache.requests.jsonl", fixtures), "utf8").trimEnd().split("\n");
    for (const place of [directory, join(directory, "llm_cache")]) {
      mkdirSync(place, { recursive: true });
      copyFileSync(new URL("gpt-4o-mini_cache.sqlite", fixtures), join(place, "gpt-4o-mini_cache.sqlite"));
    }
    const direct = open();
    const config = closing(CacheOpenAI.fromExperimentConfig({ save_dir: directory }));
    const count = { hits: 0, byFloats: 0, misses: 0 };
    for (const line of requests) {
      const { request, floats = [], expect: expected } = JSON.parse(line);
      const { messages, ...params } = request;
      const ask = (client: CacheOpenAI) => client.infer(messages, params, { cache: "only-if-cached" });
      const found = await ask(floats.includes("/temperature") ? direct : config).catch(() => undefined);
      if (!expected.hit) {
        expect(found).toBeUndefined();
        count.misses += 1;
        continue;
      }
      const result = found ?? (await ask(open({ floats: (pointer) => floats.includes(pointer) })));
      expect(result).toMatchObject({ response: expected.message ?? "", cacheHit: true });
      expect(result.metadata).toMatchObject({
        response: expected.metadata_response ?? "",
        finish_reason: expected.finish_reason,
        prompt_tokens: expected.prompt_tokens,
        completion_tokens: expected.completion_tokens,
      });
      count[found === undefined ? "byFloats" : "hits"] += 1;
    }
    expect(count).toEqual({ hits: 194, byFloats: 6, misses: 44 });
    expect(server.calls).toBe(0);
  },
);

describe("it behaves like the Python class", () => {
  test("it sends n, seed 0 and temperature 0, has Python's key, and uses the model's file", async () => {
    const client = open();
    const { key, cacheHit } = await client.infer(messages);
    expect(cacheHit).toBe(false);
    expect(sent()).toEqual([{ model: "gpt-4o-mini", n: 1, seed: 0, temperature: 0, messages }]);
    expect(key).toBe(cacheKey({ model: "gpt-4o-mini", seed: 0, temperature: 0, messages: [...messages] }));
    expect(await client.infer(messages)).toMatchObject({ key, cacheHit: true });
    expect(readdirSync(directory)).toContain("gpt-4o-mini_cache.sqlite");
    expect(client.config).toEqual({
      llm_name: "gpt-4o-mini",
      llm_base_url: server.baseURL,
      generate_params: { model: "gpt-4o-mini", n: 1, seed: 0, temperature: 0 },
    });
  });

  test("every option takes effect", async () => {
    vi.stubEnv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1");
    vi.stubEnv("OPENAI_API_KEY", "");
    const client = open({
      cacheFilename: "own.sqlite",
      llmName: "org/own",
      apiKey: "sk-own-key",
      llmBaseUrl: server.baseURL,
      numGenChoices: 2,
      seed: null,
      temperature: 0.5,
    });
    const { completion } = await client.infer(messages, { max_tokens: 9 });
    expect(completion.choices).toHaveLength(2);
    expect(sent()).toEqual([{ model: "org/own", n: 2, seed: null, temperature: 0.5, max_tokens: 9, messages }]);
    expect(server.requests[0]?.headers.authorization).toBe("Bearer sk-own-key");
    expect(existsSync(join(directory, "own.sqlite"))).toBe(true);
    expect(client.config.llm_base_url).toBe(server.baseURL);
  });

  test("a configuration has Python's names, and its other members are ignored", async () => {
    const config = {
      save_dir: directory,
      llm_name: "org/own",
      llm_base_url: server.baseURL,
      temperature: 1,
      dataset: "x",
    };
    const client = closing(CacheOpenAI.fromExperimentConfig(config));
    const { key } = await client.infer(messages);
    expect(sent()).toEqual([{ model: "org/own", n: 1, seed: null, temperature: 1, messages }]);
    const asked = { model: "org/own", temperature: 1, messages: [...messages] };
    expect(key).toBe(cacheKey(asked, { floats: () => false }));
    expect(key).not.toBe(cacheKey(asked));
    expect(readdirSync(join(directory, "llm_cache"))).toContain("org_own_cache.sqlite");
  });

  test("a batch is answered in order, and identical requests are sent once", async () => {
    const batch = ["a", "b", "a"].map((content) => [{ role: "user" as const, content }]);
    const done: number[] = [];
    const results = await open().batchInfer(
      batch,
      { max_tokens: 5 },
      { concurrency: 2, onProgress: (p) => done.push(p.done) },
    );
    expect(results.map(({ cacheHit }) => cacheHit)).toEqual([false, false, true]);
    expect(results[0]).toMatchObject({ metadata: { prompt: batch[0] } });
    expect(server.calls).toBe(2);
    expect(done).toEqual([1, 2, 3]);
  });

  test("in JSON mode the fence is removed from the response, but not from the completion", async () => {
    const content = '```json\n{"a":1}\n```';
    const choices = [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }];
    server.script([{ body: { id: "1", object: "chat.completion", created: 1, model: "m", choices } }]);
    const client = open();
    const response_format = { type: "json_object" };
    for (const cacheHit of [false, true]) {
      const result = await client.infer(messages, { response_format });
      expect(result).toMatchObject({ response: '{"a":1}', cacheHit, metadata: { response: content } });
      expect(result.completion.choices[0]?.message.content).toBe(content);
    }
  });

  test("a failing call throws, and is logged to standard error by default", async () => {
    const error = vi.spyOn(console, "error").mockReturnValue();
    server.script([{ status: 400 }]);
    await expect(open().infer(messages)).rejects.toMatchObject({ code: "PROVIDER_ERROR", status: 400 });
    expect(error).toHaveBeenCalledExactlyOnceWith(
      "remem: the provider failed",
      expect.objectContaining({ provider: "openai" }),
    );
    expect(JSON.stringify(error.mock.calls)).not.toContain("sk-test");
  });

  test("a logger replaces standard error", async () => {
    const error = vi.spyOn(console, "error").mockReturnValue();
    const logger: Logger = { debug: vi.fn(), warn: vi.fn(), error: vi.fn() };
    server.script([{ status: 400 }]);
    await expect(open({ logger }).infer(messages)).rejects.toThrow();
    expect(logger.error).toHaveBeenCalledOnce();
    expect(error).not.toHaveBeenCalled();
  });
});

test.each<[object, RegExp]>([
  [{}, /`cacheDir` must name a directory/],
  [{ cacheDir: "" }, /`cacheDir` must name a directory/],
  [{ cacheDir: "x", llm_name: "m" }, /there is no option `llm_name`/],
])("%j is refused by name", (options, message) => {
  expect(() => new CacheOpenAI(options as CacheOpenAIOptions)).toThrow(message);
});

test("a configuration without a directory is refused", () => {
  expect(() => CacheOpenAI.fromExperimentConfig({} as { save_dir: string })).toThrow(
    /`save_dir` must name a directory/,
  );
});

test("an option that is undefined is as if it were left out", async () => {
  const undefinedOptions = {
    cacheFilename: undefined,
    llmName: undefined,
    apiKey: undefined,
    llmBaseUrl: undefined,
    numGenChoices: undefined,
    seed: undefined,
    temperature: undefined,
    floats: undefined,
    useAzure: undefined,
    timeoutMs: undefined,
    maxRetries: undefined,
    logger: undefined,
    journal: undefined,
  } satisfies Record<Exclude<keyof CacheOpenAIOptions, "cacheDir">, undefined>;
  expect(open(undefinedOptions).config).toEqual(open().config);
  expect((await open(undefinedOptions).infer(messages)).key).toBe((await open().infer(messages)).key);
  expect(server.calls).toBe(1);
});
