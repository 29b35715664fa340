import { type CacheStore, createClient, memoryStore, ProviderError } from "@remem/core";
import { type CompletionsServer, completionsServer } from "@remem/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type AzureProviderOptions, azureProvider } from "../src/index.ts";
import { azureProviderFor } from "../src/plugin.ts";
import { API_KEY, API_VERSION, endpointOf, v1EndpointOf } from "./variants.ts";

const RESOURCE = "https://lab.openai.azure.com";

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (/OPENAI/.test(name)) vi.stubEnv(name, undefined);
});
afterEach(() => void vi.unstubAllEnvs());

describe("the scope", () => {
  test.each<[string, AzureProviderOptions, string]>([
    ["is the resource", { endpoint: RESOURCE }, RESOURCE],
    [
      "is the same for every spelling of the endpoint",
      { endpoint: "HTTPS://Lab.OpenAI.Azure.com:443//?a=b" },
      RESOURCE,
    ],
    ["is the same for the v1 API", { endpoint: `${RESOURCE}/openai/v1/` }, RESOURCE],
    ["includes the path of a gateway", { endpoint: "https://gateway.example/lab/" }, "https://gateway.example/lab"],
    ["does not depend on the version", { endpoint: RESOURCE, apiVersion: "2024-10-21" }, RESOURCE],
    [
      "includes the deployment if it is set",
      { endpoint: RESOURCE, deployment: "a/b" },
      `${RESOURCE}/openai/deployments/a%2Fb`,
    ],
    [
      "includes the deployment for the v1 API, too",
      { endpoint: `${RESOURCE}/openai/v1`, deployment: "a/b" },
      `${RESOURCE}/openai/deployments/a%2Fb`,
    ],
    ["can be set", { endpoint: RESOURCE, deployment: "a", scope: "lab" }, "lab"],
  ])("%s", (_, options, scope) => {
    expect(azureProvider(options).scope).toBe(scope);
  });

  test("can be disabled", () => {
    expect(azureProvider({ endpoint: RESOURCE, scope: false })).not.toHaveProperty("scope");
  });

  test("is that of AZURE_OPENAI_ENDPOINT unless the option is set", () => {
    vi.stubEnv("AZURE_OPENAI_ENDPOINT", `${RESOURCE}/`);
    expect(azureProvider().scope).toBe(RESOURCE);
    expect(azureProvider({ endpoint: "https://other.openai.azure.com" }).scope).toBe("https://other.openai.azure.com");
  });
});

describe("a missing endpoint", () => {
  const message = /`endpoint`.*AZURE_OPENAI_ENDPOINT/;

  test("is an immediate error, since the key needs it", () => {
    vi.stubEnv("AZURE_OPENAI_ENDPOINT", "");
    expect(() => azureProvider()).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
    expect(() => azureProvider()).toThrow(message);
  });

  test("fails the first request if `scope` is set, since the key does not need it then", async () => {
    for (const scope of ["lab", false] as const) {
      const request = { model: "chat", messages: [{ role: "user", content: "Why?" }] } as const;
      const call = azureProvider({ scope }).generate(request, { signal: new AbortController().signal });
      await expect(call).rejects.toMatchObject({ code: "INVALID_OPTION", message: expect.stringMatching(message) });
    }
  });
});

test.each<[object, RegExp]>([
  [{ endpoint: "lab.openai.azure.com" }, /`endpoint` must be a URL/],
  [{ endpoint: "https://user:hunter2@lab.openai.azure.com" }, /`endpoint` must not contain a user or password/],
  [{ api_version: "2024-10-21" }, /azureProvider: there is no option `api_version`/],
  [{ deployment: "" }, /`deployment` must be a non-empty string/],
  [{ azureADTokenProvider: "hunter2" }, /`azureADTokenProvider` must be a function/],
  [{ apiKey: "hunter2", azureADTokenProvider: async () => "" }, /either `apiKey` or `azureADTokenProvider`, not both/],
  [{ timeoutMs: 0 }, /`timeoutMs` must be/],
  [{ maxRetries: -1 }, /`maxRetries` must be/],
])("an invalid option is refused by name without repeating a secret: %#", (options, message) => {
  const create = () => azureProvider({ endpoint: RESOURCE, ...options });
  expect(create).toThrow(message);
  expect(create).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
  expect(create).not.toThrow(/hunter2/);
});

