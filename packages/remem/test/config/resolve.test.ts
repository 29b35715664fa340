import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { completionsServer } from "@remem/testing";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import {
  configuredGateway,
  openConfig,
  type RememConfig,
  type ResolvedOptions,
  resolveOptions,
} from "../../src/config.ts";
import { CacheOpenAI, createRemem, type RememOptions, storeFileFromUrl } from "../../src/index.ts";

const VARIABLES = ["REMEM_STORE", "REMEM_CONFIG", "OPENAI_BASE_URL", "AZURE_OPENAI_ENDPOINT"];

beforeEach(() => {
  for (const name of VARIABLES) vi.stubEnv(name, "");
});
afterEach(() => vi.unstubAllEnvs());

/** Writes a configuration file and returns its path. */
function written(config: RememConfig, directory: string = temporaryDirectory()): string {
  const path = join(directory, "remem.config.json");
  writeFileSync(path, JSON.stringify(config));
  return path;
}

function resolved(given: RememOptions, config: RememConfig): ResolvedOptions {
  return resolveOptions(given, openConfig("createRemem", written(config)));
}

type Row = [
  member: keyof RememConfig & keyof RememOptions,
  option: unknown,
  variable: string | undefined,
  own: unknown,
];

describe("an option takes precedence over a variable, a variable over the file, and the file over the default", () => {
  test.each<Row>([
    ["model", "a", undefined, "b"],
    ["store", "memory:", "REMEM_STORE", "redis://host"],
    ["baseURL", "http://a", "OPENAI_BASE_URL", "http://b"],
    ["provider", "qwen", undefined, "openai"],
    ["cache", "reload", undefined, "only-if-cached"],
    ["ttlMs", 1, undefined, 2],
    ["timeoutMs", 1, undefined, 2],
    ["maxRetries", 0, undefined, 1],
    ["cacheDir", "/a", "REMEM_STORE", "/b"],
  ])("%s", (member, option, variable, own) => {
    const of = ({ options, sources }: ResolvedOptions) => [options[member], sources.get(member)?.from];
    expect(of(resolved({}, {}))).toEqual([undefined, undefined]);
    expect(of(resolved({}, { [member]: own }))).toEqual([own, "file"]);
    expect(of(resolved({ [member]: option }, { [member]: own }))).toEqual([option, "option"]);
    if (variable === undefined) return;
    vi.stubEnv(variable, "memory:");
    expect(of(resolved({}, { [member]: own }))[0]).toBeUndefined();
    const from = member === "cacheDir" ? undefined : "variable";
    expect(of(resolved({}, { [member]: own }))[1]).toBe(from);
    expect(of(resolved({ [member]: option }, { [member]: own }))).toEqual([option, "option"]);
  });
});

test("limits and params are completed member by member", () => {
  const given = { limits: { rpm: 1, tpm: undefined }, params: { seed: 1, top_p: undefined } };
  const { options, sources } = resolved(given, { limits: { rpm: 2, tpm: 3 }, params: { seed: 2, temperature: 0 } });
  expect(options).toMatchObject({ limits: { rpm: 1, tpm: 3 }, params: { seed: 1, temperature: 0 } });
  expect(Object.fromEntries(sources)).toMatchObject({
    "limits.rpm": { from: "option" },
    "limits.tpm": { from: "file", line: 1 },
    "params.temperature": { from: "file", line: 1 },
  });
  expect(() => createRemem({ config: written({ limits: { rpm: 2 } }), limits: null as never })).toThrow("`limits`");
});

test("a parameter named __proto__ stays a parameter", () => {
  const path = join(temporaryDirectory(), "remem.config.json");
  writeFileSync(path, '{ "params": { "__proto__": { "a": 1 } } }');
  const { params } = resolveOptions({}, openConfig("createRemem", path)).options;
  expect(Object.keys(params!)).toEqual(["__proto__"]);
});

