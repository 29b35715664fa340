import { gzipSync } from "node:zlib";
import { createRemem, memoryStore, RememError } from "remem";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { CHAT, exchange, post, QUESTION, recordingServer, startGateway, vendorsAt } from "./gateway.ts";

describe("a route", () => {
  test.each([
    ["POST", "/v1/chat/completions", {}, "/openai-v1/chat/completions"],
    ["GET", "/v1/models", {}, "/openai-v1/models"],
    ["GET", "/v1/models?limit=2", {}, "/openai-v1/models?limit=2"],
    ["DELETE", "/v1/models/ft:gpt-4o:org::id", {}, "/openai-v1/models/ft:gpt-4o:org::id"],
    ["GET", "/v1/models/meta%2Fllama", {}, "/openai-v1/models/meta%2Fllama"],
    ["POST", "/v1/responses/resp_1/cancel", {}, "/openai-v1/responses/resp_1/cancel"],
    ["POST", "/v1/messages", { "x-api-key": "k" }, "/anthropic/v1/messages"],
    ["POST", "/messages", { "x-api-key": "k" }, "/anthropic/v1/messages"],
    ["POST", "/messages/count_tokens", {}, "/anthropic/v1/messages/count_tokens"],
    ["POST", "/v1/messages/count_tokens?beta=true", {}, "/anthropic/v1/messages/count_tokens?beta=true"],
    ["GET", "/v1/messages/batches", {}, "/anthropic/v1/messages/batches"],
    ["GET", "/v1/models", { "anthropic-version": "2023-06-01" }, "/anthropic/v1/models"],
    ["GET", "/files", { "anthropic-version": "2023-06-01" }, "/anthropic/v1/files"],
    [
      "POST",
      "/v1beta/models/gemini-2.5-flash:generateContent",
      {},
      "/gemini/v1beta/models/gemini-2.5-flash:generateContent",
    ],
    ["POST", "/v1/models/gemini-2.5-flash:generateContent", {}, "/gemini/v1/models/gemini-2.5-flash:generateContent"],
    [
      "POST",
      "/v1/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
      {},
      "/gemini/v1/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
    ],
    ["GET", "/v1/models", { "x-goog-api-key": "k" }, "/gemini/v1/models"],
    ["GET", "/v1/models?key=k", {}, "/gemini/v1/models?key=k"],
    ["POST", "/upload/v1beta/files", {}, "/gemini/upload/v1beta/files"],
    [
      "POST",
      "/openai/deployments/d/chat/completions?api-version=1",
      {},
      "/azure/openai/deployments/d/chat/completions?api-version=1",
    ],
    ["POST", "/openai/v1/responses", {}, "/azure/openai/v1/responses"],
    [
      "POST",
      "/v1/deployments/d/chat/completions?api-version=1",
      {},
      "/azure/openai/deployments/d/chat/completions?api-version=1",
    ],
    ["POST", "/v1/responses", { "api-key": "k" }, "/azure/openai/responses"],
    ["POST", "/api/chat", {}, "/ollama/api/chat"],
    ["GET", "/api/tags", {}, "/ollama/api/tags"],
    ["POST", "/groq/openai/v1/chat/completions", {}, "/groq/openai/v1/chat/completions"],
    ["GET", "/groq/v1/models", { "anthropic-version": "1" }, "/groq/v1/models"],
  ] as const)("%s %s %j leads to %s", async (method, path, headers, expected) => {
    const { origin, received } = await recordingServer((_, response) => response.end("{}"));
    const upstreams = {
      openai: { baseURL: `${origin}/openai-v1/` },
      anthropic: { baseURL: `${origin}/anthropic/v1` },
      gemini: { baseURL: `${origin}/gemini` },
      azure: { baseURL: `${origin}/azure` },
      ollama: { baseURL: `${origin}/ollama` },
      groq: { baseURL: `${origin}/groq` },
    };
    const { url } = await startGateway({ upstreams });
    const response = await fetch(url + path, { method, headers, ...(method === "POST" && { body: "{}" }) });
    expect(await response.text()).toBe("{}");
    expect(received).toMatchObject([{ method, url: expected }]);
  });
});

