import { setImmediate as turn } from "node:timers/promises";
import {
  type Budget,
  type CacheStore,
  type ChatCompletion,
  type ChatRequest,
  type Client,
  createClient,
  type InferFailure,
  type InferResult,
  isAnswer,
  type Journal,
  type JournalCall,
  memoryStore,
} from "@remem/core";
import {
  type BatchPlan,
  type CompletionsServer,
  type CompletionsServerOptions,
  completionsServer,
} from "@remem/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { openaiProvider } from "../src/index.ts";

interface Setup {
  readonly server: CompletionsServer;
  readonly store: CacheStore;
  /** Opens another client, as another process would. */
  open(): Client;
}

async function setup(
  options?: CompletionsServerOptions,
  plans: readonly BatchPlan[] = [],
  store: CacheStore = memoryStore(),
): Promise<Setup> {
  const server = await completionsServer(options);
  server.batches.plan(plans);
  const shared = { ...store, close: async () => {} };
  const clients: Client[] = [];
  onTestFinished(async () => {
    for (const client of clients) await client.close();
    await server.close();
  });
  return {
    server,
    store,
    open() {
      const provider = openaiProvider({ apiKey: "sk-test-0123456789", baseURL: server.baseURL, maxRetries: 0 });
      const client = createClient({ provider, store: { ...shared }, params: { model: "gpt-4o-mini" } });
      clients.push(client);
      return client;
    },
  };
}

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `question ${index}`);

async function all(results: AsyncIterable<InferResult | InferFailure>): Promise<Array<InferResult | InferFailure>> {
  const list: Array<InferResult | InferFailure> = [];
  for await (const result of results) list.push(result);
  return list;
}

const textsOf = (results: ReadonlyArray<InferResult | InferFailure>): string[] =>
  results.map((result) => (isAnswer(result) ? result.response : `failed: ${result.error.message}`));

async function keysIn(store: CacheStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const [key] of store.entries!()) keys.push(key);
  return keys;
}
const notesIn = async (store: CacheStore): Promise<string[]> =>
  (await keysIn(store)).filter((key) => key.startsWith("remem.deferred/"));

const quick = { pollMs: 1 };

test("a job gives what a batch gives that is asked directly, pays half the calls, and leaves hits", async () => {
  const { server, store, open } = await setup();
  const client = open();
  const requests = [...names(3), "question 1", { messages: 5 } as never, { messages: "question 0", model: "gpt-4o" }];
  await client.infer("question 2");
  const job = await client.deferred(requests);
  const results = await all(job.results(quick));
  expect(results.map(({ cacheHit }) => cacheHit)).toEqual([false, false, true, true, false, false]);
  expect(server.batches.ids).toHaveLength(2); // One for each model.
  expect(server.batches.paid).toHaveLength(3);
  expect(client.stats()).toMatchObject({ misses: 4, hits: 1, joined: 1, providerCalls: 4 });
  await job.forget();
  const direct = await completionsServer();
  onTestFinished(() => direct.close());
  const other = createClient({
    provider: openaiProvider({ apiKey: "k", baseURL: direct.baseURL, scope: `${server.baseURL}` }),
    store: memoryStore(),
    params: { model: "gpt-4o-mini" },
  });
  await other.infer("question 2");
  const asked = await other.batchInfer(requests, undefined, { concurrency: 1 });
  expect(results.map((result) => ({ ...result, source: "" }))).toEqual(
    asked.map((result) => ({ ...result, source: "" })),
  );
  const calls = server.calls;
  expect(textsOf(await client.batchInfer(requests))).toEqual(textsOf(results));
  expect(server.calls).toBe(calls);
  const ended = await notesIn(store);
  expect(ended.every((key) => key.startsWith("remem.deferred/batch/"))).toBe(true);
});