describe("what belongs together comes from one place", () => {
  const config = {
    provider: "azure",
    baseURL: "https://x.openai.azure.com",
    timeoutMs: 5,
    store: "redis://h",
  } as const;
  test("the address of Azure is not used for another provider, and the other way round", () => {
    expect(resolved({ provider: "openai" }, config).options.baseURL).toBeUndefined();
    expect(resolved({ provider: "azure" }, config).options.baseURL).toBe(config.baseURL);
    expect(resolved({ provider: "azure" }, { baseURL: "http://localhost:8000/v1" }).options.baseURL).toBeUndefined();
    expect(resolved({ provider: "qwen" }, { baseURL: "http://localhost:8000/v1" }).options.baseURL).toBeDefined();
  });
  test("Azure's variable takes precedence over its address in the file, and OpenAI's variable does not", () => {
    vi.stubEnv("OPENAI_BASE_URL", "http://localhost:8000/v1");
    expect(resolved({}, config).options.baseURL).toBe(config.baseURL);
    vi.stubEnv("AZURE_OPENAI_ENDPOINT", "https://y.openai.azure.com");
    expect(resolved({}, config).options.baseURL).toBeUndefined();
  });
  test("a provider that is an object has its own server and timeout", () => {
    const provider = { specVersion: 1, id: "own", generate: () => Promise.reject(new Error()) } as const;
    const { options } = resolved({ provider }, config);
    expect(options).toMatchObject({ provider, store: "redis://h" });
    expect(options.baseURL ?? options.timeoutMs).toBeUndefined();
  });
  test("a directory for the cache takes precedence over the store of the file, and a store over its directory", () => {
    expect(resolved({ cacheDir: "./c" }, config).options).toMatchObject({ cacheDir: "./c", store: undefined });
    expect(resolved({ store: "memory:" }, { cacheDir: "c" }).options).toMatchObject({ cacheDir: undefined });
  });
  test("a model among the parameters of the call takes precedence over that of the file", () => {
    expect(resolved({ params: { model: "a" } }, { model: "b" }).options).toMatchObject({
      model: undefined,
      params: { model: "a" },
    });
  });
});

describe("a path is relative to the file", () => {
  test.each([
    ["sqlite:./cache", "sqlite:DIR/cache"],
    ["sqlite:cache/", "sqlite:DIR/cache/"],
    ["sqlite:../answers.sqlite", "sqlite:UP/answers.sqlite"],
    ["sqlite:/var/answers.sqlite", "sqlite:/var/answers.sqlite"],
    ["sqlite:///var/answers.sqlite", "sqlite:/var/answers.sqlite"],
    ["keyv+sqlite:cache.db", "keyv+sqlite:DIR/cache.db"],
    ["sqlite:redis://user:secret@host", "sqlite:redis://user:secret@host"],
    ["redis://host", "redis://host"],
    ["memory:", "memory:"],
  ])("%s", (store, placed) => {
    const up = temporaryDirectory();
    const directory = join(up, "project");
    mkdirSync(directory);
    const { options } = resolveOptions({}, openConfig("createRemem", written({ store }, directory)));
    expect(options.store).toBe(placed.replace("DIR", directory).replace("UP", up));
  });
});

describe("a variable in braces", () => {
  test("is replaced in store, cacheDir, model and baseURL, and in no parameter", () => {
    vi.stubEnv("NAME", "x");
    const config = { model: `m-\${NAME}`, baseURL: `http://\${NAME}/v1`, params: { stop: `\${NAME}` } };
    expect(resolved({}, { ...config, store: `redis://\${NAME}` }).options).toMatchObject({
      model: "m-x",
      baseURL: "http://x/v1",
      store: "redis://x",
      params: { stop: `\${NAME}` },
    });
    expect(resolved({}, { cacheDir: `/c/\${NAME}` }).options.cacheDir).toBe("/c/x");
  });
  test("that is not set is an error, unless something else takes precedence", () => {
    const config = { store: `\${NO_SUCH_URL}` };
    expect(() => resolved({}, config)).toThrow(/json:1: `store` needs the variable NO_SUCH_URL, which is not set\./);
    expect(() => resolved({ store: "memory:" }, config)).not.toThrow();
    vi.stubEnv("REMEM_STORE", "memory:");
    expect(() => resolved({}, config)).not.toThrow();
  });
  test("with a default is an error", () => {
    expect(() => resolved({}, { model: `\${MODEL:-gpt-4o}` })).toThrow(`may only name variables as \${NAME}`);
  });
});

