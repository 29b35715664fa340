import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { promisify } from "node:util";
import { validator } from "@remem/test-support/openapi";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type CompletionsServer, completionsServer } from "../../src/index.ts";
import { complete, post, question } from "./post.ts";

const errorErrors = validator("ErrorResponse");

let server: CompletionsServer;
beforeEach(async () => {
  server = await completionsServer();
});
afterEach(() => server.close());

describe("an ordinary answer", () => {
  test("is JSON with a request id of its own", async () => {
    const first = await post(server, question("Why?"));
    const second = await post(server, question("Why?"));
    expect(first.headers.get("content-type")).toBe("application/json");
    expect(first.headers.get("x-request-id")).toMatch(/^req_\d+$/);
    expect(second.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
  });

  test("ignores a query in the URL", async () => {
    const response = await fetch(`${server.baseURL}/chat/completions?api-version=1`, {
      method: "POST",
      headers: { authorization: "Bearer key" },
      body: JSON.stringify(question("Why?")),
    });
    expect(response.status).toBe(200);
  });

  test("takes latencyMs", async () => {
    await using slow = await completionsServer({ latencyMs: 80 });
    const start = performance.now();
    await complete(slow, question("Why?"));
    // Timers count whole milliseconds.
    expect(performance.now() - start).toBeGreaterThanOrEqual(79);
  });
});

describe("the record of requests", () => {
  test("has bodies and headers, in order", async () => {
    expect([server.calls, server.requests]).toEqual([0, []]);
    await post(server, question("First"));
    await post(server, question("Second", { seed: 7 }), { headers: { Authorization: "Bearer other", "X-Mine": "1" } });
    expect(server.calls).toBe(2);
    expect(server.requests.map(({ body }) => body)).toEqual([question("First"), question("Second", { seed: 7 })]);
    expect(server.requests[1]?.headers).toMatchObject({ authorization: "Bearer other", "x-mine": "1" });
  });

  test("includes those that are refused or not JSON, but not other paths", async () => {
    await post(server, "{not json");
    await post(server, {});
    await fetch(`${server.baseURL}/models`);
    expect(server.calls).toBe(2);
    expect(server.requests.map(({ body }) => body)).toEqual(["{not json", {}]);
  });
});

describe("a request is refused", () => {
  const messages = [{ role: "user", content: "Why?" }];
  const bad: Readonly<Record<string, readonly [body: object | string, param: string | null]>> = {
    "that is not JSON": ["{", null],
    "that is not an object": ["[1]", null],
    "without a model": [{ messages }, "model"],
    "without messages": [{ model: "gpt-4o-mini" }, "messages"],
    "with an empty list of messages": [{ model: "gpt-4o-mini", messages: [] }, "messages"],
    "with an invalid message": [{ model: "gpt-4o-mini", messages: ["Why?"] }, "messages"],
    "for too many choices": [{ model: "gpt-4o-mini", messages, n: 1e9 }, "n"],
    "with a limit of 0 tokens": [{ model: "gpt-4o-mini", messages, max_tokens: 0 }, "max_tokens"],
    "whose `stream` is no boolean": [{ model: "gpt-4o-mini", messages, stream: "yes" }, "stream"],
  };
  for (const [name, [body, param]] of Object.entries(bad)) {
    test(`${name}: 400 in the API's shape`, async () => {
      const response = await post(server, body);
      expect(response.status).toBe(400);
      const error = await response.json();
      expect(errorErrors(error)).toEqual([]);
      expect(error).toMatchObject({ error: { type: "invalid_request_error", param } });
    });
  }

  test("without a key: 401 invalid_api_key", async () => {
    for (const headers of [{}, { authorization: "" }, { authorization: "Bearer " }]) {
      const response = await post(server, question("Why?"), { headers });
      expect(response.status).toBe(401);
      const error = await response.json();
      expect(errorErrors(error)).toEqual([]);
      expect(error).toMatchObject({ error: { code: "invalid_api_key" } });
    }
  });

  test("on an unknown path or by another method: 404", async () => {
    const paths = [`${server.baseURL}/embeddings`, server.baseURL, new URL("/", server.baseURL)];
    const answers = [
      ...paths.map((path) => fetch(path, { method: "POST", body: "{}" })),
      post(server, "", { method: "GET", body: null }),
    ];
    for (const response of await Promise.all(answers)) {
      expect(response.status).toBe(404);
      expect(errorErrors(await response.json())).toEqual([]);
    }
  });

  test("and the server survives one that it cannot handle", async () => {
    const depth = 200_000;
    const deep = `${"[".repeat(depth)}${"]".repeat(depth)}`;
    const response = await post(server, `{"model":"m","messages":[{"role":"user","content":${deep}}]}`);
    expect(response.status).toBe(500);
    expect(errorErrors(await response.json())).toEqual([]);
    expect((await post(server, question("Why?"))).status).toBe(200);
  });
});

describe("the port", () => {
  test("is a free one on 127.0.0.1 by default", async () => {
    await using other = await completionsServer();
    expect(server.baseURL).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    expect(other.baseURL).not.toBe(server.baseURL);
  });

  test("can be chosen, and one in use is an error", async () => {
    const port = Number(new URL(server.baseURL).port);
    await expect(completionsServer({ port })).rejects.toThrow("EADDRINUSE");
    await server.close();
    await using again = await completionsServer({ port });
    expect(again.baseURL).toBe(server.baseURL);
  });
});

test("unknown and invalid options are refused by name", async () => {
  const misspelt = { latency: 5 };
  await expect(completionsServer(misspelt as object)).rejects.toThrow("no option `latency`. It takes port, latencyMs");
  await expect(completionsServer({ latencyMs: -1 })).rejects.toThrow("latencyMs");
  await expect(completionsServer({ port: 65_536 })).rejects.toThrow("port");
});

describe("close", () => {
  test("ends idle and silent connections, and can be repeated", async () => {
    await complete(server, question("Why?"));
    const port = Number(new URL(server.baseURL).port);
    const silent = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")];
    await Promise.all(silent.map((client) => once(client, "connect")));
    silent[0]?.write("POST /v1/chat/completions HTTP/1.1\r\n");
    const ended = silent.map((client) => new Promise((resolve) => client.on("error", () => {}).once("close", resolve)));
    await Promise.all([server.close(), server.close()]);
    await Promise.all(ended);
    await expect(post(server, question("Why?"))).rejects.toThrow("fetch failed");
  });

  test("does not wait for a slow answer", async () => {
    const slow = await completionsServer({ latencyMs: 2 ** 31 - 1 });
    const failure = expect(post(slow, question("Why?"))).rejects.toThrow("fetch failed");
    await vi.waitFor(() => expect(slow.calls).toBe(1));
    await slow.close();
    await failure;
  });
});

test("a client that disconnects within its request is forgotten", async () => {
  const client = connect(Number(new URL(server.baseURL).port), "127.0.0.1");
  await once(client, "connect");
  client.write("POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{", () => client.destroy());
  await once(client, "close");
  await complete(server, question("Why?"));
  expect(server.calls).toBe(1);
});

test("importing the package starts nothing", async () => {
  const entry = new URL("../../src/index.ts", import.meta.url).href;
  const script = `await import(${JSON.stringify(entry)}); console.log(process.getActiveResourcesInfo().join())`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  expect(stdout).not.toMatch(/Server|Timeout|Socket/);
});