test("another process goes on with a job by its id, or by the same requests, and nothing is uploaded twice", async () => {
  const { server, open } = await setup({}, [{ running: 3 }]);
  const job = await open().deferred(names(5));
  expect(await job.status()).toMatchObject({ total: 5, waiting: 5, batches: [{ status: "in_progress", total: 5 }] });
  const again = await open().deferred(names(5));
  expect(again.id).toBe(job.id);
  const opened = await open().deferred(job.id);
  const results = await all(opened.results(quick));
  expect(textsOf(results)).toEqual(textsOf(await all(again.results(quick))));
  expect(results.every(({ cacheHit }) => !cacheHit)).toBe(true);
  expect(isAnswer(results[0]!) && results[0].metadata.prompt).toEqual([{ role: "user", content: "question 0" }]);
  expect(server.batches).toMatchObject({ uploads: 1, ids: [expect.any(String)] });
  await expect(open().deferred("unknown")).rejects.toThrow(/has no job "unknown"/);
});

test("requests that another job waits for are not uploaded again", async () => {
  const { server, open } = await setup({}, [{ running: 1 }]);
  const first = await open().deferred(names(4));
  const second = await open().deferred(names(6));
  expect((await all(second.results(quick))).filter(isAnswer)).toHaveLength(6);
  expect((await all(first.results(quick))).filter(isAnswer)).toHaveLength(4);
  expect(server.batches.paid.toSorted()).toEqual([...new Set(server.batches.paid)].toSorted());
  expect(server.batches.paid).toHaveLength(6);
});

test("claims are written some at a time", async () => {
  const store = memoryStore();
  let [running, most, claims] = [0, 0, 0];
  const { server, open } = await setup(undefined, [], {
    ...store,
    async set(key, value, options) {
      if (key.startsWith("remem.deferred/claim/")) claims += 1;
      running += 1;
      most = Math.max(most, running);
      await turn();
      await store.set(key, value, options);
      running -= 1;
    },
  });
  const job = await open().deferred(names(300));
  expect(claims).toBe(300);
  expect(most).toBe(32);
  await all(job.results(quick));
  expect(server.batches.paid).toHaveLength(300);
});

test("an answer that comes before its request is claimed is not asked for again", async () => {
  const store = memoryStore();
  const answering = { isDone: false };
  const { server, open } = await setup(undefined, [], {
    ...store,
    async set(key, value, options) {
      // Another process has the same request answered between the look into the store and the claim.
      if (options?.ifAbsent && !answering.isDone) {
        answering.isDone = true;
        const provider = openaiProvider({ apiKey: "sk-test-0123456789", baseURL: server.baseURL });
        const direct = createClient({ provider, store: { ...store }, params: { model: "gpt-4o-mini" } });
        await direct.infer("question 0");
      }
      await store.set(key, value, options);
    },
  });
  const client = open();
  const results = await all((await client.deferred(names(2))).results(quick));
  expect(results.map(({ cacheHit }) => cacheHit)).toEqual([true, false]);
  expect(server.calls).toBe(1);
  expect(server.batches.paid).toHaveLength(1);
});

test("processes that write over each other's claims pay once, and are told that the store has no leases", async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error): number => warnings.push(warning);
  process.on("warning", listen);
  onTestFinished(() => void process.off("warning", listen));
  const store = memoryStore();
  const { server, open } = await setup(undefined, [], {
    ...store,
    name: "careless",
    async set(key, value, options) {
      const isThere = options?.ifAbsent && (await store.get(key)) !== undefined;
      await turn();
      if (!isThere) await store.set(key, value);
    },
  });
  const jobs = await Promise.all([open().deferred(names(40)), open().deferred(names(40))]);
  const [one, other] = await Promise.all(jobs.map((job) => all(job.results(quick))));
  expect(textsOf(one!)).toEqual(textsOf(other!));
  expect(server.batches.paid).toHaveLength(40);
  expect(warnings.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^The store "careless" has no leases: .* both may be paid for\./),
  ]);
});

test("batches keep to the limits of the server: lines, bytes, and tokens in its queue", async () => {
  const { server, open } = await setup({ batchLimits: { maxRequests: 50_000, maxQueuedBytes: 1_000 } }, []);
  const job = await open().deferred(names(20)); // Some 240 bytes each.
  const results = await all(job.results(quick));
  expect(results.filter(isAnswer)).toHaveLength(20);
  expect(server.batches.paid).toHaveLength(20);
  expect(new Set(server.batches.paid).size).toBe(20);
});

