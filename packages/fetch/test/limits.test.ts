import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { memoryStore, RememError, type RememEvent } from "@remem/core";
import OpenAI from "openai";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { type CachedFetchOptions, cachedFetch } from "../src/index.ts";

afterEach(() => void vi.useRealTimers());

const WINDOW_MS = 400;
const ALLOWED = 10;

interface Body {
  readonly model: string;
  readonly stream?: boolean;
  readonly messages?: ReadonlyArray<{ readonly content: string }>;
  readonly input?: readonly string[];
}

function answerTo({ model, input, messages }: Body) {
  const usage = { prompt_tokens: 30, completion_tokens: 10, total_tokens: 40 };
  if (input !== undefined) {
    const data = input.map((text, index) => ({ object: "embedding", index, embedding: [text.length] }));
    return { object: "list", model, data, usage };
  }
  const message = { role: "assistant", content: `${messages?.[0]?.content}!` };
  return { id: "1", model, created: 1, choices: [{ index: 0, finish_reason: "stop", message }], usage };
}

function streamOf(body: Body): string {
  const { choices, usage, ...envelope } = answerTo(body) as ReturnType<typeof answerTo> & { choices: never[] };
  const [{ message, finish_reason }] = choices as unknown as [{ message: object; finish_reason: string }];
  const chunks = [
    { ...envelope, choices: [{ index: 0, delta: message, finish_reason: null }] },
    { ...envelope, choices: [{ index: 0, delta: {}, finish_reason }], usage },
  ];
  return `${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("")}data: [DONE]\n\n`;
}