test("an answer is paid for once, by whichever form, and through whichever door", async () => {
  const { origin, received } = await recordingServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json", "x-request-id": "req_1" }).end(JSON.stringify(CHAT));
  });
  const store = memoryStore();
  const { url, gateway } = await startGateway({ store, upstreams: vendorsAt(origin) });
  const miss = await post(`${url}/v1/chat/completions`);
  expect(await miss.json()).toEqual(CHAT);
  expect(miss.headers.get("cache-status")).toBe("remem; fwd=miss");
  const hit = await post(`${url}/v1/chat/completions`, QUESTION, { authorization: "Bearer other" });
  expect(await hit.json()).toEqual(CHAT);
  expect(hit.headers.get("cache-status")).toBe("remem; hit");
  expect(hit.headers.get("x-request-id")).toBe("req_1");
  const client = createRemem({ store, baseURL: `${origin}/v1`, apiKey: "k", config: false });
  const { cacheHit, response } = await client.infer(QUESTION);
  expect({ cacheHit, response }).toEqual({ cacheHit: true, response: "The Vistula." });
  expect(received).toHaveLength(1);
  expect(received[0]?.headers.authorization).toBe("Bearer sk-secret");
  expect(gateway.stats()).toMatchObject({
    requests: 2,
    passedThrough: 0,
    unreachable: 0,
    cache: { hits: 1, misses: 1 },
  });
});

test("without a word the vendors are asked at their own addresses, and OpenAI's entries are those of infer", async () => {
  const asked: string[] = [];
  const store = memoryStore();
  const { url } = await startGateway({
    store,
    options: {
      async fetch(input) {
        asked.push(String(input));
        return Response.json(CHAT);
      },
    },
  });
  const paths = ["/v1/chat/completions", "/messages/batches", "/v1beta/models/m:countTokens", "/api/embed"];
  for (const path of paths) expect((await post(url + path)).status).toBe(200);
  expect(asked).toEqual([
    "https://api.openai.com/v1/chat/completions",
    "https://api.anthropic.com/v1/messages/batches",
    "https://generativelanguage.googleapis.com/v1beta/models/m:countTokens",
    "http://127.0.0.1:11434/api/embed",
  ]);
  vi.stubEnv("OPENAI_BASE_URL", "");
  onTestFinished(() => void vi.unstubAllEnvs());
  const client = createRemem({ store, apiKey: "k", config: false });
  expect(await client.infer(QUESTION)).toMatchObject({ cacheHit: true, source: "store" });
});

test("a body that is compressed, or no JSON, reaches the server as it is, and so does none", async () => {
  const { origin, received } = await recordingServer((_, response) => response.writeHead(204).end());
  const { url } = await startGateway({ upstreams: vendorsAt(origin) });
  const bodies = [
    gzipSync(JSON.stringify(QUESTION)),
    Buffer.from("{broken"),
    Buffer.from([0, 255, 1]),
    Buffer.from(""),
  ];
  for (const body of bodies) {
    const headers = { "content-encoding": "gzip" };
    const response = await fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body });
    expect([response.status, await response.text()]).toEqual([204, ""]);
  }
  expect(received.map(({ body }) => body)).toEqual(bodies);
  expect(received[0]?.headers["content-encoding"]).toBe("gzip");
});

