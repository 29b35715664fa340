import { setImmediate as turn } from "node:timers/promises";
import Anthropic from "@anthropic-ai/sdk";
import { type JournalCall, type KeyedRequest, memoryStore, type ProviderError, RememError } from "@remem/core";
import { describe, expect, test } from "vitest";
import { fetchKeys, messageBatches } from "../../src/index.ts";
import { API_KEY, all, asked, asking, HEADERS, paidFor, said, setup } from "./setup.ts";

const FAST = { pollMs: 1 };
/** What the SDK sends, and so has in its keys. */
const SDK_VERSION = { "anthropic-version": "2026-10-21" };

test("a job answers in order what its batch answers in another, and a direct call afterwards is a hit", async () => {
  const { server, open, direct } = await setup([{ running: 1 }]);
  const job = await open({ headers: SDK_VERSION }).deferred(asked(5));
  expect(await job.status()).toMatchObject({
    total: 5,
    waiting: 5,
    batches: [
      {
        id: "msgbatch_000001",
        model: "claude-haiku-4-5 anthropic-version=2026-10-21",
        status: "in_progress",
        total: 5,
      },
    ],
  });
  const results = await all(job.results(FAST));
  expect(results.map(said)).toEqual(asked(5).map((_, index) => expect.stringContaining(`“q${index}”`)));
  expect(results[0]).toEqual({
    message: expect.objectContaining({ type: "message", stop_reason: "end_turn" }),
    cacheHit: false,
    source: "provider",
    key: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(results[0]).not.toHaveProperty("message.remem");

  const fetch = direct();
  const client = new Anthropic({ apiKey: API_KEY, baseURL: server.baseURL, fetch });
  const message = await client.messages.create(asking("q3") as never);
  expect(message.content).toEqual((results[3] as { message: { content: unknown } }).message.content);
  const response = await fetch(`${server.baseURL}/v1/messages`, {
    method: "POST",
    headers: { ...HEADERS, ...SDK_VERSION },
    body: JSON.stringify(asking("q4", { stream: true })),
  });
  expect(await response.text()).toContain("“q4”");
  expect(response.headers.get("age")).toMatch(/^\d+$/);
  expect(server.requests).toEqual([]);
  expect(paidFor(server)).toEqual(["q0", "q1", "q2", "q3", "q4"]);
});

test("what was asked directly is a hit of a job, whichever way a request is given", async () => {
  const { server, open, direct } = await setup();
  const url = `${server.baseURL}/v1/messages`;
  const init = (content: string) => ({ method: "POST", headers: HEADERS, body: JSON.stringify(asking(content)) });
  await direct()(url, init("known"));
  const requests = [
    asking("known"),
    { url, init: init("known") },
    new Request(url, init("known")),
    asking("new", { stream: true }),
  ];
  const job = await open().deferred(requests);
  const results = await all(job.results(FAST));
  expect(results.map((result) => (result.error ? said(result) : result.source))).toEqual([
    "store",
    "store",
    "store",
    "provider",
  ]);
  expect(server.batches.paid).toEqual([asking("new")]);
  const [keyed] = (await fetchKeys(url, init("known"))) as readonly KeyedRequest[];
  expect(results.map(({ key }) => key).slice(0, 3)).toEqual(Array(3).fill(keyed!.key));
});

test("the batch is created with one body of known length, and with the credentials and the version", async () => {
  const { server, open } = await setup();
  const requests = [asking("ä – \u{1F914}\u2028"), asking("plain"), asking("third", { system: "S" })];
  await all(await (await open().deferred(requests)).results(FAST));
  const [headers] = server.batches.created;
  expect(headers).toMatchObject({
    "x-api-key": API_KEY,
    "anthropic-version": "2023-06-01",
    "content-type": "application/json",
  });
  expect(headers).not.toHaveProperty("transfer-encoding");
  expect(Number(headers!["content-length"])).toBeGreaterThan(300);
  expect(server.batches.paid.toReversed()).toEqual(expect.arrayContaining(requests));
});

test("requests with another beta are in a batch of their own, which has its header", async () => {
  const { server, open } = await setup();
  const url = `${server.baseURL}/v1/messages?beta=true`;
  const headers = { ...HEADERS, "anthropic-beta": "b,a", "anthropic-version": "2030-01-01" };
  const other = { url, init: { method: "POST", headers, body: JSON.stringify(asking("q")) } };
  const job = await open({ headers: { "Anthropic-Beta": "c", "anthropic-workspace-id": "w" } }).deferred([
    asking("q"),
    other,
  ]);
  const results = await all(job.results(FAST));
  expect(results[0]!.key).not.toBe(results[1]!.key);
  expect(server.batches.created).toMatchObject([
    { "anthropic-beta": "c", "anthropic-version": "2023-06-01", "anthropic-workspace-id": "w" },
    { "anthropic-beta": "a,b", "anthropic-version": "2030-01-01", "anthropic-workspace-id": "w" },
  ]);
  expect(server.batches.paid).toEqual([asking("q"), asking("q")]);
});

test("another process opens a job by its id, and the same requests make the same job", async () => {
  const { server, open } = await setup([{ running: 2 }]);
  const job = await open().deferred(asked(3));
  const other = open();
  const opened = await other.deferred(job.id);
  expect((await other.deferred(asked(3))).id).toBe(job.id);
  expect((await all(opened.results(FAST))).map(said)).toEqual((await all(job.results(FAST))).map(said));
  expect(server.batches.ids).toHaveLength(1);
  await opened.forget();
  await expect(other.deferred(job.id)).rejects.toMatchObject({ code: "INVALID_OPTION" });
});

test("equal requests at once are in one batch, and samples are independent", async () => {
  const { server, open } = await setup();
  const jobs = await Promise.all([open().deferred(asked(20)), open().deferred(asked(20))]);
  await Promise.all(jobs.map((job) => all(job.results(FAST))));
  expect(server.batches.paid).toHaveLength(20);
  const samples = await all((await open().deferred([asking("q0")], { samples: 3 })).results(FAST));
  expect(samples.map(({ cacheHit }) => cacheHit)).toEqual([true, false, false]);
  expect(server.batches.paid).toHaveLength(22);
});

describe("what a batch leaves", () => {
  test("of one that has expired is asked again, and what it has answered is not", async () => {
    const { server, open } = await setup([{ expiresAfter: 4 }]);
    const results = await all((await open().deferred(asked(12))).results(FAST));
    expect(results.every(({ error }) => error === undefined)).toBe(true);
    expect(server.batches.ids).toHaveLength(2);
    expect(paidFor(server)).toEqual(
      asked(12)
        .map((_, index) => `q${index}`)
        .sort(),
    );
  });

  test("of one that its owner cancels fails, and what was answered is stored", async () => {
    const { server, open } = await setup([{ hangsAfter: 2 }]);
    const first = open();
    const job = await first.deferred(asked(5));
    const [batch] = await all(first.deferredBatches());
    expect(batch).toMatchObject({ id: "msgbatch_000001", provider: new URL(server.baseURL).host });
    await batch!.cancel();
    expect((await batch!.refresh()).status).toBe("ended");
    const results = await all(job.results(FAST));
    expect(results.map(({ error }) => error?.code)).toEqual([undefined, undefined, ...Array(3).fill("PROVIDER_ERROR")]);
    expect(said(results[4])).toContain("was cancelled");
    await job.forget();
    const again = await all((await open().deferred(asked(5))).results(FAST));
    expect(again.map(({ cacheHit }) => cacheHit)).toEqual([true, true, false, false, false]);
    expect(server.batches.paid).toHaveLength(5);
  });

  test("that has failed has the server's words and the status of a direct call; one that may pass is asked again", async () => {
    const errored = (type: string, message: string) => ({
      type: "errored",
      error: { type: "error", error: { type, message }, request_id: "req_1" },
    });
    const { server, open } = await setup([
      { results: { 0: errored("invalid_request_error", "Too odd."), 1: errored("overloaded_error", "Overloaded") } },
    ]);
    const results = await all((await open().deferred([...asked(3), asking("q3", { speed: "fast" })])).results(FAST));
    expect(results.map(({ error }) => error?.code)).toEqual(["PROVIDER_ERROR", undefined, undefined, "PROVIDER_ERROR"]);
    expect(results[0]!.error).toMatchObject({
      status: 400,
      message: `"${new URL(server.baseURL).host}" answered 400 invalid_request_error: Too odd.`,
    });
    expect(said(results[3])).toContain("speed: not supported in a batch");
    expect(server.batches.ids).toHaveLength(2);
    expect(paidFor(server)).toEqual(["q1", "q2"]);
  });

  test("of a kind that nobody knows fails, and a message that is none", async () => {
    const { open } = await setup([{ results: { 0: { type: "postponed" }, 1: { type: "succeeded", message: {} } } }]);
    const results = await all((await open().deferred(asked(2))).results(FAST));
    expect(said(results[0])).toContain("unknown type for this request: postponed");
    expect(results[1]!.error?.code).toBe("MALFORMED_ANSWER");
  });

  test("that is not worth storing is given, and not stored", async () => {
    const message = { type: "message", role: "assistant", content: [], stop_reason: "refusal", model: "m" };
    const { server, store, open } = await setup([{ results: { 0: { type: "succeeded", message } } }]);
    const job = await open().deferred(asked(1));
    const [result] = await all(job.results(FAST));
    expect(result).toMatchObject({ message: { stop_reason: "refusal" }, source: "provider" });
    expect(result).not.toHaveProperty("message.remem");
    expect(await store.get(result!.key!)).toBeUndefined();
    expect(server.batches.ids).toHaveLength(1);
  });
});

describe("a server that fails", () => {
  test("while its results are read is read again, and pays for nothing twice", async () => {
    const { server, open } = await setup();
    server.batches.script("results", [{ reset: "body" }, { status: 529 }, { stall: "headers" }]);
    const job = await open({ timeoutMs: 200 }).deferred(asked(400));
    expect(await job.status()).toMatchObject({
      batches: [{ problem: expect.stringContaining("could not be reached") }],
    });
    expect(await job.status()).toMatchObject({ batches: [{ problem: expect.stringContaining("529") }] });
    expect(await job.status()).toMatchObject({ batches: [{ problem: expect.stringContaining("within 200 ms") }] });
    expect((await all(job.results(FAST))).every(({ error }) => error === undefined)).toBe(true);
    expect(server.batches.paid).toHaveLength(400);
    expect(server.batches.received.results).toBe(4);
  });

  test("by giving fewer results than it has counted is asked for them again", async () => {
    const { server, open } = await setup();
    server.batches.script("results", [{ body: "" }]);
    const job = await open().deferred(asked(3));
    expect(await job.status()).toMatchObject({
      waiting: 3,
      batches: [{ problem: expect.stringContaining("0 of 3 results") }],
    });
    expect((await all(job.results(FAST))).every(({ error }) => error === undefined)).toBe(true);
    expect(server.batches.paid).toHaveLength(3);
  });

  test("to create a batch for its rate is asked again with the next status, and one that refuses it says why", async () => {
    const { server, open } = await setup();
    server.batches.script("create", [{ status: 429 }]);
    const job = await open().deferred(asked(3));
    expect(server.batches.ids).toHaveLength(0);
    await job.status();
    expect(server.batches.ids).toHaveLength(1);
    server.batches.script("create", [{ status: 400 }]);
    const refused = await open()
      .deferred(asked(3, "other"))
      .catch((error: unknown) => error as ProviderError);
    expect(refused).toMatchObject({
      status: 400,
      message: expect.stringContaining("400 invalid_request_error: Bad Request"),
    });
  });

  test("for a moment is asked again at once, and never for a creation", async () => {
    const { server, open } = await setup();
    server.batches.script("list", [{ status: 529, headers: { "retry-after-ms": "1" } }]);
    server.batches.script("poll", [{ reset: "headers" }]);
    const job = await open({ maxRetries: 2 }).deferred(asked(3));
    await all(job.results(FAST));
    expect(server.batches.received).toMatchObject({ list: 2, create: 1, poll: 2 });
  });

  test("is not followed elsewhere, so that it sees no credentials there", async () => {
    const { server, open } = await setup();
    server.batches.script("results", [{ status: 302, headers: { location: "http://127.0.0.1:9/" } }, { status: 403 }]);
    const job = await open().deferred(asked(1));
    // The answers are paid for, and so nothing is given up.
    expect(await job.status()).toMatchObject({ batches: [{ problem: expect.stringContaining("answered 302") }] });
    expect(await job.status()).toMatchObject({ batches: [{ problem: expect.stringContaining("answered 403") }] });
    expect((await all(job.results(FAST))).map(said)).toEqual([expect.stringContaining("“q0”")]);
    expect(server.batches.paid).toHaveLength(1);
  });

  test("and has forgotten the results, or the batch, fails what it has not told", async () => {
    const { server, open } = await setup();
    server.batches.script("results", [{ status: 404 }]);
    const [lost] = await all((await open().deferred(asked(1))).results(FAST));
    expect(lost!.error).toMatchObject({ status: 404 });
    const job = await open().deferred(asked(1, "other"));
    server.batches.script("poll", [{ status: 404 }]);
    server.batches.script("results", [{ status: 404 }]);
    const [forgotten] = await all(job.results(FAST));
    expect(forgotten!.error).toMatchObject({ status: 404 });
  });

  test("shows no credential in its errors", async () => {
    const { server, open } = await setup();
    server.batches.script("list", [
      { status: 401, body: { error: { type: "authentication_error", message: `bad ${API_KEY}` } } },
    ]);
    const error = await open()
      .deferred(asked(1))
      .catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ message: expect.stringContaining("bad [redacted]. Check `apiKey`.") });
  });
});