/** A server that answers ten requests in each window, and says of the others when the window ends. */
async function limitedServer({
  headersOf = (ms: number): Record<string, string> => ({ "retry-after-ms": `${ms}` }),
} = {}) {
  const paid: Body[] = [];
  let refused = 0;
  let opened = Number.NEGATIVE_INFINITY;
  let inWindow = 0;
  const server = createServer(async (request, response) => {
    const body = (await json(request)) as Body;
    const now = performance.now();
    if (now - opened > WINDOW_MS) {
      opened = now;
      inWindow = 0;
    }
    inWindow += 1;
    if (inWindow > ALLOWED) {
      refused += 1;
      const left = Math.ceil(opened + WINDOW_MS - now) + 1;
      const error = { message: "Rate limit reached", type: "requests", code: "rate_limit_exceeded" };
      response.writeHead(429, { "content-type": "application/json", ...headersOf(left) });
      response.end(JSON.stringify({ error }));
      return;
    }
    paid.push(body);
    response.writeHead(200, { "content-type": body.stream ? "text/event-stream" : "application/json" });
    response.end(body.stream ? streamOf(body) : JSON.stringify(answerTo(body)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { baseURL: `http://127.0.0.1:${port}/v1`, paid, refused: () => refused };
}

function open(options: Partial<CachedFetchOptions>) {
  const fetch = cachedFetch({ store: memoryStore(), ...options });
  onTestFinished(() => fetch.close());
  const post = (url: string, body: object): Promise<Response> =>
    fetch(url, { method: "POST", body: JSON.stringify({ model: "m", ...body }) });
  return { fetch, post };
}

const question = (content: string, members: object = {}) => ({ messages: [{ role: "user", content }], ...members });
const questions = (count: number) => Array.from({ length: count }, (_, index) => `question ${index}`);

describe("a rate limit of the server", () => {
  test.each([false, true])(
    "is waited for once, for all, and each request is paid once (stream: %s)",
    async (stream) => {
      const server = await limitedServer();
      const events: RememEvent[] = [];
      const { fetch } = open({ limits: {}, onEvent: (event) => events.push(event) });
      const client = new OpenAI({ fetch, baseURL: server.baseURL, apiKey: "k", maxRetries: 0 });
      async function ask(content: string): Promise<string> {
        const request = { model: "m", messages: [{ role: "user" as const, content }] };
        if (!stream) return (await client.chat.completions.create(request)).choices[0]!.message.content!;
        return (await client.chat.completions.stream(request).finalChatCompletion()).choices[0]!.message.content!;
      }
      const all = questions(30);
      const left = [...all];
      const answers = new Map<string, string>();
      async function worker(): Promise<void> {
        for (let next = left.shift(); next !== undefined; next = left.shift()) answers.set(next, await ask(next));
      }
      await Promise.all(Array.from({ length: 6 }, worker));
      expect(all.map((content) => answers.get(content))).toEqual(all.map((content) => `${content}!`));
      expect(server.paid).toHaveLength(30);
      expect(new Set(server.paid.map(({ messages }) => messages?.[0]?.content)).size).toBe(30);
      // Those that were on their way when a window was full.
      expect(server.refused()).toBeLessThanOrEqual(2 * 6);
      expect(events.filter(({ type }) => type === "rate-limited").length).toBeGreaterThan(0);
      expect(fetch.stats()).toMatchObject({ misses: 30, stored: 30 });
    },
  );

  test("that asks for a longer wait than maxWaitMs is the server's own answer, and others are not sent", async () => {
    const server = await limitedServer({
      headersOf: () => ({ "retry-after": "90", "x-ratelimit-reset-requests": "90s" }),
    });
    const { post } = open({ limits: { maxWaitMs: 30_000 } });
    const url = `${server.baseURL}/chat/completions`;
    for (const content of questions(ALLOWED)) await post(url, question(content));
    const refused = await post(url, question("one more"));
    expect(refused.status).toBe(429);
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      "retry-after": "90",
      "x-ratelimit-reset-requests": "90s",
    });
    expect(await refused.json()).toMatchObject({ error: { message: "Rate limit reached" } });
    for (const body of [question("another"), question("another", { stream: true })]) {
      const kept = await post(url, body);
      expect([kept.status, kept.headers.get("cache-status")]).toEqual([429, "remem; detail=rate-limited"]);
      expect(Number(kept.headers.get("retry-after"))).toBeGreaterThan(80);
      expect(await kept.json()).toMatchObject({ error: { code: "rate_limit_exceeded" } });
    }
    expect(server.refused()).toBe(1);
    expect((await post(url, question("question 0"))).headers.get("cache-status")).toBe("remem; hit");
  });

  test("is the caller's own matter without limits, and so is a quota that is used up", async () => {
    let calls = 0;
    const asked = async () => {
      calls += 1;
      return Response.json({ error: { message: "no", code: "insufficient_quota" } }, { status: 429 });
    };
    const url = "https://api.openai.com/v1/chat/completions";
    for (const limits of [undefined, {}]) {
      const { post } = open({ fetch: asked, limits });
      expect((await post(url, question("a"))).status).toBe(429);
    }
    expect(calls).toBe(2);
    const server = await limitedServer();
    const { post } = open({});
    const answers = await Promise.all(
      questions(30).map((content) => post(`${server.baseURL}/chat/completions`, question(content))),
    );
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(server.refused());
    expect(server.refused()).toBeGreaterThan(0);
  });

  test("holds for one server, and for all kinds of requests to it", async () => {
    const sent: string[] = [];
    const statuses = [429];
    const { post } = open({
      limits: { maxWaitMs: 0 },
      async fetch(input) {
        sent.push(String(input));
        const status = statuses.shift();
        if (status !== undefined) return new Response("{}", { status, headers: { "retry-after": "60" } });
        return Response.json(answerTo({ model: "m", messages: [{ content: "a" }] }));
      },
    });
    expect((await post("https://one.example/v1/chat/completions", question("a"))).status).toBe(429);
    expect((await post("https://one.example/v1/embeddings", { input: ["a"] })).status).toBe(429);
    expect((await post("https://one.example/v2/chat/completions", question("a"))).status).toBe(200);
    expect((await post("https://two.example/v1/chat/completions", question("a"))).status).toBe(200);
    expect(sent).toHaveLength(3);
  });

  test("holds for all who ask with one key over one store, and for no other key", async () => {
    const sent: string[] = [];
    const statuses = [429];
    const store = memoryStore();
    const options = {
      store,
      limits: { maxWaitMs: 0 },
      async fetch(_: unknown, init?: RequestInit) {
        sent.push(new Headers(init?.headers).get("authorization")!);
        const status = statuses.shift();
        if (status !== undefined) return new Response("{}", { status, headers: { "retry-after": "60" } });
        return Response.json(answerTo({ model: "m", messages: [{ content: "a" }] }));
      },
    };
    const [one, other] = [cachedFetch(options), cachedFetch(options)];
    onTestFinished(async () => void (await Promise.all([one.close(), other.close()])));
    const ask = async (fetch: typeof one, content: string, key: string): Promise<number> => {
      const headers = { authorization: `Bearer ${key}` };
      const init = { method: "POST", headers, body: JSON.stringify(question(content, { model: "m" })) };
      return (await fetch("https://one.example/v1/chat/completions", init)).status;
    };
    expect([await ask(one, "a", "k1"), await ask(other, "b", "k1"), await ask(other, "c", "k2")]).toEqual([
      429, 429, 200,
    ]);
    expect(sent).toEqual(["Bearer k1", "Bearer k2"]);
  });

  test("that Gemini words in its body is waited for", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const retryInfo = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "36s" };
    const error = { code: 429, status: "RESOURCE_EXHAUSTED", message: "quota", details: [{}, retryInfo] };
    const content = { role: "model", parts: [{ text: "Rhine" }] };
    const answers = [
      Response.json({ error }, { status: 429 }),
      Response.json({ candidates: [{ content, finishReason: "STOP" }] }),
    ];
    const { post } = open({ limits: {}, fetch: async () => answers.shift()! });
    const url = "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent";
    const answer = post(url, { contents: [{ parts: [{ text: "a" }] }] });
    await vi.advanceTimersByTimeAsync(35_000);
    expect(answers).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await answer).status).toBe(200);
  });
});