test("headers of one connection stay on it, in both directions, and all others pass", async () => {
  const { origin, received } = await recordingServer((_, response) => {
    response.writeHead(418, {
      connection: "close, x-hop",
      "x-hop": "1",
      "keep-alive": "timeout=9",
      "set-cookie": ["a=1", "b=2"],
      "x-ratelimit-remaining": "7",
    });
    response.end("short and stout");
  });
  const { port } = await startGateway({ upstreams: vendorsAt(origin) });
  const request = [
    "GET /v1/files HTTP/1.1",
    "Host: localhost",
    "Connection: close, x-private",
    "X-Private: 1",
    "Proxy-Authorization: Basic eA==",
    "TE: trailers",
    "Expect: 100-continue",
    "Cookie: a=1",
    "Authorization: Bearer sk",
    "X-Twice: 1",
    "X-Twice: 2",
    "",
    "",
  ];
  const answer = await exchange(port, request.join("\r\n"));
  const { headers } = received[0]!;
  for (const name of ["x-private", "proxy-authorization", "te", "expect"]) expect(headers).not.toHaveProperty(name);
  expect(headers).toMatchObject({
    authorization: "Bearer sk",
    cookie: "a=1",
    "x-twice": "1, 2",
    host: new URL(origin).host,
  });
  expect(answer).toMatch(/^HTTP\/1\.1 418 /m);
  expect(answer).toMatch(/^x-ratelimit-remaining: 7\r$/m);
  expect(answer).toMatch(/^set-cookie: a=1\r\nset-cookie: b=2\r$/m);
  expect(answer).not.toMatch(/^(?:x-hop|keep-alive: timeout=9)/m);
  expect(answer).toMatch(/\r\n\r\nshort and stout$/);
});

test("a body that was compressed on its way arrives whole, and says so", async () => {
  const { origin } = await recordingServer((_, response) => {
    const body = gzipSync("x".repeat(5_000));
    response.writeHead(200, { "content-encoding": "gzip", "content-length": body.length }).end(body);
  });
  const { url } = await startGateway({ upstreams: vendorsAt(origin) });
  const response = await fetch(`${url}/v1/files/f/content`);
  expect(response.headers.get("content-encoding")).toBeNull();
  expect(await response.text()).toBe("x".repeat(5_000));
});

test("a redirect is its caller's to follow", async () => {
  const { origin, received } = await recordingServer((_, response) => {
    response.writeHead(307, { location: "http://elsewhere.invalid/v1/models" }).end();
  });
  const { url } = await startGateway({ upstreams: vendorsAt(origin) });
  for (const ask of [fetch(`${url}/v1/models`, { redirect: "manual" }), post(`${url}/v1/responses`, { model: "m" })]) {
    const response = await ask.catch((error: Error) => error);
    if (response instanceof Response) {
      expect(response.status).toBe(307);
      expect(response.headers.get("location")).toBe("http://elsewhere.invalid/v1/models");
    }
  }
  expect(received).toHaveLength(2);
});

test("HEAD has the headers and no body, and DELETE may have a body", async () => {
  const { origin, received } = await recordingServer(({ method }, response) => {
    response.writeHead(200, { "content-length": 7, "content-type": "text/x" }).end(method === "HEAD" ? "" : "1234567");
  });
  const { url } = await startGateway({ upstreams: vendorsAt(origin) });
  const head = await fetch(`${url}/v1/files/f`, { method: "HEAD" });
  expect([head.headers.get("content-length"), await head.text()]).toEqual(["7", ""]);
  const deleted = await fetch(`${url}/v1/files/f`, { method: "DELETE", body: "why" });
  expect([deleted.headers.get("content-type"), await deleted.text()]).toEqual(["text/x", "1234567"]);
  await fetch(`${url}/v1/responses/r/cancel`, { method: "POST" });
  expect(received.map(({ method, body, headers }) => [method, `${body}`, headers["content-length"]])).toEqual([
    ["HEAD", "", undefined],
    ["DELETE", "why", "3"],
    ["POST", "", "0"],
  ]);
});

test("a key of the configuration takes the place of the caller's, wherever that stands", async () => {
  const { origin, received } = await recordingServer((_, response) => response.end("{}"));
  const groq = { baseURL: origin, apiKey: "configured" };
  const { url } = await startGateway({ upstreams: { groq, gemini: groq, anthropic: groq } });
  await fetch(`${url}/groq/v1/models`);
  await fetch(`${url}/groq/v1/models`, { headers: { authorization: "Bearer callers" } });
  await fetch(`${url}/groq/v1/models`, { headers: { "x-api-key": "callers", authorization: "" } });
  await fetch(`${url}/v1beta/models?key=callers&a=b`);
  await fetch(`${url}/v1/models`, { headers: { "anthropic-version": "1" } });
  const keys = received.map(({ url, headers }) => {
    return [url, headers.authorization, headers["x-api-key"], headers["x-goog-api-key"]];
  });
  expect(keys).toEqual([
    ["/v1/models", "Bearer configured", undefined, undefined],
    ["/v1/models", "Bearer configured", undefined, undefined],
    ["/v1/models", "Bearer configured", undefined, undefined],
    ["/v1beta/models?a=b", undefined, undefined, "configured"],
    ["/v1/models", undefined, "configured", undefined],
  ]);
});