describe("in front of a store", () => {
  const question = [{ role: "user", content: "Why?" }] as const;
  let server: CompletionsServer;
  beforeEach(async () => {
    server = await completionsServer();
  });
  afterEach(() => server.close());

  function client(options: AzureProviderOptions, store: CacheStore = memoryStore()) {
    const provider = azureProvider({
      endpoint: endpointOf(server),
      apiVersion: API_VERSION,
      maxRetries: 0,
      ...options,
    });
    return createClient({ provider, store, params: { model: "chat" } });
  }

  test("a rotated token does not cause another call", async () => {
    const tokens = ["first-token", "second-token"];
    const store = memoryStore();
    for (const hit of [false, true]) {
      const azureADTokenProvider = async () => tokens.shift() ?? "";
      const result = await client({ azureADTokenProvider }, store).infer(question);
      expect(result.cacheHit).toBe(hit);
      expect(result.completion).toHaveProperty("prompt_filter_results");
    }
    expect([server.calls, tokens]).toEqual([1, ["second-token"]]);
  });

  test("a hit needs neither credentials nor a version", async () => {
    const store = memoryStore();
    const { response } = await client({ apiKey: API_KEY }, store).infer(question);
    const provider = azureProvider({ endpoint: endpointOf(server) });
    const again = createClient({ provider, store, params: { model: "chat" } });
    expect(await again.infer(question)).toMatchObject({ response, cacheHit: true });
  });

  test("two deployments of one model do not share answers", async () => {
    const store = memoryStore();
    const answers = [];
    for (const deployment of ["eu-chat", "us-chat"]) {
      answers.push(await client({ apiKey: API_KEY, deployment }, store).infer(question));
    }
    expect(answers.map(({ cacheHit }) => cacheHit)).toEqual([false, false]);
    expect(answers[0]?.response).not.toBe(answers[1]?.response);
  });

  test("answers survive a change of the version and of the API", async () => {
    const store = memoryStore();
    await client({ apiKey: API_KEY }, store).infer(question);
    for (const options of [{ apiVersion: "2025-01-01-preview" }, { endpoint: v1EndpointOf(server) }]) {
      const result = await client({ apiKey: API_KEY, ...options }, store).infer(question);
      expect(result.cacheHit).toBe(true);
    }
    expect(server.calls).toBe(1);
  });

  test("a blocked prompt is an error and is not stored", async () => {
    const error = { message: "It was filtered.", type: null, param: "prompt", code: "content_filter" };
    server.script([{ status: 400, body: { error } }]);
    const asking = client({ apiKey: API_KEY });
    const call = asking.infer(question);
    await expect(call).rejects.toThrow(ProviderError);
    await expect(call).rejects.toMatchObject({ status: 400, cause: { code: "content_filter" } });
    expect(await asking.infer(question)).toMatchObject({ source: "provider" });
  });

  test("a filtered answer is returned and not stored", async () => {
    const message = { role: "assistant", content: null };
    const choice = { index: 0, finish_reason: "content_filter", message };
    server.script([{ body: { id: "1", model: "chat", created: 0, choices: [choice] } }]);
    const asking = client({ apiKey: API_KEY });
    expect((await asking.infer(question)).metadata.finish_reason).toBe("content_filter");
    expect(await asking.infer(question)).toMatchObject({ source: "provider" });
  });
});

test("a function with another name that creates the provider is named in its errors", async () => {
  const options = { endpoint: RESOURCE, apiVersion: API_VERSION };
  for (const wrong of [{ timeoutMs: 0 }, { deployment: "" }, { endpoint: "lab" }, { apikey: "x" }]) {
    expect(() => azureProviderFor("createRemem", { ...options, ...wrong })).toThrow(/^createRemem: /);
  }
  expect(() => azureProviderFor("createRemem", {})).toThrow("pass `endpoint` to createRemem");
  const request = { model: "chat", messages: [{ role: "user", content: "Why?" }] } as const;
  for (const [lacking, message] of [
    [options, "pass `apiKey` or `azureADTokenProvider` to createRemem"],
    [{ endpoint: RESOURCE, apiKey: API_KEY }, "pass `apiVersion` to createRemem"],
    [{ ...options, azureADTokenProvider: async () => "" }, /^createRemem: `azureADTokenProvider`/],
  ] as const) {
    const call = azureProviderFor("createRemem", lacking).generate(request, { signal: new AbortController().signal });
    await expect(call).rejects.toThrow(message);
  }
});