test("the gateway has its tenants as they are written, and its Redis with the values of variables", () => {
  vi.stubEnv("REDIS_HOST", "redis.local");
  const tenants = {
    alice: { tokens: [`sha256:${"0".repeat(64)}`], models: ["gpt-4o*"], limits: { dollarsPerDay: 2.5 } },
  };
  const gateway = { tenants, redis: `redis://\${REDIS_HOST}` };
  expect(configuredGateway(openConfig("remem", written({ gateway })))).toEqual({
    upstreams: {},
    tenants,
    redis: "redis://redis.local",
  });
});

test("the servers behind the gateway have the values of their variables", () => {
  vi.stubEnv("A_KEY", "key");
  vi.stubEnv("A_HOST", "host");
  const upstreams = {
    a: { baseURL: `https://\${A_HOST}/v1`, apiKey: "A_KEY" },
    b: { baseURL: "https://b", apiKey: `\${A_KEY}` },
    c: { baseURL: "https://c" },
  };
  const read = (config: RememConfig) => configuredGateway(openConfig("remem", written(config))).upstreams;
  expect(read({ gateway: { upstreams } })).toEqual({
    a: { baseURL: "https://host/v1", apiKey: "key" },
    b: { baseURL: "https://b", apiKey: "key" },
    c: { baseURL: "https://c" },
  });
  expect(read({ gateway: {} })).toEqual({});
  expect(configuredGateway(undefined)).toEqual({ upstreams: {}, tenants: undefined, redis: undefined });
  const missing = { d: { baseURL: "https://d", apiKey: "NO_SUCH_KEY" } };
  expect(() => read({ gateway: { upstreams: missing } })).toThrow(
    /json:1: `gateway\.upstreams\.d\.apiKey` needs the variable NO_SUCH_KEY, which is not set\./,
  );
});

test("createRemem takes its defaults from the file, and CacheOpenAI takes none", async () => {
  const server = await completionsServer();
  onTestFinished(() => server.close());
  const directory = temporaryDirectory();
  const config = { model: "m", baseURL: server.baseURL, params: { seed: 1 }, store: "sqlite:./answers.sqlite" };
  const path = written(config, directory);
  vi.stubEnv("OPENAI_API_KEY", "sk-test");
  vi.stubEnv("REMEM_CONFIG", path);

  const sources = [];
  for (let round = 0; round < 2; round++) {
    await using client = createRemem();
    sources.push((await client.infer("Hi")).source);
  }
  expect(sources).toEqual(["provider", "store"]);
  expect(server.requests.map(({ body }) => body)).toMatchObject([{ model: "m", seed: 1 }]);
  expect(storeFileFromUrl()?.path).toBe(join(directory, "answers.sqlite"));
  expect(storeFileFromUrl(undefined, { config: false })?.path).toBe("llm_cache/remem_cache.sqlite");

  vi.stubEnv("OPENAI_BASE_URL", server.baseURL);
  await using client = createRemem({ config: false, store: "memory:" });
  await client.infer("Hi");
  const original = new CacheOpenAI({ cacheDir: directory });
  await original.infer([{ role: "user", content: "Hi" }]);
  await original.close();
  expect(server.requests.slice(1).map(({ body }) => body)).toMatchObject([
    { model: "gpt-4o-mini" },
    { model: "gpt-4o-mini" },
  ]);
});

test("the options of createRemem are checked before the file completes them", () => {
  const config = written({ cacheDir: "c", model: "m" });
  expect(() => createRemem({ config, store: "memory:" })).not.toThrow();
  expect(() => createRemem({ config, store: "memory:", params: { model: "x" } })).not.toThrow();
  expect(() => createRemem({ config, store: "memory:", cacheDir: "d" })).toThrow("cannot be combined");
});
