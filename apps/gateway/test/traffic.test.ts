import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { cachedFetch, memoryStore, sqliteStore } from "remem";
import { expect, onTestFinished, test, vi } from "vitest";
import { createGateway } from "../src/index.ts";
import {
  CHAT,
  heldServer,
  post,
  QUESTION,
  rawServer,
  recordingServer,
  startGateway,
  vendorsAt,
  WAIT,
} from "./gateway.ts";

const newFetch = () => cachedFetch({ store: memoryStore(), config: false });

const event = (data: unknown): string => `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
const delta = (content: string, finish_reason: string | null = null): string =>
  event({
    id: "1",
    object: "chat.completion.chunk",
    created: 1,
    model: "m",
    choices: [{ index: 0, delta: { content }, finish_reason }],
  });
const EVENTS = { "content-type": "text/event-stream" };

test("20 concurrent identical requests, whole and as streams, are one", async () => {
  const { origin, nth, exchanges } = await heldServer();
  const { url, gateway } = await startGateway({ upstreams: vendorsAt(origin) });
  const asked = Array.from({ length: 20 }, (_, index) =>
    post(`${url}/v1/chat/completions`, index % 2 === 0 ? QUESTION : { ...QUESTION, stream: true }),
  );
  const { outgoing } = await nth(0);
  await vi.waitFor(() => expect(gateway.stats().requests).toBe(20), WAIT);
  const isStream = await bodyOf(exchanges[0]!.incoming);
  if (isStream.stream === true) {
    outgoing.writeHead(200, EVENTS).end(delta("The Vistula.") + delta("", "stop") + event("[DONE]"));
  } else outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(CHAT));
  const texts = await Promise.all(asked.map(async (response) => (await response).text()));
  for (const text of texts) expect(text).toMatch("Vistula");
  expect(exchanges).toHaveLength(1);
});

async function bodyOf(incoming: IncomingMessage): Promise<{ readonly stream?: boolean }> {
  return JSON.parse(Buffer.concat(await incoming.toArray()).toString());
}

test.each(["/v1/chat/completions", "/v1/audio/speech"])("%s is streamed piece by piece", async (path) => {
  const { origin, nth } = await heldServer();
  const { url } = await startGateway({ upstreams: vendorsAt(origin) });
  const asked = post(url + path, { ...QUESTION, stream: true });
  const { outgoing } = await nth(0);
  outgoing.writeHead(200, EVENTS).flushHeaders();
  const reader = (await asked).body!.getReader(); // The headers have come before any piece.
  const decoder = new TextDecoder();
  for (const word of ["One", "Two", "Three"]) {
    outgoing.write(delta(word));
    let text = "";
    while (!text.includes(word)) text += decoder.decode((await reader.read()).value, { stream: true });
  }
  outgoing.end(delta("", "stop") + event("[DONE]"));
  let rest = "";
  for (let next = await reader.read(); !next.done; next = await reader.read()) rest += decoder.decode(next.value);
  expect(rest).toMatch("[DONE]");
});

test("a caller that leaves ends a request that passes through", async () => {
  const { origin, nth } = await heldServer();
  const { url } = await startGateway({ upstreams: vendorsAt(origin) });
  for (const index of [0, 1]) {
    const controller = new AbortController();
    const asked = fetch(`${url}/v1/files`, { signal: controller.signal });
    const exchange = await nth(index);
    if (index === 1) {
      exchange.outgoing.writeHead(200).write("begun");
      await asked;
    }
    controller.abort();
    await asked.then((response) => response.text()).catch(() => {});
    await vi.waitFor(() => expect(exchange.closed).toBe(true), WAIT);
  }
});

test.each(["/v1/files", "/v1/chat/completions"])(
  "a caller that leaves while it sends to %s is no failure of the server",
  async (path) => {
    const { origin } = await heldServer();
    const { url, gateway } = await startGateway({ upstreams: vendorsAt(origin) });
    for (let turn = 0; turn < 10; turn++) {
      const upload = request(url + path, { method: "POST", headers: { "content-length": "1000000" } });
      upload.on("error", () => {});
      upload.write("x".repeat(100_000));
      await vi.waitFor(() => expect(gateway.stats().requests).toBe(turn + 1), WAIT);
      upload.destroy();
    }
    await gateway.close();
    expect(gateway.stats()).toMatchObject({ requests: 10, unreachable: 0 });
  },
);

test("a caller that leaves an answer ends it where it was alone, and not for those that wait for it, too", async () => {
  const { origin, nth, exchanges } = await heldServer();
  const { url, gateway } = await startGateway({ upstreams: vendorsAt(origin) });
  const leaving = new AbortController();
  const ask = (signal?: AbortSignal) =>
    fetch(`${url}/v1/chat/completions`, { method: "POST", body: JSON.stringify(QUESTION), ...(signal && { signal }) });
  const first = ask(leaving.signal);
  const { outgoing } = await nth(0);
  const second = ask();
  await vi.waitFor(() => expect(gateway.stats().requests).toBe(2), WAIT);
  for (let turn = 0; turn < 100; turn++) await setImmediate(); // Its body has arrived with its headers.
  leaving.abort();
  await expect(first).rejects.toThrow();
  for (let turn = 0; turn < 100; turn++) await setImmediate();
  expect(exchanges[0]?.closed).toBe(false);
  outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(CHAT));
  expect(await (await second).json()).toEqual(CHAT);

  const alone = new AbortController();
  const third = fetch(`${url}/v1/responses`, {
    method: "POST",
    body: '{"model":"m","input":"x"}',
    signal: alone.signal,
  });
  const exchange = await nth(1);
  alone.abort();
  await expect(third).rejects.toThrow();
  await vi.waitFor(() => expect(exchange.closed).toBe(true), WAIT);
});

test("a body that breaks off upstream breaks off, too, and is not taken for a whole one", async () => {
  const { origin, nth } = await heldServer();
  const printed = vi.spyOn(console, "error");
  const { url } = await startGateway({ upstreams: vendorsAt(origin) });
  const asked = fetch(`${url}/v1/files/f/content`);
  const { outgoing } = await nth(0);
  outgoing.writeHead(200).write("half of ");
  const reader = (await asked).body!.getReader();
  await reader.read();
  outgoing.destroy();
  await expect(reader.read()).rejects.toThrow();
  expect(printed).not.toHaveBeenCalled();
});

test("an upload is sent as its server takes it, with its length, and is not buffered", async () => {
  const { origin, nth } = await heldServer();
  const { url } = await startGateway({ upstreams: vendorsAt(origin) });
  const piece = new Uint8Array(64 * 1024);
  const count = 1_600;
  const headers = { "content-type": "multipart/form-data; boundary=x", "content-length": `${count * piece.length}` };
  const upload = request(`${url}/v1/files`, { method: "POST", headers });
  let given = 0;
  async function* pieces() {
    for (; given < count; given++) yield piece;
  }
  Readable.from(pieces(), { highWaterMark: 1 }).pipe(upload);
  const { incoming, outgoing } = await nth(0);
  expect(incoming.headers["content-length"]).toBe(`${count * piece.length}`);
  await still(() => given);
  expect(given * piece.length).toBeLessThan(30e6); // What sockets hold.
  let received = 0;
  for await (const piece of incoming as AsyncIterable<Uint8Array>) received += piece.length;
  outgoing.end("done");
  const [response] = (await once(upload, "response")) as [IncomingMessage];
  expect(Buffer.concat(await response.toArray()).toString()).toBe("done");
  expect(received).toBe(count * piece.length);
});

/** Resolves once a number has stopped to change. */
async function still(read: () => number): Promise<void> {
  let last = -1;
  const check = (): void => {
    const before = last;
    last = read();
    expect(last).toBe(before);
  };
  await vi.waitFor(check, { ...WAIT, interval: 500 });
}

test("an upload that its server refuses at once is answered so", async () => {
  const origin = await rawServer((incoming, outgoing) => {
    outgoing.writeHead(413, { "content-type": "application/json" }).end("too large");
    incoming.resume();
  });
  const { url } = await startGateway({ upstreams: vendorsAt(origin) });
  const upload = request(`${url}/v1/files`, { method: "POST", headers: { "content-length": `${50 * 64 * 1024}` } });
  upload.on("error", () => {});
  const responded = once(upload, "response") as Promise<[IncomingMessage]>;
  Readable.from(Array.from({ length: 50 }, () => new Uint8Array(64 * 1024))).pipe(upload);
  const [response] = await responded;
  expect(response.statusCode).toBe(413);
});

test("a reader that is slow slows the server down, and is not buffered for", async () => {
  let written = 0;
  const origin = await rawServer(async (_, outgoing) => {
    outgoing.writeHead(200, { "content-type": "application/octet-stream" });
    const piece = new Uint8Array(1 << 20);
    for (let index = 0; index < 500 && !outgoing.destroyed; index++) {
      written += piece.length;
      if (!outgoing.write(piece)) await Promise.race([once(outgoing, "drain"), once(outgoing, "close")]);
    }
    outgoing.end();
  });
  const { port } = await startGateway({ upstreams: vendorsAt(origin) });
  const socket = connect(port, "127.0.0.1");
  socket.write("GET /v1/files/f/content HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await once(socket, "readable");
  await still(() => written);
  expect(written / 1e6).toBeLessThan(100);
  socket.destroy();
});

test("when it is closed, requests in flight are answered and later ones refused", async () => {
  const { origin, nth } = await heldServer();
  const { url, gateway, port } = await startGateway({ upstreams: vendorsAt(origin) });
  const kept = connect(port, "127.0.0.1").setEncoding("utf8"); // A connection that stays open.
  let said = "";
  kept.on("data", (text: string) => {
    said += text;
  });
  kept.write("GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const first = await nth(0);
  const asked = post(`${url}/v1/chat/completions`);
  const second = await nth(1);
  let isClosed = false;
  const closing = gateway.close().then(() => {
    isClosed = true;
  });
  await expect(post(`${url}/v1/chat/completions`)).rejects.toThrow(); // It listens no more.
  first.outgoing.end("models");
  await vi.waitFor(() => expect(said).toMatch("models"), WAIT);
  kept.on("error", () => {});
  kept.write("GET /v1/files HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await once(kept, "close");
  expect(said.slice(said.indexOf("models"))).toMatch(/^models(\r\n0\r\n\r\n)?(HTTP\/1\.1 503 |$)/);
  expect(isClosed).toBe(false);
  second.outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(CHAT));
  expect(await (await asked).json()).toEqual(CHAT);
  await closing;
});

test("what is in flight longer than the grace is aborted", async () => {
  const { origin, nth } = await heldServer();
  const { url, gateway } = await startGateway({ upstreams: vendorsAt(origin) });
  const asked = post(`${url}/v1/chat/completions`).catch((error: unknown) => error);
  const exchange = await nth(0);
  await gateway.close({ graceMs: 50 });
  expect(await asked).toBeInstanceOf(Error);
  await vi.waitFor(() => expect(exchange.closed).toBe(true), WAIT);
});

test("no key reaches the store, the journal, an error or the console", async () => {
  const directory = temporaryDirectory();
  const printed = [vi.spyOn(console, "error"), vi.spyOn(console, "log"), vi.spyOn(console, "warn")];
  const { origin } = await recordingServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json", "set-cookie": "session=sk-secret" });
    response.end(JSON.stringify(CHAT));
  });
  const { url, gateway } = await startGateway({
    store: sqliteStore({ path: join(directory, "cache.sqlite") }),
    options: { journal: join(directory, "journal.jsonl") },
    upstreams: {
      ...vendorsAt(origin),
      own: { baseURL: origin, apiKey: "sk-secret" },
      gone: { baseURL: "http://127.0.0.1:1", apiKey: "sk-secret" },
    },
  });
  const secret = "sk-secret";
  for (const headers of [
    { authorization: `Bearer ${secret}` },
    { "api-key": secret },
    { "x-api-key": secret },
    { cookie: secret },
  ]) {
    await post(`${url}/v1/chat/completions`, QUESTION, headers);
    await post(`${url}/own/chat/completions`, QUESTION, headers);
    expect(await (await post(`${url}/gone/chat/completions`, QUESTION, headers)).text()).not.toMatch(secret);
    expect(await (await post(`${url}/nowhere?key=${secret}`, QUESTION, headers)).text()).not.toMatch(secret);
  }
  await gateway.close();
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) expect(readFileSync(join(file.parentPath, file.name)).includes(secret)).toBe(false);
  for (const spy of printed) expect(JSON.stringify(spy.mock.calls)).not.toMatch(secret);
});

test.each([
  [{ upstreams: { v1: { baseURL: "http://localhost" } } }, /upstreams\.v1/],
  [{ upstreams: { "a/b": { baseURL: "http://localhost" } } }, /upstreams\.a\/b/],
  [{ upstreams: { groq: { baseURL: "https://user:pass@host" } } }, /upstreams\.groq\.baseURL.*without credentials/],
  [{ upstreams: { groq: { baseURL: "ftp://host" } } }, /upstreams\.groq\.baseURL/],
  [{ upstreams: { groq: { baseURL: "https://host?a=1" } } }, /upstreams\.groq\.baseURL/],
  [{ upstreams: { groq: { baseURL: "https://host", apiKey: "two\nlines" } } }, /upstreams\.groq\.apiKey/],
  [{ maxBodyBytes: 0 }, /maxBodyBytes/],
  [{ redisUrl: "http://localhost" }, /`redisUrl` must be the URL of a Redis/],
  [{ redisUrl: "localhost:6379" }, /redisUrl/],
  [{ fetch: globalThis.fetch }, /`fetch` must be `cachedFetch`, or a function/],
  [{ tokens: [] }, /there is no option `tokens`/],
])("options that cannot be meant are refused: %j", async (options, message) => {
  await expect(startGateway(options as object)).rejects.toThrow(message);
});

test.each(["0.0.0.0", "192.168.0.1", "example.com", "::", ""])("it does not listen on %s", async (host) => {
  const gateway = createGateway({ fetch: newFetch });
  await expect(gateway.listen({ port: 0, host })).rejects.toMatchObject({ code: "INVALID_OPTION" });
});

test("an upstream cannot be the gateway itself", async () => {
  const { port, gateway: other } = await startGateway({});
  await other.close();
  const gateway = createGateway({ fetch: newFetch, upstreams: { groq: { baseURL: `http://localhost:${port}/x` } } });
  await expect(gateway.listen({ port })).rejects.toThrow(
    `\`upstreams.groq.baseURL\` must be another address than http://127.0.0.1:${port}`,
  );
});

