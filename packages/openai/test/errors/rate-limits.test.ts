import { createClient, memoryStore, type RememEvent } from "@remem/core";
import { type CompletionsServer, completionsServer, type Fault } from "@remem/testing";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { openaiProvider } from "../../src/index.ts";
import { API_KEY, providerBy, SDKS } from "../sdks.ts";

let server: CompletionsServer;
beforeEach(async () => {
  server = await completionsServer();
});
afterEach(() => server.close());

const limited = (headers: Record<string, string>): Fault => ({ status: 429, headers });
/** Not how long it takes, but that it ends at once. */
const SOON = { "retry-after-ms": "50" };

describe.each(SDKS)("with %s,", (_, sdk) => {
  function clientOf(maxRetries = 5, maxWaitMs = 600_000) {
    const events: RememEvent[] = [];
    const client = createClient({
      provider: providerBy(sdk, server.baseURL, { maxRetries }),
      store: memoryStore(),
      params: { model: "m" },
      limits: { maxWaitMs },
      onEvent: (event) => events.push(event),
    });
    onTestFinished(() => client.close());
    return { client, waits: () => events.flatMap((event) => (event.type === "rate-limited" ? event.waitMs : [])) };
  }

  test("the calls in flight are refused once each, and all calls wait together", async () => {
    const concurrency = 10;
    server.script(Array.from({ length: concurrency }, () => limited(SOON)));
    const { client, waits } = clientOf();
    const prompts = Array.from({ length: 100 }, (_, index) => `question ${index}`);
    const results = await client.batchInfer(prompts, {}, { concurrency });
    expect(results.filter(({ error }) => error)).toEqual([]);
    expect(server.calls).toBe(110);
    expect(waits()).toEqual([50]);
  });

  test("a call is sent again more often than the SDK would", async () => {
    server.script(Array.from({ length: 6 }, () => limited({ "retry-after-ms": "1" })));
    expect((await clientOf().client.infer("Hi")).source).toBe("provider");
    expect(server.calls).toBe(7);
  });

  test.each<[string, Record<string, string>, number]>([
    ["retry-after-ms", { "retry-after-ms": "90000" }, 90_000],
    ["Retry-After in seconds", { "retry-after": "90" }, 90_000],
    [
      "a reset of requests that are used up",
      { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m30s" },
      90_000,
    ],
    [
      "a reset of tokens that are used up",
      { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "90s" },
      90_000,
    ],
    [
      "a reset beside what is left",
      {
        "x-ratelimit-remaining-requests": "5",
        "x-ratelimit-reset-requests": "1m30s",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "95.5",
      },
      95_500,
    ],
  ])("%s is how long the server asks to wait", async (_, headers, retryAfterMs) => {
    server.script([limited(headers)]);
    await expect(clientOf(5, 1_000).client.infer("Hi")).rejects.toMatchObject({
      code: "RATE_LIMITED",
      status: 429,
      cause: { status: 429, retryAfterMs },
    });
    expect(server.calls).toBe(1);
  });

  test("a Retry-After that is a date is how long the server asks to wait", async () => {
    server.script([limited({ "retry-after": new Date(Date.now() + 90_000).toUTCString() })]);
    const error = await clientOf(5, 1_000)
      .client.infer("Hi")
      .catch((error) => error);
    expect(error.cause.retryAfterMs).toBeGreaterThan(80_000);
    expect(error.cause.retryAfterMs).toBeLessThanOrEqual(90_000);
  });

  test("a limit that an answer announces as used up is kept", async () => {
    server.script([{ headers: { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "90s" } }]);
    const { client } = clientOf(5, 1_000);
    expect((await client.infer("a")).source).toBe("provider");
    await expect(client.infer("b")).rejects.toMatchObject({ code: "RATE_LIMITED" });
    expect((await client.infer("a")).source).toBe("store");
    expect(server.calls).toBe(1);
  });

  test("a client without retries does not wait, and an exhausted quota is never waited for", async () => {
    server.script([limited(SOON), { status: 429, body: { error: { message: "Pay", code: "insufficient_quota" } } }]);
    await expect(clientOf(0).client.infer("Hi")).rejects.toMatchObject({ code: "PROVIDER_ERROR", status: 429 });
    await expect(clientOf().client.infer("Hi")).rejects.toMatchObject({ status: 429, retryable: false });
    expect(server.calls).toBe(2);
  });
});

test("a provider that nobody waits for retries by itself", async () => {
  server.script([limited(SOON), limited(SOON)]);
  const provider = openaiProvider({ apiKey: API_KEY, baseURL: server.baseURL });
  const request = { model: "m", messages: [{ role: "user", content: "Hi" }] } as const;
  await provider.generate(request, { signal: new AbortController().signal });
  expect(server.calls).toBe(3);
});
