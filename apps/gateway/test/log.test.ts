import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { expect, test, vi } from "vitest";
import { openRequestLog, type RequestEntry } from "../src/index.ts";
import {
  CHAT,
  exchange,
  heldServer,
  post,
  QUESTION,
  recordingServer,
  startGateway,
  vendorsAt,
  WAIT,
} from "./gateway.ts";

test("each request is an entry, with how it was answered and none of its secrets", async () => {
  const { origin } = await recordingServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(CHAT));
  });
  const entries: RequestEntry[] = [];
  const upstreams = { ...vendorsAt(origin), gone: { baseURL: "http://127.0.0.1:1" } };
  const { url, port } = await startGateway({ upstreams, log: (entry) => entries.push(entry) });
  await post(`${url}/v1/chat/completions`);
  await post(`${url}/v1/chat/completions?key=sk-secret`);
  await post(`${url}/v1/chat/completions`, QUESTION, { "cache-control": "no-store" });
  await post(`${url}/v1/chat/completions`, { ...QUESTION, n: 2 }, { "cache-control": "only-if-cached" });
  await post(`${url}/v1/embeddings`, { model: "e", input: "Kraków" }).then((response) => response.text());
  await fetch(`${url}/v1/models?key=sk-secret`);
  await fetch(`${url}/gone/x?token=sk-secret`, { headers: { authorization: "Bearer sk-secret" } });
  await fetch(`${url}/nowhere`);
  for (const probe of ["healthz", "readyz", "metrics"]) await fetch(`${url}/${probe}`);
  await exchange(port, "GET http://localhost/v1/models?a=b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  await vi.waitFor(() => expect(entries).toHaveLength(9), WAIT);
  const chat = { method: "POST", path: "/v1/chat/completions", surface: "chat", model: "gpt-4o-mini" };
  expect(entries.map(({ ms, ...entry }) => entry)).toMatchObject([
    { ...chat, status: 200, outcome: "miss" },
    { ...chat, status: 200, outcome: "hit" },
    { ...chat, status: 200, outcome: "bypass" },
    { ...chat, status: 402, outcome: "refused", error: "only-if-cached" },
    { method: "POST", path: "/v1/embeddings", surface: "embeddings", model: "e" },
    { method: "GET", path: "/v1/models", status: 200, outcome: "passed" },
    { method: "GET", path: "/gone/x", status: 502, error: "upstream_unreachable" },
    { method: "GET", path: "/nowhere", status: 404, error: "unknown_path" },
    { method: "GET", path: "/v1/models", status: 200 },
  ]);
  for (const { ms, broken } of entries) expect([ms >= 0, broken]).toEqual([true, undefined]);
  for (const secret of ["sk-secret", "Kraków", "Vistula"]) expect(JSON.stringify(entries)).not.toContain(secret);
});

test("concurrent requests are not mixed up, and one that joins says so", async () => {
  const { origin, nth } = await heldServer();
  const entries: RequestEntry[] = [];
  const { url, gateway } = await startGateway({ upstreams: vendorsAt(origin), log: (entry) => entries.push(entry) });
  const ask = (model: string) => post(`${url}/v1/chat/completions`, { ...QUESTION, model });
  const asked = [ask("a"), ask("b"), ask("a")];
  await vi.waitFor(() => expect(gateway.stats().requests).toBe(3), WAIT);
  for (const index of [0, 1]) {
    (await nth(index)).outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(CHAT));
  }
  await Promise.all(asked);
  await vi.waitFor(() => expect(entries).toHaveLength(3), WAIT);
  expect(entries.map(({ model, outcome }) => `${model} ${outcome}`).sort()).toEqual(["a joined", "a miss", "b miss"]);
});

test("a caller that leaves has the status 499 before there is an answer, and later a broken one", async () => {
  const { origin, nth } = await heldServer();
  const entries: RequestEntry[] = [];
  const { port } = await startGateway({ upstreams: vendorsAt(origin), log: (entry) => entries.push(entry) });
  for (const index of [0, 1]) {
    const socket = connect(port, "127.0.0.1");
    socket.write("GET /v1/files HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const { outgoing } = await nth(index);
    if (index === 1) {
      outgoing.writeHead(200).write("begun");
      await new Promise((resolve) => socket.once("data", resolve));
    }
    socket.destroy();
    await vi.waitFor(() => expect(entries).toHaveLength(index + 1), WAIT);
  }
  expect(entries).toMatchObject([
    { status: 499, broken: true },
    { status: 200, broken: true },
  ]);
});

test("a log that throws is warned of, and breaks nothing", async () => {
  const { origin } = await recordingServer((_, response) => response.end("{}"));
  const warned = once(process, "warning");
  const { url } = await startGateway({
    upstreams: vendorsAt(origin),
    log() {
      throw new Error("the disk is full");
    },
  });
  expect((await fetch(`${url}/v1/models`)).status).toBe(200);
  expect(await warned).toMatchObject([{ code: "REMEM_LISTENER", message: "`log` threw: the disk is full" }]);
  expect((await fetch(`${url}/v1/models`)).status).toBe(200);
});

test("a model that is a key is not shown, and a path not wholly", async () => {
  const { origin } = await recordingServer((_, response) => response.end("{}"));
  const entries: RequestEntry[] = [];
  const { url } = await startGateway({ upstreams: vendorsAt(origin), log: (entry) => entries.push(entry) });
  const model = `sk-proj-${"x1".repeat(30)}`;
  await post(`${url}/v1/chat/completions`, { ...QUESTION, model });
  await fetch(`${url}/v1/files/${"x".repeat(5_000)}`);
  await vi.waitFor(() => expect(entries).toHaveLength(2), WAIT);
  expect(entries[0]?.model).toBe("[redacted]");
  expect(entries[1]?.path.length).toBeLessThan(250);
});

test("a file has a line of JSON for each entry, of all that write to it", async () => {
  const file = join(temporaryDirectory(), "logs", "gateway.jsonl");
  const logs = [await openRequestLog(file), await openRequestLog(file)];
  for (let turn = 0; turn < 50; turn++) {
    const entry = { method: "POST", path: `/v1/${turn}`, status: turn === 7 ? 502 : 200, ms: 1 };
    for (const log of logs) log.write(entry);
  }
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  expect(lines).toHaveLength(100);
  const parsed = lines.map((line) => JSON.parse(line));
  expect(parsed[0]).toEqual({
    level: 30,
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    pid: process.pid,
    method: "POST",
    path: "/v1/0",
    status: 200,
    ms: 1,
  });
  expect(parsed.filter(({ level }) => level === 50).map(({ status }) => status)).toEqual([502, 502]);
  for (const log of logs) log.close();
});