test("requests that cannot be in a batch fail in their place", async () => {
  const { server, open } = await setup();
  const url = `${server.baseURL}/v1/messages`;
  const init = { method: "POST", headers: HEADERS, body: JSON.stringify(asking("q")) };
  const job = await open().deferred([
    { model: "m", messages: [] },
    asking("q", { tools: [{ type: "web_search_20250305", name: "web_search" }] }),
    { url: "https://other.example/v1/messages", init },
    { url, init: { ...init, headers: { ...HEADERS, "cache-control": "no-store" } } },
    new Request(url),
    7 as never,
    asking("q"),
  ]);
  const results = await all(job.results(FAST));
  expect(results.map(({ error }) => error?.code)).toEqual([...Array(6).fill("INVALID_REQUEST"), undefined]);
  expect(results.map(said).slice(0, 6)).toEqual([
    expect.stringContaining("/max_tokens"),
    expect.stringContaining("web_search"),
    expect.stringContaining("for another server, other.example"),
    expect.stringContaining("Cache-Control"),
    expect.stringContaining("must be a POST"),
    expect.stringContaining("must be an object"),
  ]);
  expect(server.batches.paid).toHaveLength(1);
});

test("a budget refuses what it does not allow, and the journal has each answer once", async () => {
  const { server, open } = await setup();
  const calls: JournalCall[] = [];
  let left = 2;
  const budget = {
    reserve() {
      if (left-- <= 0) throw new RememError("BUDGET_EXCEEDED", "Enough.");
      return () => {};
    },
  };
  const job = await open({ limits: { budget }, onCall: (call) => void calls.push(call) }).deferred(asked(4));
  const results = await all(job.results(FAST));
  await turn();
  expect(results.map(({ error }) => error?.code)).toEqual([undefined, undefined, "BUDGET_EXCEEDED", "BUDGET_EXCEEDED"]);
  expect(calls).toHaveLength(2);
  expect(calls[0]).toMatchObject({
    surface: "messages",
    source: "provider",
    deferred: true,
    model: "claude-haiku-4-5",
  });
  expect(calls[0]!.tokens!.completion).toBeGreaterThan(0);
  expect(server.batches.paid).toHaveLength(2);
});

test("answers of more requests than one note has keys are in order, and hits of cachedFetch", async () => {
  const { server, open, direct } = await setup();
  const job = await open().deferred(asked(1_200));
  expect((await all(job.results(FAST))).map(said)).toEqual(
    asked(1_200).map((_, index) => expect.stringContaining(`“q${index}”`)),
  );
  const fetch = direct();
  for (const request of asked(20)) {
    await fetch(`${server.baseURL}/v1/messages`, { method: "POST", headers: HEADERS, body: JSON.stringify(request) });
  }
  expect(fetch.stats().hits).toBe(20);
});

test("options that make no sense are refused by name", () => {
  const store = memoryStore();
  expect(() => messageBatches({ store, baseURL: "ftp://x" })).toThrow("baseURL");
  expect(() => messageBatches({ store, apiKey: "" })).toThrow("apiKey");
  expect(() => messageBatches({ store, retries: 1 } as never)).toThrow("retries");
  expect(() => messageBatches({} as never)).toThrow("store");
});
