import { azureProvider } from "@remem/azure";
import { createClient, memoryStore } from "@remem/core";
import { openaiProvider } from "@remem/openai";
import { completionsServer } from "@remem/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type CachedFetchOptions, cachedFetch } from "../src/index.ts";

async function setUp(options: Partial<CachedFetchOptions> = {}) {
  const server = await completionsServer();
  const store = options.store ?? memoryStore();
  const fetch = cachedFetch({ store, ...options });
  onTestFinished(async () => {
    await fetch.close();
    await server.close();
  });
  const url = `${server.baseURL}/chat/completions`;
  const post = (body: object, init: RequestInit = {}): Promise<Response> =>
    fetch(url, {
      method: "POST",
      ...init,
      headers: { "content-type": "application/json", authorization: "Bearer sk-1", ...init.headers },
      body: JSON.stringify(body),
    });
  return { server, store, fetch, url, post };
}

const QUESTION = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Name a river." }] };
const STREAM = { ...QUESTION, stream: true };

/** The chunks in the text of a stream, which must end with `[DONE]`. */
function chunksIn(text: string): Array<{ choices: Array<{ delta: { content?: string } }>; usage?: object }> {
  const data = [...text.matchAll(/^data: (.*)$/gm)].map(([, line]) => line!);
  expect(data.pop()).toBe("[DONE]");
  return data.map((line) => JSON.parse(line));
}

async function textOf(response: Response): Promise<string> {
  const body = await response.text();
  if (!body.startsWith("data:")) return JSON.parse(body).choices[0].message.content;
  return chunksIn(body)
    .map(({ choices }) => choices[0]?.delta.content ?? "")
    .join("");
}