describe("limits of one's own", () => {
  function setUp(limits: CachedFetchOptions["limits"]) {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const sent: Body[] = [];
    const opened = open({
      limits,
      async fetch(_, init) {
        const body = JSON.parse(String(init?.body)) as Body;
        sent.push(body);
        if (!body.stream) return Response.json(answerTo(body));
        return new Response(streamOf(body), { headers: { "content-type": "text/event-stream" } });
      },
    });
    const ask = (body: object) => opened.post("https://api.openai.com/v1/chat/completions", body);
    return { ...opened, ask, sent };
  }

  test("rpm: no minute has more requests, hits and joined calls do not count", async () => {
    const { ask, sent } = setUp({ rpm: 10 });
    const bodies = questions(25).map((content, index) => question(content, { stream: index % 2 === 0 }));
    const answers = Promise.all([...bodies, ...bodies].map((body) => ask(body).then((response) => response.text())));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent).toHaveLength(10);
    await ask(bodies[0]!);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toHaveLength(20);
    await vi.advanceTimersByTimeAsync(60_000);
    await answers;
    expect(sent).toHaveLength(25);
  });

  test("rpm: a list of embeddings is one request", async () => {
    const { post, sent } = setUp({ rpm: 1 });
    const embed = (input: string[]) => post("https://api.openai.com/v1/embeddings", { input });
    await embed(["a", "bb"]);
    const later = embed(["a", "ccc", "dddd"]);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await later).status).toBe(200);
    expect(sent.map(({ input }) => input)).toEqual([
      ["a", "bb"],
      ["ccc", "dddd"],
    ]);
  });

  test("tpm: the estimate of a request is replaced by its usage", async () => {
    const { ask, sent } = setUp({ tpm: 1_000 });
    // Each reserves over 500 tokens, so that they go one by one, and takes 40.
    const answers = Promise.all(questions(30).map((content) => ask(question(content, { max_tokens: 500 }))));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent).toHaveLength(12);
    await vi.advanceTimersByTimeAsync(120_000);
    await answers;
    expect(sent).toHaveLength(30);
  });

  test("a caller that leaves while it waits is rejected at once, with its own reason", async () => {
    const { ask, fetch, sent } = setUp({ rpm: 1 });
    await ask(question("a"));
    const caller = new AbortController();
    const init = { method: "POST", body: JSON.stringify({ model: "m", ...question("b") }), signal: caller.signal };
    const left = fetch("https://api.openai.com/v1/chat/completions", init);
    const reason = new Error("left");
    await vi.advanceTimersByTimeAsync(10);
    caller.abort(reason);
    await expect(left).rejects.toBe(reason);
    expect(sent).toHaveLength(1);
    expect(fetch.stats().providerCalls).toBe(1);
  });

  test.each<[unknown, RegExp]>([
    [{ rpm: 0 }, /`limits.rpm` must be a whole number/],
    [{ rps: 1 }, /there is no option `rps`/],
    [5, /`limits` must be an object/],
  ])("%o is refused", (limits, message) => {
    expect(() => cachedFetch({ store: memoryStore(), limits: limits as never })).toThrow(message);
  });
});

