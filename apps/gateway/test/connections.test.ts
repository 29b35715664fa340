import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { startChild } from "@remem/test-support/child";
import { expect, onTestFinished, test, vi } from "vitest";
import { CHAT, heldServer, post, rawServer, recordingServer, startGateway, vendorsAt, WAIT } from "./gateway.ts";

const statusesIn = (answer: string): number[] =>
  Array.from(answer.matchAll(/^HTTP\/1\.1 (\d{3}) /gm), ([, code]) => Number(code));

/** Sends bytes, and returns what comes back until the gateway ends the connection. */
async function untilCut(port: number, bytes: string, then?: (socket: Socket) => void): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {}); // A reset ends it, too.
  onTestFinished(() => void socket.destroy());
  let said = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  socket.write(bytes);
  then?.(socket);
  await new Promise((resolve) => socket.once("close", resolve));
  return said;
}

/** Writes a piece again and again until the connection ends. */
function trickle(piece: string) {
  return (socket: Socket): void => {
    const timer = setInterval(() => socket.write(piece), 20);
    socket.once("close", () => clearInterval(timer));
  };
}

const setUp = async (connections: object) => {
  const upstream = await recordingServer((_, response) => response.end("{}"));
  const { port, url } = await startGateway({ upstreams: vendorsAt(upstream.origin), connections });
  return { upstream, port, url };
};

const POST = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n";

test.each([
  ["nothing", ""],
  ["a part of the request line", "GET /v1/mo"],
  ["a part of the headers", "GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX-"],
])("a caller that has sent %s and stops is cut", async (_, bytes) => {
  const { port, upstream } = await setUp({ stallMs: 100 });
  expect(statusesIn(await untilCut(port, bytes))).toEqual([]);
  expect(upstream.received).toEqual([]);
});

test("headers that trickle in are cut with the status 408", async () => {
  const { port } = await setUp({ headersMs: 200 });
  const answer = await untilCut(port, "GET /v1/models HTTP/1.1\r\nHost: localhost\r\n", trickle("X-A: b\r\n"));
  expect(statusesIn(answer)).toEqual([408]);
});