test("a server may take longer for an answer than Node's fetch waits", async () => {
  const symbol = Symbol.for("undici.globalDispatcher.1");
  const global = globalThis as unknown as Record<symbol, { dispatch(options: object, handler: object): boolean }>;
  const own = global[symbol]!;
  const asked: object[] = [];
  const dispatch = (options: object, handler: object): boolean => {
    asked.push(options);
    return own.dispatch(options, handler);
  };
  const { origin } = await recordingServer((_, response) => response.end(JSON.stringify(CHAT)));
  const { url } = await startGateway({ upstreams: vendorsAt(origin) });
  global[symbol] = { dispatch };
  onTestFinished(() => {
    global[symbol] = own;
  });
  await post(`${url}/v1/chat/completions`);
  await post(`${url}/v1/files`);
  const patient = asked.filter((options) => "origin" in options && options.origin === origin);
  expect(patient).toMatchObject([1, 2].map(() => ({ headersTimeout: 0, bodyTimeout: 0 })));
});

test("a port that is in use is an error that says so", async () => {
  const { port } = await startGateway({});
  const gateway = createGateway({ fetch: newFetch });
  const expected = {
    code: "INVALID_OPTION",
    message: `createGateway: \`port\` ${port} of 127.0.0.1 is in use. Choose another, or 0 for a free one.`,
  };
  await expect(gateway.listen({ port })).rejects.toMatchObject(expected);
});