describe("an error of the gateway", () => {
  test("is in the form of the vendor's, and helps", async () => {
    const closed = "http://127.0.0.1:1";
    const { url, gateway } = await startGateway({ upstreams: { ...vendorsAt(closed), openai: { baseURL: closed } } });
    const read = async (response: Response) => [response.status, await response.json()];
    const reached = (body: unknown) => JSON.stringify(body).replace(/could not be reached: .*?\./, "?");
    const unreachable = "remem: http://127.0.0.1:1 ?";
    const code = "upstream_unreachable";
    for (const [path, expected] of [
      ["/v1/chat/completions", { error: { message: unreachable, type: code, param: null, code } }],
      ["/v1/messages", { type: "error", error: { type: code, message: unreachable } }],
      ["/v1beta/models/m:generateContent", { error: { code: 502, message: unreachable, status: code.toUpperCase() } }],
      ["/api/chat", { error: unreachable }],
    ] as const) {
      const [status, body] = await read(await post(url + path, { ...QUESTION, max_tokens: 5, contents: [] }));
      expect([status, reached(body)]).toEqual([502, JSON.stringify(expected)]);
    }
    expect(gateway.stats()).toMatchObject({ requests: 4, unreachable: 4 });
    const [status, body] = await read(await post(`${url}/chat/completions`));
    expect(status).toBe(404);
    expect(JSON.stringify(body)).toMatch(/It has \/v1\/… \(OpenAI\).* ends in \/v1\./);
  });

  test("of an Azure without a resource names the variable", async () => {
    const { url } = await startGateway({});
    const response = await post(`${url}/openai/deployments/d/chat/completions`);
    expect(response.status).toBe(404);
    expect(await response.text()).toMatch("AZURE_OPENAI_ENDPOINT");
  });

  test("for a body that is too large comes before it is read, and after so much of it", async () => {
    const { origin, received } = await recordingServer((_, response) => response.end("{}"));
    const { url, port } = await startGateway({ upstreams: vendorsAt(origin), maxBodyBytes: 1_000 });
    const large = await post(`${url}/v1/chat/completions`, { ...QUESTION, user: "x".repeat(1_000) });
    expect([large.status, large.headers.get("x-should-retry")]).toEqual([413, "false"]);
    const chunk = `400\r\n${"x".repeat(0x400)}\r\n`;
    const request = `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`;
    expect(await exchange(port, `${request}${chunk.repeat(3)}0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 413 /);
    expect(received).toEqual([]);
    const other = await post(`${url}/v1/files`, { file: "x".repeat(2_000) }); // It is streamed.
    expect(other.status).toBe(200);
  });

  test("is one for a WebSocket, too", async () => {
    const { port } = await startGateway({});
    const request =
      "GET /v1/realtime HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n";
    expect(await exchange(port, request)).toMatch(/^HTTP\/1\.1 501 .*does not support WebSockets/s);
  });
});

test.each(["CACHE_MISS", "BUDGET_EXCEEDED"] as const)("%s is an error that no client repeats", async (code) => {
  const refuse = async () => {
    throw new RememError(code, "Nothing is asked.");
  };
  const { url } = await startGateway({ options: { fetch: refuse } });
  const name = code.toLowerCase();
  for (const path of ["/v1/chat/completions", "/v1/files"]) {
    const response = await post(url + path);
    expect([response.status, response.headers.get("x-should-retry"), await response.json()]).toEqual([
      402,
      "false",
      { error: { message: "remem: Nothing is asked.", type: name, param: null, code: name } },
    ]);
  }
});

test("/healthz tells that it runs", async () => {
  const { url } = await startGateway({});
  const response = await fetch(`${url}/healthz`);
  expect([response.status, await response.json()]).toEqual([200, { status: "ok" }]);
});