test.each(["/v1/chat/completions", "/v1/files"])("a body for %s that trickles in is cut", async (path) => {
  const { origin } = await heldServer();
  const { port, gateway } = await startGateway({ upstreams: vendorsAt(origin), connections: { requestMs: 300 } });
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n`;
  expect(await untilCut(port, head, trickle("x"))).not.toMatch(/^HTTP\/1\.1 2/m);
  await vi.waitFor(() => expect(gateway.stats()).toMatchObject({ requests: 1, unreachable: 0 }), WAIT);
});

test.each(["/v1/chat/completions", "/v1/files"])("a body for %s that stops is cut", async (path) => {
  const { origin } = await heldServer();
  const { port, gateway } = await startGateway({ upstreams: vendorsAt(origin), connections: { stallMs: 100 } });
  const answer = await untilCut(port, `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc`);
  expect(answer).toBe("");
  expect(gateway.stats()).toMatchObject({ requests: 1, unreachable: 0 });
});

test("a caller that waits for its answer is not cut, however long that takes", async () => {
  const { origin, nth } = await heldServer();
  const { url, gateway } = await startGateway({ upstreams: vendorsAt(origin), connections: { stallMs: 500 } });
  const asked = post(`${url}/v1/chat/completions`);
  const { outgoing } = await nth(0);
  // As long as it takes to cut another one, four times over.
  for (let turn = 0; turn < 4; turn++) await untilCut(Number(new URL(url).port), "GET /");
  outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(CHAT));
  expect(await (await asked).json()).toEqual(CHAT);
  expect(gateway.stats().requests).toBe(1);
});

test("an upload that its server takes slowly is not cut", async () => {
  const { origin, nth } = await heldServer();
  const { url, port } = await startGateway({ upstreams: vendorsAt(origin), connections: { stallMs: 3_000 } });
  const asked = fetch(`${url}/v1/files`, { method: "POST", body: new Uint8Array(50e6) });
  const { incoming, outgoing } = await nth(0);
  for (let turn = 0; turn < 2; turn++) await untilCut(port, "GET /");
  let received = 0;
  for await (const piece of incoming as AsyncIterable<Uint8Array>) received += piece.length;
  outgoing.end("done");
  expect([received, await (await asked).text()]).toEqual([50e6, "done"]);
});

test("a caller that reads nothing is cut, and its server with it", async () => {
  let written = 0;
  let hasEnded = false;
  const origin = await rawServer(async (_, outgoing) => {
    outgoing.once("close", () => {
      hasEnded = true;
    });
    outgoing.writeHead(200);
    const piece = new Uint8Array(1 << 20);
    while (!outgoing.destroyed) {
      written += piece.length;
      if (!outgoing.write(piece)) await Promise.race([once(outgoing, "drain"), once(outgoing, "close")]);
    }
  });
  const { port } = await startGateway({ upstreams: vendorsAt(origin), connections: { stallMs: 300 } });
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.pause();
  socket.write("GET /v1/files/f/content HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await vi.waitFor(() => expect(hasEnded).toBe(true), WAIT);
  expect(written / 1e6).toBeLessThan(100);
  socket.destroy();
});

test("a caller that reads slowly, but reads, is not cut", async () => {
  const body = "x".repeat(30e6);
  const origin = await rawServer((_, outgoing) => outgoing.end(body));
  const { port } = await startGateway({ upstreams: vendorsAt(origin), connections: { stallMs: 1_500 } });
  const socket = connect(port, "127.0.0.1");
  socket.write("GET /v1/files/f/content HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  let read = 0;
  // A reader that rests longer than the limit in all, and never as long at once.
  for await (const piece of socket as AsyncIterable<Uint8Array>) {
    read += piece.length;
    if (read < 25e6) await new Promise((resolve) => setTimeout(resolve, 8));
  }
  expect(read).toBeGreaterThan(30e6);
});

test("a body without end is answered with the status 413, and cut", async () => {
  const upstream = await recordingServer((_, response) => response.end("{}"));
  const { port } = await startGateway({ upstreams: vendorsAt(upstream.origin), maxBodyBytes: 1_000_000 });
  const piece = `ffff\r\n${"x".repeat(0xffff)}\r\n`;
  const answer = await untilCut(port, `${POST}Transfer-Encoding: chunked\r\n\r\n`, (socket) => {
    const write = (): void => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on("drain", write);
    write();
  });
  expect(statusesIn(answer)).toEqual([413]);
  expect(upstream.received).toEqual([]);
});

test.each([
  ["a length and chunks", `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ["chunks and a length", `${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`],
  ["chunks that are none", `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
  ["chunks twice", `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ["chunks by another name", `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  ["chunks after a vertical tab", `${POST}Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n`],
  ["a space before a colon", `${POST}Content-Length : 5\r\n\r\nhello`],
  ["two lengths in one", `${POST}Content-Length: 5, 6\r\n\r\nhello`],
  ["a length with a sign", `${POST}Content-Length: +5\r\n\r\nhello`],
  ["a length in hexadecimal", `${POST}Content-Length: 0x5\r\n\r\nhello`],
  ["a folded header", `${POST}X-Folded: a\r\n Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n`],
  ["lines that end with LF", `${POST.replaceAll("\r", "")}Content-Length: 0\n\n`],
  ["a header that ends with LF", `${POST}X-A: b\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ["a header that ends with CR", `${POST}X-A: b\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ["a chunk with a longer size than number", `${POST}Transfer-Encoding: chunked\r\n\r\n5;x=\n0\r\n\r\n`],
  ["a chunk whose size has a sign", `${POST}Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n`],
  ["a chunk that ends with LF", `${POST}Transfer-Encoding: chunked\r\n\r\n1\nx\n0\n\n`],
  ["a NUL in a header", `${POST}X-A: a\0b\r\nContent-Length: 0\r\n\r\n`],
  ["no version", "GET /v1/models\r\n\r\n"],
  ["another version", "GET /v1/models HTTP/3.0\r\nHost: localhost\r\n\r\n"],
])("no second request is smuggled by %s", async (_, bytes) => {
  const { port, upstream } = await setUp({ stallMs: 500 });
  const answer = await untilCut(
    port,
    `${bytes}GET /v1/smuggled HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
  );
  expect(statusesIn(answer)).toEqual([400]);
  expect(upstream.received.filter(({ url }) => url.includes("smuggled"))).toEqual([]);
});

test.each([
  ["one long header", `X-Long: ${"x".repeat(20_000)}\r\n`],
  ["many short headers", "X: y\r\n".repeat(10_000)],
  ["a long address", ""],
])("the status 431 answers %s", async (name, headers) => {
  const { port, upstream } = await setUp({});
  const path = name === "a long address" ? `/v1/${"x".repeat(20_000)}` : "/v1/models";
  const answer = await untilCut(port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
  expect(statusesIn(answer)).toEqual([431]);
  expect(upstream.received).toEqual([]);
});

const COUNT = 10_000;
const descriptors = Number(
  execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).replace("unlimited", "Infinity"),
);

test.skipIf(!(descriptors > COUNT + 1_000))(
  "10,000 idle connections hold up nobody, and end by themselves",
  async () => {
    const { port, url, upstream } = await setUp({ stallMs: 5_000 });
    const callers = startChild(new URL("idle-connections.mjs", import.meta.url), [`${port}`, `${COUNT}`]);
    await callers.says("open");
    for (let turn = 0; turn < 20; turn++) expect((await fetch(`${url}/v1/models`)).status).toBe(200);
    expect(upstream.received).toHaveLength(20);
    expect(callers.messages).toEqual(["open"]);
    await callers.says("closed");
  },
);

test.each([
  [{ connections: { stallMs: 0 } }, /`connections\.stallMs`/],
  [{ connections: { headersMs: "1" } }, /`connections\.headersMs`/],
  [{ connections: { idleMs: 1 } }, /there is no option `idleMs`/],
  [{ ready: true }, /`ready` must be a function/],
  [{ log: "file" }, /`log` must be a function/],
])("options that cannot be meant are refused: %j", async (options, message) => {
  await expect(startGateway(options as object)).rejects.toThrow(message);
});