describe("a budget", () => {
  const EXCEEDED = new RememError("BUDGET_EXCEEDED", "No calls are left today.");

  test.each([
    ["a typed error", EXCEEDED, "No calls are left today."],
    ["any error", new TypeError("no money"), "`limits.budget` refused the request: no money"],
  ])("refuses with a response that no client repeats: %s", async (_, thrown, message) => {
    const server = await limitedServer();
    const settled: unknown[] = [];
    let left = 2;
    const budget = {
      reserve(request: object) {
        if (left === 0) throw thrown;
        left -= 1;
        return (answer?: object) => settled.push([request, answer]);
      },
    };
    const { fetch, post } = open({ limits: { budget } });
    const url = `${server.baseURL}/chat/completions`;
    const whole = await (await post(url, question("a"))).json();
    await (await post(`${server.baseURL}/embeddings`, { input: ["a", "bb"] })).json();
    const attempts: string[] = [];
    const client = new OpenAI({
      baseURL: server.baseURL,
      apiKey: "k",
      fetch: (input, init) => {
        attempts.push(String(input));
        return fetch(input as string, init);
      },
    });
    const request = { model: "m", messages: [{ role: "user" as const, content: "b" }] };
    await expect(client.chat.completions.create(request)).rejects.toMatchObject({
      status: 402,
      code: "budget_exceeded",
    });
    await expect(client.chat.completions.create({ ...request, stream: true })).rejects.toMatchObject({ status: 402 });
    const refused = await post(`${server.baseURL}/embeddings`, { input: ["new"] });
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      "x-should-retry": "false",
      "cache-status": "remem; detail=budget-exceeded",
    });
    expect(await refused.json()).toMatchObject({ error: { message } });
    expect(attempts).toHaveLength(2);
    expect(server.paid).toHaveLength(2);
    expect(settled).toEqual([
      [{ model: "m", ...question("a") }, whole],
      [{ model: "m", input: ["a", "bb"] }, expect.objectContaining({ data: [expect.anything(), expect.anything()] })],
    ]);
    expect((await post(url, question("a"))).headers.get("cache-status")).toBe("remem; hit");
  });

  test("settles a request that failed with nothing", async () => {
    const settled: unknown[] = [];
    const budget = { reserve: () => (answer?: object) => settled.push(answer) };
    const { post } = open({ limits: { budget }, fetch: () => Promise.reject(new TypeError("fetch failed")) });
    await expect(post("https://api.openai.com/v1/chat/completions", question("a"))).rejects.toThrow("fetch failed");
    expect(settled).toEqual([undefined]);
  });
});