describe("a chat request", () => {
  test("is answered once, and the second answer differs in Age and Cache-Status alone", async () => {
    const { server, post, fetch } = await setUp();
    const first = await post(QUESTION);
    const second = await post(QUESTION);
    expect(server.calls).toBe(1);
    expect(first.headers.get("cache-status")).toBe("remem; fwd=miss");
    expect(second.headers.get("cache-status")).toBe("remem; hit");
    const others = ({ headers }: Response) =>
      [...headers].filter(([name]) => name !== "cache-status" && name !== "age");
    expect([first.headers.get("age"), second.headers.get("age")]).toEqual([null, "0"]);
    expect(others(second)).toEqual(others(first));
    expect(first.headers.get("x-request-id")).toBeTruthy();
    expect(await second.json()).toEqual(await first.json());
    expect(fetch.stats()).toMatchObject({ hits: 1, misses: 1 });
  });

  test("is stored where `admit` agrees, which sees the answer that the caller gets", async () => {
    const admitted: object[] = [];
    const { server, post } = await setUp({ admit: (answer) => admitted.push(answer) > 1 });
    const first = await (await post(QUESTION)).json();
    await post(QUESTION);
    await post(QUESTION);
    expect(server.calls).toBe(2);
    expect(admitted[0]).toEqual(first);
  });

  test.each([
    ["whole", "stream", QUESTION, STREAM],
    ["stream", "whole", STREAM, QUESTION],
    ["stream", "stream", STREAM, STREAM],
  ])("asked %s and then %s has one entry", async (_, __, one, other) => {
    const { server, post } = await setUp();
    const first = await textOf(await post(one));
    const second = await post(other);
    expect(second.headers.get("cache-status")).toBe("remem; hit");
    expect(second.headers.get("x-request-id")).toBeTruthy();
    expect(await textOf(second)).toBe(first);
    expect(first).not.toBe("");
    expect(server.calls).toBe(1);
  });

  test("usage of a stream is asked of the server, stored, and shown to a caller who asked", async () => {
    const { server, post } = await setUp();
    expect(chunksIn(await (await post(STREAM)).text()).some(({ usage }) => usage != null)).toBe(false);
    expect(server.requests[0]?.body).toMatchObject({ stream_options: { include_usage: true } });
    const shown = chunksIn(await (await post({ ...STREAM, stream_options: { include_usage: true } })).text());
    expect(shown.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) } });
    expect(server.calls).toBe(1);
  });

  test("that is answered again and again as a stream shows each caller the usage or not, as it asked", async () => {
    const { post } = await setUp();
    await (await post(STREAM)).text();
    for (const asks of [false, false, true, true, false, true]) {
      const body = { ...STREAM, stream_options: { include_usage: asks } };
      const chunks = chunksIn(await (await post(body)).text());
      expect(chunks.some(({ usage }) => usage != null)).toBe(asks);
    }
  });

  test("that many callers make at a time is one call, whole or as a stream", async () => {
    const { server, post } = await setUp();
    const bodies = Array.from({ length: 20 }, (_, index) => (index % 2 ? QUESTION : STREAM));
    const texts = await Promise.all(bodies.map(async (body) => textOf(await post(body))));
    expect(new Set(texts).size).toBe(1);
    expect(server.calls).toBe(1);
  });

  test("has the key that infer has for the same server", async () => {
    const { server, post, store } = await setUp();
    await post(QUESTION);
    const provider = openaiProvider({ baseURL: server.baseURL, apiKey: "k" });
    const client = createClient({ store, provider, params: { model: "gpt-4o-mini" } });
    onTestFinished(() => client.close());
    const result = await client.infer("Name a river.");
    expect(result.source).toBe("store");
    expect(result.completion).not.toHaveProperty("remem");
    await client.infer("Name a lake.");
    expect(
      await textOf(await post({ ...QUESTION, messages: [{ role: "user", content: "Name a lake." }] })),
    ).toBeTruthy();
    expect(server.calls).toBe(2);
  });

  test.each(["deployment", undefined])(
    "has the key of the provider for Azure (option deployment: %s)",
    async (option) => {
      const { server, fetch, store } = await setUp();
      const endpoint = new URL(server.baseURL).origin;
      const url = `${endpoint}/openai/deployments/deployment/chat/completions?api-version=2024-10-21`;
      const body = option === undefined ? { ...QUESTION, model: "deployment" } : QUESTION;
      const init = { method: "POST", headers: { "api-key": "k" }, body: JSON.stringify(body) };
      await fetch(url, init);
      const provider = azureProvider({ endpoint, apiKey: "k", apiVersion: "2024-10-21", deployment: option });
      const client = createClient({ store, provider, params: { model: body.model } });
      onTestFinished(() => client.close());
      expect(await client.infer("Name a river.")).toMatchObject({ source: "store" });
      expect(server.calls).toBe(1);
    },
  );

  test("shows the metadata of the present caller, not that of the first", async () => {
    const { post, server } = await setUp();
    server.script([{ body: { ...completion("Rhine"), metadata: { user: "first" } } }]);
    await post({ ...QUESTION, metadata: { user: "first" }, store: true });
    const second = await post({ ...QUESTION, metadata: { user: "second" }, store: true });
    expect(await second.json()).toMatchObject({ metadata: { user: "second" } });
  });
});