test("a server that takes fewer requests than is documented gets smaller batches", async () => {
  const { server, open } = await setup({ batchLimits: { maxRequests: 3 } });
  const job = await open().deferred(names(10));
  expect((await all(job.results(quick))).filter(isAnswer)).toHaveLength(10);
  expect(server.batches.paid).toHaveLength(10);
});

describe("a batch", () => {
  test("that is validated slowly is waited for", async () => {
    const { open } = await setup({}, [{ validating: 2, running: 2 }]);
    const statuses: Array<string | undefined> = [];
    const job = await open().deferred(names(2));
    const onStatus = (status: { batches: ReadonlyArray<{ status: string }> }) =>
      statuses.push(status.batches[0]?.status);
    expect((await all(job.results({ ...quick, onStatus }))).filter(isAnswer)).toHaveLength(2);
    expect(statuses).toEqual(["validating", "validating", "in_progress", "in_progress", undefined]);
  });

  test("that expires with a third answered leaves the rest to another one", async () => {
    const { server, open } = await setup({}, [{ expiresAfter: 3 }]);
    const job = await open().deferred(names(9));
    expect((await all(job.results(quick))).filter(isAnswer)).toHaveLength(9);
    expect(server.batches.ids).toHaveLength(2);
    expect(server.batches.paid).toHaveLength(9);
  });

  test("that is cancelled elsewhere leaves the rest to another one, and one that we cancel does not", async () => {
    const { server, open } = await setup({}, [{ hangsAfter: 1 }, { hangsAfter: 1 }]);
    const client = open();
    const job = await client.deferred(names(3));
    await job.status();
    const headers = { authorization: "Bearer key" };
    await fetch(`${server.baseURL}/batches/${server.batches.ids[0]}/cancel`, { method: "POST", headers });
    for (let count = 0; count < 2; count++) expect(await job.status()).toMatchObject({ waiting: 2 });
    for await (const batch of client.deferredBatches()) if (batch.status !== "ended") await batch.cancel();
    const results = await all(job.results(quick));
    expect(results.map(isAnswer)).toEqual([true, true, false]);
    expect(results[2]?.error?.message).toMatch(/did not execute this request: its batch .* was cancelled/);
    await job.forget();
    expect((await all((await client.deferred(names(3))).results(quick))).filter(isAnswer)).toHaveLength(3);
    expect(server.batches.paid).toHaveLength(3);
  });

  test("that fails validation fails the lines that it names, and asks again for the others", async () => {
    const errors = [{ code: "odd", message: "Line 2 is odd.", line: 2 }];
    const { server, open } = await setup({}, [{ errors }]);
    const job = await open().deferred(names(3));
    const results = await all(job.results(quick));
    expect(results.map(isAnswer)).toEqual([true, false, true]);
    expect(results[1]?.error).toMatchObject({
      name: "ProviderError",
      message: expect.stringContaining("Line 2 is odd."),
    });
    expect(server.batches.paid).toHaveLength(2);
  });

  test("that fails as a whole fails every line in the server's words, until the job is forgotten", async () => {
    const errors = [{ code: "model_not_found", message: "The model does not exist." }];
    const { server, open } = await setup({}, [{ errors }]);
    const job = await open().deferred(names(2));
    const results = await all(job.results(quick));
    expect(textsOf(results)).toEqual(Array(2).fill(expect.stringContaining("The model does not exist.")));
    expect(textsOf(await all((await open().deferred(names(2))).results(quick)))).toEqual(textsOf(results));
    await job.forget();
    expect((await all((await open().deferred(names(2))).results(quick))).filter(isAnswer)).toHaveLength(2);
    expect(server.batches.ids).toHaveLength(2);
  });

  test("whose output is lost fails its lines: they are paid for, and are not asked again", async () => {
    const { server, open } = await setup({}, [{ losesOutput: true }]);
    const job = await open().deferred(names(2));
    const results = await all(job.results(quick));
    expect(results.map(({ error }) => error)).toMatchObject([{ status: 404 }, { status: 404 }]);
    expect(server.batches.paid).toHaveLength(2);
  });

  test("whose request fails has a failure as if it had been asked directly", async () => {
    const body = { error: { message: "Too odd.", type: "invalid_request_error", param: "messages", code: "odd" } };
    const { server, open } = await setup({}, [{ replies: { 1: { status: 400, body } } }]);
    const client = open();
    const [, failed] = await all((await client.deferred(names(3))).results(quick));
    server.script([{ status: 400, body }]);
    const [direct] = await client.batchInfer(["another"]);
    expect(failed?.error).toMatchObject({ status: 400, message: direct?.error?.message, cause: { code: "odd" } });
  });

  test("whose request fails for a moment asks for it again", async () => {
    const { server, open } = await setup({}, [
      { replies: { 0: { status: 500, body: { error: { message: "Oh." } } } } },
    ]);
    expect((await all((await open().deferred(names(2))).results(quick))).filter(isAnswer)).toHaveLength(2);
    expect(server.batches.paid).toHaveLength(2);
  });
});

