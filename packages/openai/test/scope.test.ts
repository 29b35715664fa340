import { afterEach, describe, expect, test, vi } from "vitest";
import { openaiProvider } from "../src/index.ts";
import { API_KEY, SDKS } from "./sdks.ts";

afterEach(() => void vi.unstubAllEnvs());

const baseURL = "https://gateway.example/v1";
const hashed = /^https:\/\/gateway\.example\/v1 [0-9a-f]{16}$/;

describe.each(SDKS)("the scope of a client of %s", (_, { OpenAI, AzureOpenAI }) => {
  const scopeOf = (options: object) =>
    openaiProvider({ client: new OpenAI({ apiKey: API_KEY, baseURL, ...options }) }).scope;

  test("is its address if there is nothing else", () => {
    expect(scopeOf({})).toBe(baseURL);
    expect(scopeOf({ baseURL: "https://api.openai.com/v1/" })).toBeUndefined();
    expect(scopeOf({ defaultQuery: {}, defaultHeaders: {} })).toBe(baseURL);
  });

  test("differs where its query or headers do, and shows neither", () => {
    const scopes = [
      {},
      { defaultQuery: { tenant: "alpha" } },
      { defaultQuery: { tenant: "beta" } },
      { defaultQuery: { tenant: "alpha", region: "eu" } },
      { defaultQuery: { tenant: ["alpha", "beta"] } },
      { defaultHeaders: { tenant: "alpha" } },
      { defaultHeaders: { "x-model-route": "alpha" } },
      { defaultHeaders: { "x-model-route": "beta" } },
      { baseURL: "https://api.openai.com/v1", defaultHeaders: { "x-model-route": "beta" } },
    ].map(scopeOf);
    expect(new Set(scopes).size).toBe(scopes.length);
    for (const scope of scopes.slice(1, -1)) expect(scope).toMatch(hashed);
    expect(scopes.join()).not.toMatch(/alpha|beta|tenant|route/);
  });

  test("is the same for every spelling of them", () => {
    const record = scopeOf({ defaultHeaders: { "X-A": "1", "x-b": "2" } });
    expect(record).toMatch(hashed);
    for (const defaultHeaders of [
      { "x-b": "2", "x-a": "1" },
      { "x-b": "2", "x-a": "1", "x-c": undefined, "x-d": null },
      new Headers({ "X-B": "2", "X-A": "1" }),
      [
        ["x-a", "1"],
        ["X-B", "2"],
      ],
    ]) {
      expect(scopeOf({ defaultHeaders })).toBe(record);
    }
    const query = scopeOf({ defaultQuery: { a: "1", b: "2" } });
    expect(scopeOf({ defaultQuery: { b: 2, a: 1, c: undefined } })).toBe(query);
    expect(scopeOf({ baseURL: `${baseURL}?b=2&a=1` })).toBe(query);
    expect(scopeOf({ baseURL: `${baseURL}/?b=9`, defaultQuery: { a: "1", b: "2" } })).toBe(query);
    expect(openaiProvider({ baseURL: `${baseURL}?b=2&a=1` }).scope).toBe(query);
  });

  test("has headers of the environment", () => {
    vi.stubEnv("OPENAI_CUSTOM_HEADERS", "x-model-route: alpha");
    expect(scopeOf({})).toBe(scopeOf({ defaultHeaders: { "x-model-route": "alpha" } }));
    expect(scopeOf({})).toMatch(hashed);
  });

  test("does not depend on who asks, or how", () => {
    const defaultHeaders = {
      Authorization: "Bearer a",
      "api-key": "a",
      "X-Api-Key": "a",
      "x-goog-api-key": "a",
      "x-amz-security-token": "a",
      "CF-Access-Client-Secret": "a",
      Cookie: "a",
      "x-session-id": "a",
      "OpenAI-Organization": "a",
      "OpenAI-Project": "a",
      "User-Agent": "a",
      "X-Stainless-Lang": "a",
      "HTTP-Referer": "a",
      "X-Title": "a",
      traceparent: "a",
      tracestate: "a",
      "X-Request-ID": "a",
      "x-client-request-id": "a",
      "Idempotency-Key": "a",
      Accept: "a",
      "Content-Type": "a",
    };
    expect(scopeOf({ defaultHeaders })).toBe(baseURL);
    expect(scopeOf({ defaultQuery: { key: "a", api_key: "a", token: "a", sig: "a" } })).toBe(baseURL);
    expect(scopeOf({ organization: "a", project: "b" })).toBe(baseURL);
  });

  test("has the deployment of Azure, and the version", () => {
    const scopeAt = (options: object) => {
      const client = new AzureOpenAI({ apiKey: API_KEY, apiVersion: "1", endpoint: "https://lab.example", ...options });
      return openaiProvider({ client }).scope;
    };
    expect(scopeAt({ deployment: "eu" })).toMatch(/^https:\/\/lab\.example\/openai\/deployments\/eu [0-9a-f]{16}$/);
    const scopes = [{}, { deployment: "eu" }, { deployment: "us" }, { deployment: "us", apiVersion: "2" }].map(scopeAt);
    expect(new Set(scopes).size).toBe(4);
    const whole = { baseURL: "https://lab.example/openai/deployments/eu", endpoint: undefined };
    expect(scopeAt({ ...whole, deployment: "us" })).toBe(scopeAt({ deployment: "eu" }));
  });

  test("can be set or disabled", () => {
    const client = new OpenAI({ apiKey: API_KEY, baseURL, defaultQuery: { a: "1" } });
    expect(openaiProvider({ client, scope: "lab" }).scope).toBe("lab");
    expect(openaiProvider({ client, scope: false })).not.toHaveProperty("scope");
  });
});