describe("a request says in HTTP's words how the cache is used", () => {
  test("no-cache asks again and replaces, no-store leaves no trace, max-age=0 asks again", async () => {
    const { server, post } = await setUp();
    const asked = async (control: string, expected: string) => {
      const { headers } = await post(QUESTION, { headers: { "cache-control": control } });
      expect(headers.get("cache-status")).toBe(`remem; ${expected}`);
    };
    await asked("no-store", "fwd=bypass");
    await asked("only-if-cached, max-age=100", "detail=only-if-cached");
    await asked("", "fwd=miss");
    await asked("no-cache", "fwd=request");
    await asked("max-age=0", "fwd=request");
    await asked("ONLY-IF-CACHED", "hit");
    expect(server.calls).toBe(4);
  });

  test("streams that ask for themselves at a time have the headers of their own answers", async () => {
    const { server, post } = await setUp();
    const ask = (control: string) => post(STREAM, { headers: { "cache-control": control } });
    const responses = await Promise.all(["no-store", "no-store", "", "no-cache"].map(ask));
    expect(server.calls).toBe(4);
    expect(new Set(responses.map(({ headers }) => headers.get("x-request-id"))).size).toBe(4);
    for (const response of responses) expect(await textOf(response)).not.toBe("");
  });

  test("max-age takes no older answer", async () => {
    const { server, post } = await setUp();
    vi.useFakeTimers({ toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    await post(QUESTION);
    vi.advanceTimersByTime(60_000);
    const young = await post(QUESTION, { headers: { "cache-control": "max-age=60" } });
    expect(Object.fromEntries(young.headers)).toMatchObject({ age: "60", "cache-status": "remem; hit" });
    const strict = { headers: { "cache-control": "max-age=59, only-if-cached" } };
    expect((await post(QUESTION, strict)).status).toBe(402);
    for (const body of [STREAM, QUESTION]) {
      const old = await post(body, { headers: { "cache-control": "max-age=59" } });
      await old.text();
      vi.advanceTimersByTime(60_000);
    }
    expect(server.calls).toBe(3);
  });

  test("what the cache refuses has a status that no client repeats, in the form of the server's errors", async () => {
    const { post } = await setUp({ cache: "only-if-cached" });
    const response = await post(STREAM);
    expect(response.status).toBe(402);
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(await response.json()).toMatchObject({
      error: { code: "cache_miss", message: expect.stringContaining("key") },
    });
  });

  test("x-remem-sample asks for independent answers, and is not sent", async () => {
    const { server, post } = await setUp();
    for (const sample of ["0", "1", "1"]) await post(QUESTION, { headers: { "x-remem-sample": sample } });
    await post(QUESTION);
    expect(server.calls).toBe(2);
    expect(server.requests.every(({ headers }) => headers["x-remem-sample"] === undefined)).toBe(true);
    expect(server.requests[0]?.headers.authorization).toBe("Bearer sk-1");
  });
});

describe("what cannot be cached passes through", () => {
  test.each<[string, string, RequestInit]>([
    ["another address", "/models", {}],
    ["another method", "/chat/completions", {}],
    ["a body that is no JSON", "/chat/completions", { method: "POST", body: "{" }],
    ["a form", "/chat/completions", { method: "POST", body: new URLSearchParams({ a: "b" }) }],
    ["a request without messages", "/chat/completions", { method: "POST", body: '{"model":"m"}' }],
  ])("%s", async (_, path, init) => {
    const seen: unknown[][] = [];
    const { fetch } = await setUp({
      fetch: async (...args) => {
        seen.push(args);
        return new Response("from the server", { status: 418 });
      },
    });
    const response = await fetch(`https://api.example.com/v1${path}`, init);
    expect([response.status, await response.text()]).toEqual([418, "from the server"]);
    expect(seen).toHaveLength(1);
    expect(fetch.stats()).toMatchObject({ misses: 0 });
  });

  test("an upload's probe and a URL object are fetched as they are", async () => {
    const { fetch } = await setUp({ fetch: async (input) => new Response(String(input)) });
    expect(await (await fetch("data:,")).text()).toBe("data:,");
    expect(await (await fetch(new URL("https://example.com/x"))).text()).toBe("https://example.com/x");
  });
});

describe("a server that fails is seen as without the cache", () => {
  test.each([
    [400, {}],
    [429, { "retry-after": "7" }],
    [500, {}],
  ])("the status %i with its headers and body", async (status, headers) => {
    const { server, post } = await setUp();
    server.script([
      { status, headers },
      { status, headers },
    ]);
    for (const body of [QUESTION, STREAM]) {
      const response = await post(body);
      expect(response.status).toBe(status);
      expect(Object.fromEntries(response.headers)).toMatchObject(headers);
      expect(await response.json()).toHaveProperty("error.message");
    }
    expect((await post(QUESTION)).status).toBe(200);
    expect(server.calls).toBe(3);
  });

  test("an error with the status 200, a page and an answer that is cut off are given and not stored", async () => {
    const { server, post } = await setUp();
    const cut = completion("Rhi", "length");
    server.script([
      { body: { error: { message: "overloaded" } } },
      { body: "<html>", headers: { "content-type": "text/html" } },
      { body: cut },
    ]);
    expect(await (await post(QUESTION)).json()).toEqual({ error: { message: "overloaded" } });
    const page = await post(QUESTION);
    expect([page.headers.get("content-type"), await page.text()]).toEqual(["text/html", "<html>"]);
    expect(await (await post(QUESTION)).json()).toEqual(cut);
    await post(QUESTION);
    expect(server.calls).toBe(4);
  });

  test("the error of fetch is the caller's, the very one", async () => {
    const thrown = new TypeError("fetch failed");
    const { post } = await setUp({ fetch: () => Promise.reject(thrown) });
    await expect(post(QUESTION)).rejects.toBe(thrown);
    await expect(post(STREAM)).rejects.toBe(thrown);
  });

  test("a stream that breaks errs for its reader, one that ends early ends, and neither is stored", async () => {
    const { server, post } = await setUp();
    server.script([{ reset: "body" }, { body: 'data: {"choices":[{"index":0,"delta":{"content":"Rhi"}}]}\n\n' }]);
    await expect((await post(STREAM)).text()).rejects.toThrow();
    const early = await (await post(STREAM)).text();
    expect(early).toContain("Rhi");
    expect(early).not.toContain("[DONE]");
    expect((await post(STREAM)).headers.get("cache-status")).toBe("remem; fwd=miss");
    expect(server.calls).toBe(3);
  });

  test("an error in the middle of a stream reaches the reader", async () => {
    const { server, post } = await setUp();
    const error = { error: { message: "The server had an error", type: "server_error" } };
    server.script([
      { body: `data: {"choices":[{"index":0,"delta":{"content":"R"}}]}\n\ndata: ${JSON.stringify(error)}\n\n` },
    ]);
    expect(await (await post(STREAM)).text()).toContain(JSON.stringify(error));
    await post(STREAM);
    expect(server.calls).toBe(2);
  });

  test("a stream that is no JSON errs for its reader, and a server that answers whole gives a stream", async () => {
    const { server, post } = await setUp();
    server.script([
      { body: "data: {oops\n\n" },
      { body: completion("Rhine"), headers: { "content-type": "application/json" } },
    ]);
    await expect(post(STREAM).then((response) => response.text())).rejects.toThrow();
    expect(await textOf(await post(STREAM))).toBe("Rhine");
    expect(await (await post(QUESTION)).json()).toEqual(completion("Rhine"));
    expect(server.calls).toBe(2);
  });

  test("Gemini's stream in one JSON array shares its entry with the whole answer and with events", async () => {
    const content = { role: "model", parts: [{ text: "Rhine" }] };
    const answer = { candidates: [{ content, finishReason: "STOP" }], usageMetadata: { totalTokenCount: 3 } };
    let calls = 0;
    const { fetch } = await setUp({
      async fetch() {
        calls += 1;
        return new Response(`[${JSON.stringify(answer)}\n]`, { headers: { "content-type": "application/json" } });
      },
    });
    async function ask(method: string): Promise<string> {
      const body = JSON.stringify({ contents: [{ role: "user", parts: [{ text: "Name a river." }] }] });
      const url = `https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:${method}`;
      return (await fetch(url, { method: "POST", body })).text();
    }
    for (let turn = 0; turn < 4; turn++) {
      expect(JSON.parse(await ask("streamGenerateContent"))).toEqual([answer]);
      expect(JSON.parse(await ask("generateContent"))).toEqual(answer);
      const [, event] = /^data: (.*)\r\n\r\n$/.exec(await ask("streamGenerateContent?alt=sse")) ?? [];
      expect(JSON.parse(event!)).toEqual(answer);
    }
    expect(calls).toBe(1);
  });

  test("a server that refuses stream_options is asked without them", async () => {
    const { server, post } = await setUp();
    server.script([{ status: 400, body: { error: { message: "Unrecognized request argument: stream_options" } } }]);
    const response = await post(STREAM);
    expect(response.status).toBe(200);
    await response.text();
    expect(server.requests[1]?.body).not.toHaveProperty("stream_options");
  });
});

describe("an abort", () => {
  test("rejects with the reason itself, before and while the server answers, and costs other callers nothing", async () => {
    const { server, post } = await setUp();
    const reason = new Error("enough");
    await expect(post(QUESTION, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(server.calls).toBe(0);
    server.script([{ stall: "headers" }]);
    const controller = new AbortController();
    const waiting = [post(QUESTION, { signal: controller.signal }), post(STREAM, { signal: controller.signal })];
    await expect.poll(() => server.calls, { timeout: 30_000 }).toBe(1);
    controller.abort(reason);
    for (const one of waiting) await expect(one).rejects.toBe(reason);
    expect((await post(QUESTION)).status).toBe(200);
  });

  test("after the headers makes the body err with the reason", async () => {
    const { server, post } = await setUp();
    const reason = new Error("enough");
    server.script([{ stall: "body" }]);
    const controller = new AbortController();
    const response = await post(STREAM, { signal: controller.signal });
    const reader = response.body!.getReader();
    await reader.read();
    controller.abort(reason);
    await expect(
      (async () => {
        for (;;) if ((await reader.read()).done) return;
      })(),
    ).rejects.toBe(reason);
  });

  test("also the body of a stored stream, whole or paced", async () => {
    for (const replay of [undefined, { chunkMs: 1 }]) {
      const { post } = await setUp({ replay });
      await textOf(await post(QUESTION));
      const controller = new AbortController();
      const response = await post(STREAM, { signal: controller.signal });
      expect(response.headers.get("cache-status")).toBe("remem; hit");
      const reason = new Error("enough");
      controller.abort(reason);
      await expect(response.text()).rejects.toBe(reason);
    }
  });

  test("a reader who leaves a stream leaves the others theirs", async () => {
    const { server, post } = await setUp();
    const [one, other] = await Promise.all([post(STREAM), post(STREAM)]);
    await one.body!.cancel();
    expect(await textOf(other)).not.toBe("");
    expect(server.calls).toBe(1);
  });
});

test("whole numbers that JavaScript rounds are keyed and sent digit by digit", async () => {
  const bodies: unknown[] = [];
  const { fetch, url } = await setUp({
    fetch: async (_, init) => {
      bodies.push(init?.body);
      return Response.json(completion("Hi", "stop"));
    },
  });
  const seeds = ["9007199254740992", "9007199254740993", "1234567890123456789012345", "1234567890123456789012346"];
  const texts = seeds.map((seed) => `{"model":"m","messages":[{"role":"user","content":"Hi"}],"seed":${seed}}`);
  for (const body of [...texts, ...texts]) await fetch(url, { method: "POST", body });
  expect(bodies).toEqual(texts);
  expect(fetch.stats()).toMatchObject({ misses: 4, hits: 4 });
});

test("a stored answer is replayed at once, or paced word by word", async () => {
  const pieces: number[] = [];
  for (const replay of [undefined, { chunkMs: 1 }]) {
    const { post } = await setUp({ replay });
    const words = (await textOf(await post(QUESTION))).split(" ");
    const all: Uint8Array[] = [];
    for await (const piece of (await post(STREAM)).body!) all.push(piece);
    expect(await textOf(new Response(Buffer.concat(all)))).toBe(words.join(" "));
    expect(words.length).toBeGreaterThan(1);
    pieces.push(all.length - words.length);
  }
  expect(pieces[0]).toBeLessThan(0);
  expect(pieces[1]).toBeGreaterThanOrEqual(0);
});

test("a Request is read once, and can be fetched again", async () => {
  const { server, fetch, url } = await setUp();
  const request = new Request(url, {
    method: "POST",
    body: JSON.stringify(QUESTION),
    headers: { "content-type": "application/json", authorization: "Bearer a" },
  });
  const [first, second] = [await fetch(request), await fetch(request)];
  expect(await second.json()).toEqual(await first.json());
  expect(server.calls).toBe(1);
  expect(server.requests[0]?.headers.authorization).toBe("Bearer a");
});

test("the members of init go to the server's fetch, whatever they are", async () => {
  let seen: RequestInit | undefined;
  const { post } = await setUp({
    fetch: async (_, init) => {
      seen = init;
      return Response.json(completion("Rhine"));
    },
  });
  await post(QUESTION, { redirect: "error", keepalive: true });
  expect(seen).toMatchObject({ redirect: "error", keepalive: true, method: "POST" });
});

test("a misspelt option is refused by name", () => {
  expect(() => cachedFetch({ store: memoryStore(), ttl: 1 } as never)).toThrow(/no option `ttl`/);
});

function completion(content: string, finish_reason = "stop") {
  const message = { role: "assistant", content };
  const choices = [{ index: 0, message, finish_reason }];
  return { id: "1", object: "chat.completion", created: 1, model: "gpt-4o-mini", choices };
}

test("mayCache tells whose body has to be given whole, by method and address", async () => {
  const { fetch } = await setUp();
  const told = (method: string, path: string) => fetch.mayCache(method, new URL(path, "https://api.example.com"));
  expect(["/v1/chat/completions", "/v1/messages", "/api/chat"].map((path) => told("POST", path))).toEqual([
    true,
    true,
    true,
  ]);
  expect([told("post", "/v1/embeddings"), told("GET", "/v1/responses"), told("POST", "/v1/files")]).toEqual([
    true,
    false,
    false,
  ]);
});

describe("respond", () => {
  async function setUpServer(options: Partial<CachedFetchOptions> = {}) {
    const { server, fetch, url } = await setUp(options);
    const respond = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}, path = "") =>
      fetch.respond({
        url: new URL(url + path),
        headers: new Headers(headers),
        body: typeof body === "string" ? new TextEncoder().encode(body) : body,
        signal: undefined,
        init: () => ({ method: "POST", headers: { authorization: "Bearer sk-1", ...headers } }),
      });
    return { server, fetch, url, respond };
  }
  const [whole, stream] = [JSON.stringify(QUESTION), JSON.stringify(STREAM)];

  test.each([
    ["a whole answer", whole],
    ["a stored stream", stream],
  ])("gives %s as plain data, which says what the response of fetch does", async (_, body) => {
    const { respond, fetch, url } = await setUpServer();
    await respond(whole);
    const plain = await respond(body);
    if (plain instanceof Response) throw new Error("It is a response.");
    const response = await fetch(url, { method: "POST", body });
    expect(plain).toEqual({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      text: await response.text(),
      isStream: body === stream,
    });
    expect(plain.headers["cache-status"]).toBe("remem; hit");
  });

  test("gives a miss and what the cache refuses as plain data, too", async () => {
    const { respond, server } = await setUpServer();
    expect(await respond(whole, { "cache-control": "only-if-cached" })).toMatchObject({
      status: 402,
      headers: { "x-should-retry": "false" },
      text: expect.stringContaining("cache_miss"),
    });
    expect(await respond(whole, { "x-remem-sample": "1" })).toMatchObject({
      status: 200,
      headers: { "cache-status": "remem; fwd=miss" },
    });
    expect(server.requests[0]?.headers).toMatchObject({ authorization: "Bearer sk-1" });
    expect(server.requests[0]?.headers).not.toHaveProperty("x-remem-sample");
  });

  test("gives a stream that is still written, or paced, as a response", async () => {
    const { respond } = await setUpServer({ replay: { chunkMs: 1 } });
    for (const cacheStatus of ["remem; fwd=miss", "remem; hit"]) {
      const response = await respond(stream);
      if (!(response instanceof Response)) throw new Error("It is plain data.");
      expect(response.headers.get("cache-status")).toBe(cacheStatus);
      await response.text();
    }
  });

  test("gives what a server has sent as a response, and sends what is not JSON as it came", async () => {
    const sent: unknown[] = [];
    const { respond } = await setUpServer({
      async fetch(_, init) {
        sent.push(init?.body);
        return new Response("from the server", { status: 418 });
      },
    });
    const bytes = new Uint8Array([0, 255, 1]);
    for (const body of [whole, bytes, '{"model":"m"}']) {
      const response = await respond(body);
      if (!(response instanceof Response)) throw new Error("It is plain data.");
      expect([response.status, await response.text()]).toEqual([418, "from the server"]);
    }
    expect(sent).toEqual([whole, bytes, '{"model":"m"}']);
  });
});