test("an answer that is not worth storing is given once, and is not stored", async () => {
  const choice = { index: 0, finish_reason: "length", message: { role: "assistant", content: "Cut" } };
  const body = { id: "1", object: "chat.completion", created: 1, model: "gpt-4o-mini", choices: [choice] };
  const { store, open } = await setup({}, [{ replies: { 0: { status: 200, body } } }]);
  const client = open();
  const job = await client.deferred(names(1));
  expect(textsOf(await all(job.results(quick)))).toEqual(["Cut"]);
  expect(await client.has("question 0")).toBe(false);
  expect(client.stats().notStored).toEqual({ "finish-reason": 1 });
  await job.forget();
  expect((await notesIn(store)).filter((key) => key.includes("claim"))).toEqual([]);
});

describe("a submission that breaks off", () => {
  test("at the upload is made at the next look", async () => {
    const { server, open } = await setup();
    server.batches.script("upload", [{ status: 429 }, { status: 500 }, { reset: "headers" }]);
    const job = await open().deferred(names(2));
    expect(await job.status()).toMatchObject({
      waiting: 2,
      batches: [{ status: "waiting", problem: expect.any(String) }],
    });
    expect((await all(job.results(quick))).filter(isAnswer)).toHaveLength(2);
    expect(server.batches.ids).toHaveLength(1);
  });

  test("at the creation is found by its token", async () => {
    const { server, open } = await setup({}, [{ breaks: true }]);
    const job = await open().deferred(names(2));
    expect((await all(job.results(quick))).filter(isAnswer)).toHaveLength(2);
    expect(server.batches).toMatchObject({ uploads: 1, ids: [expect.any(String)] });
    expect(server.batches.paid).toHaveLength(2);
  });

  test("since the key is wrong fails at once", async () => {
    const { server, open } = await setup();
    server.batches.script("upload", [{ status: 401 }]);
    await expect(open().deferred(names(2))).rejects.toMatchObject({ name: "ProviderError", status: 401 });
    expect((await all((await open().deferred(names(2))).results(quick))).filter(isAnswer)).toHaveLength(2);
    expect(server.batches.paid).toHaveLength(2);
  });
});

test("a batch that is cancelled before it is submitted is not submitted", async () => {
  const { server, open } = await setup();
  server.batches.script("upload", [{ status: 429 }]);
  const client = open();
  const job = await client.deferred(names(2));
  for await (const batch of client.deferredBatches()) await batch.cancel();
  const results = await all(job.results(quick));
  expect(textsOf(results)).toEqual(Array(2).fill(expect.stringMatching(/was cancelled/)));
  expect(server.batches).toMatchObject({ uploads: 0, ids: [] });
});

test("what a budget does not allow is not asked", async () => {
  const { server, store } = await setup();
  let left = 2;
  const budget = {
    reserve() {
      if (left === 0) throw new Error("enough");
      left -= 1;
      return () => {};
    },
  };
  const provider = openaiProvider({ apiKey: "sk-test-0123456789", baseURL: server.baseURL });
  const client = createClient({ provider, store, params: { model: "gpt-4o-mini" }, limits: { budget } });
  const job = await client.deferred(names(4));
  expect(await job.status()).toMatchObject({ unasked: 2 });
  const results = await all(job.results(quick));
  expect(results.map(isAnswer)).toEqual([true, true, false, false]);
  expect(results[2]?.error?.message).toMatch(/enough/);
  expect(server.batches.paid).toHaveLength(2);
});

test("a budget is told what each answer has cost, once, and of failures nothing", async () => {
  const { server, store } = await setup(undefined, [
    { expiresAfter: 1 },
    { replies: { 1: { status: 400, body: { error: { message: "Too odd." } } } } },
  ]);
  const settled: unknown[] = [];
  const budget: Budget<ChatRequest, ChatCompletion> = {
    reserve:
      ({ messages }) =>
      (answer, tokens) =>
        settled.push([
          messages[0]?.content,
          answer?.usage?.completion_tokens === tokens?.completion,
          tokens !== undefined,
        ]),
  };
  const provider = openaiProvider({ apiKey: "sk-test-0123456789", baseURL: server.baseURL });
  const client = createClient({ provider, store, params: { model: "gpt-4o-mini" }, limits: { budget } });
  const job = await client.deferred([...names(3), "question 0"]);
  const results = await all(job.results(quick));
  expect(results.map(isAnswer)).toEqual([true, true, false, true]);
  expect(settled.sort()).toEqual([
    ["question 0", true, true],
    ["question 1", true, true],
    ["question 2", true, false],
  ]);
});

test("a journal has each answer once, marked, from whoever has taken it from its batch, and hits of each job", async () => {
  const { server, store } = await setup(undefined, [
    { running: 1, replies: { 1: { status: 400, body: { error: { message: "Too odd." } } } } },
  ]);
  const calls: JournalCall[] = [];
  const journal: Journal = { specVersion: 1, record: (call) => void calls.push(call) };
  const provider = openaiProvider({ apiKey: "sk-test-0123456789", baseURL: server.baseURL });
  const shared = { ...store, close: async () => {} };
  const open = (): Client =>
    createClient({ provider, store: { ...shared }, params: { model: "gpt-4o-mini" }, journal: { ...journal } });
  const [one, other] = [open(), open()];
  const jobs = [await one.deferred([...names(2), "question 0"]), await other.deferred(names(1))];
  await all(jobs[0]!.results(quick));
  await all(jobs[1]!.results(quick));
  await jobs[1]!.forget();
  const hit = await open().deferred(names(1));
  await all(hit.results(quick));
  const shown = calls.map(({ source, deferred, error, tokens }) => [source, deferred, error, tokens !== undefined]);
  expect(shown.sort()).toEqual([
    ["flight", undefined, undefined, true],
    ["provider", true, undefined, true],
    ["provider", true, "PROVIDER_ERROR", false],
    ["store", undefined, undefined, true],
  ]);
});

test("`put` stores an answer from elsewhere as if it had been asked for", async () => {
  const { server, open } = await setup();
  const client = open();
  const { completion } = await open().infer("somewhere else");
  expect(await client.put({ messages: "here" }, completion as never)).toBeUndefined();
  expect(await client.infer("here")).toMatchObject({ cacheHit: true, completion });
  const cut = { ...completion, choices: [{ ...completion.choices[0], finish_reason: "length" }] };
  expect(await client.put({ messages: "cut" }, cut as never)).toBe("finish-reason");
  await expect(client.put({ messages: "none" }, {} as never)).rejects.toMatchObject({ code: "MALFORMED_ANSWER" });
  expect(server.calls).toBe(1);
});

test("a provider without a Batch API, a client that keeps no requests, and other modes are refused", async () => {
  const { server } = await setup();
  const { deferred, ...without } = openaiProvider({ apiKey: "key", baseURL: server.baseURL });
  const params = { model: "gpt-4o-mini" };
  const refused = async (options: object): Promise<unknown> =>
    createClient({ provider: { ...without, deferred }, store: memoryStore(), params, ...options })
      .deferred(["a"])
      .catch((error: Error) => error.message);
  expect(await refused({ provider: without })).toMatch(/"openai" has no Batch API/);
  expect(await refused({ storeRequest: false })).toMatch(/`storeRequest` must be true/);
  expect(await refused({ cache: "reload" })).toMatch(/`cache` must be "default"/);
  expect(
    await refused({ provider: openaiProvider({ client: { chat: {}, baseURL: server.baseURL } as never }) }),
  ).toMatch(/has no Batch API/);
});
