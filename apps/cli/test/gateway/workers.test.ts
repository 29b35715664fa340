import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { type Workspace, workspace } from "../support/remem.ts";
import { ask, freePort, NONE, said, serving, WAIT } from "../support/serving.ts";

const WORKERS = ["--workers", "3", "--log", "log.jsonl"];
const figure = (text: string, name: string) => new RegExp(`^${name} {2,}(.*)$`, "gm").exec(text)?.[1];

/** The processes that have answered. */
const pidsOf = (place: Workspace): number[] => [...new Set(place.read("log.jsonl").map(({ pid }) => pid as number))];

async function metric(url: string, series: string): Promise<number> {
  const page = await (await fetch(`${url}/metrics`, { headers: { connection: "close" } })).text();
  return Number(
    page
      .split("\n")
      .find((line) => line.startsWith(`${series} `))
      ?.split(" ")
      .at(-1),
  );
}

const HITS = 'remem_calls_total{surface="chat",model="gpt-4o-mini",source="hit"}';
const MISSES = 'remem_calls_total{surface="chat",model="gpt-4o-mini",source="miss"}';

test("workers share a port, a log, and what they show, and end as one", async () => {
  const place = await workspace();
  const { child, url } = await serving(place, WORKERS);
  for (let turn = 0; turn < 12; turn++) expect((await ask(url)).status).toBe(200);
  await vi.waitFor(() => expect(place.read("log.jsonl")).toHaveLength(12), WAIT);
  expect(pidsOf(place).length).toBeGreaterThan(1);
  expect([await metric(url, HITS), await metric(url, MISSES)]).toEqual([11, 1]);
  expect(await metric(url, 'remem_requests_total{status="2xx"}')).toBe(12);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  child.kill("SIGTERM");
  const { status, out, err } = await child.ended;
  expect(status).toBe(0);
  expect(out.match(/^export OPENAI_BASE_URL=/gm)).toHaveLength(1);
  expect(err).toMatch(`remem: 3 workers are listening on ${url}`);
  expect(err.match(/^requests /gm)).toHaveLength(1);
  expect([figure(err, "requests"), figure(err, "hits"), figure(err, "misses")]).toEqual(["12", "11", "1"]);
  expect(figure(err, "cost saved")).toMatch(/^\$0\.\d+ by list prices$/);
  expect(place.server.calls).toBe(1);
});

test("concurrent identical requests at several workers are one call", async () => {
  const place = await workspace({ latencyMs: 1_000 });
  const { child, url } = await serving(place, WORKERS);
  const answers = await Promise.all(Array.from({ length: 30 }, () => ask(url)));
  expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(200));
  await vi.waitFor(() => expect(place.read("log.jsonl")).toHaveLength(30), WAIT);
  expect(pidsOf(place)).toHaveLength(3);
  expect(place.server.calls).toBe(1);
  child.kill("SIGTERM");
  expect((await child.ended).status).toBe(0);
});

test("a worker that is killed is replaced, and what was counted is not lost", async () => {
  const place = await workspace();
  const { child, url } = await serving(place, WORKERS);
  for (let turn = 0; turn < 6; turn++) await ask(url);
  expect(await metric(url, HITS)).toBe(5);
  const [pid] = pidsOf(place);
  process.kill(pid!, "SIGKILL");
  await said(child, "a worker has ended (SIGKILL); starting another");
  for (let turn = 0; turn < 6; turn++) expect((await ask(url)).status).toBe(200);
  expect(await metric(url, HITS)).toBe(11);
  await vi.waitFor(async () => {
    await ask(url);
    expect(pidsOf(place).length).toBeGreaterThan(3);
  }, WAIT);
  child.kill("SIGTERM");
  expect((await child.ended).status).toBe(0);
});

test("it gives up where workers end as soon as they begin", async () => {
  const place = await workspace();
  const flag = join(place.directory, "broken");
  const preload = join(place.directory, "preload.mjs");
  const code = `import { existsSync } from "node:fs"; import cluster from "node:cluster"; if (cluster.isWorker && existsSync(${JSON.stringify(flag)})) process.exit(7);`;
  writeFileSync(preload, code);
  const { child, url } = await serving(place, WORKERS, { NODE_OPTIONS: `--import=${preload}` });
  for (let turn = 0; turn < 3; turn++) await ask(url);
  writeFileSync(flag, "");
  process.kill(pidsOf(place)[0]!, "SIGKILL");
  const { status, err } = await child.ended;
  expect(status).toBe(1);
  expect(err).toMatch(/^remem: a worker has ended \(status 7\), .*; giving up$/m);
  expect(err.match(/starting another/g)).toHaveLength(5);
  expect(err).toMatch(/^remem: the summary lacks the figures of a killed worker$/m);
});

describe("stopping", () => {
  /** Starts workers with 12 calls in flight. */
  async function loaded() {
    const place = await workspace({ latencyMs: 2_000 });
    const { child, url } = await serving(place, WORKERS);
    for (let turn = 0; turn < 6; turn++) await fetch(`${url}/nowhere`, { headers: { connection: "close" } });
    const pids = pidsOf(place);
    const asked = Array.from({ length: 12 }, (_, index) => ask(url, `Hi ${index}`).catch((error: Error) => error));
    await vi.waitFor(() => expect(place.server.calls).toBe(12), WAIT);
    return { place, child, url, asked, pids };
  }

  test.each(["the primary alone", "all processes"])("a signal to %s lets requests in flight end", async (whom) => {
    const { child, url, asked, pids } = await loaded();
    if (whom === "all processes") for (const pid of pids) process.kill(pid, "SIGINT");
    child.kill("SIGINT");
    await said(child, "stopping");
    for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ status: 200 });
    const { status, err } = await child.ended;
    expect(status).toBe(0);
    expect(figure(err, "misses")).toBe("12");
    await expect(ask(url)).rejects.toThrow();
  });

  test("a second signal ends all at once", async () => {
    const { child, asked, pids } = await loaded();
    child.kill("SIGTERM");
    await said(child, "stopping");
    child.kill("SIGTERM");
    expect((await child.ended).status).toBe(130);
    for (const answer of await Promise.all(asked)) expect(answer).toBeInstanceOf(Error);
    await vi.waitFor(() => {
      for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    }, WAIT);
  });

  test("no worker outlives a primary that is killed", async () => {
    const { child, asked, pids } = await loaded();
    child.kill("SIGKILL");
    await Promise.all(asked);
    await vi.waitFor(() => {
      for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    }, WAIT);
  });
});

test.each([
  [["--store", "memory:"], "--workers needs a store that all processes share"],
  [["--max-calls", "5"], "--max-calls would count in each worker separately"],
  [["--max-cost", "5"], "--max-cost would count in each worker separately"],
  [["--rpm", "5"], "--rpm would count in each worker separately"],
  [["--host", "0.0.0.0"], "--host must be a loopback address"],
])("what several workers cannot do is told once: %j", async (flags, message) => {
  const { remem } = await workspace();
  const { status, err } = await remem(["serve", "--port", `${await freePort()}`, "--workers", "2", ...flags], "", NONE);
  expect(status).toBe(2);
  expect(err.trimEnd().split("\n")).toEqual([expect.stringContaining(message)]);
});

test("one process logs to a file, too, and to standard error", async () => {
  const place = await workspace();
  const file = await serving(place, ["--log", "one.jsonl"]);
  await ask(file.url, "a secret prompt");
  file.child.kill("SIGTERM");
  expect((await file.child.ended).status).toBe(0);
  const entry = { method: "POST", path: "/v1/chat/completions", status: 200, outcome: "miss", model: "gpt-4o-mini" };
  expect(place.read("one.jsonl")).toMatchObject([entry]);
  expect(readFileSync(join(place.directory, "one.jsonl"), "utf8")).not.toMatch(/secret|own/);
  const printed = await serving(place, ["--log"]);
  await ask(printed.url, "a secret prompt");
  printed.child.kill("SIGTERM");
  const { err } = await printed.child.ended;
  const lines = err.split("\n").filter((line) => line.startsWith("{"));
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ ...entry, outcome: "hit" }]);
});

test("a store that does not answer makes the gateway unready, and stops no request", async () => {
  const place = await workspace();
  const { child, url } = await serving(place, ["--store", "redis://127.0.0.1:1"]);
  const ready = await fetch(`${url}/readyz`);
  expect([ready.status, await ready.json()]).toMatchObject([503, { status: "unready" }]);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await ask(url)).status).toBe(200);
  child.kill("SIGTERM");
  expect((await child.ended).status).toBe(0);
});

test("requests are traced where the process has registered OpenTelemetry", async () => {
  const place = await workspace();
  const NODE_OPTIONS = `--import=${new URL("programs/tracing.mjs", import.meta.url)}`;
  const { child, url } = await serving(place, [], { NODE_OPTIONS });
  await ask(url, "a secret prompt");
  await said(child, "span ");
  child.kill("SIGTERM");
  const { err } = await child.ended;
  const [span, ...others] = err
    .split("\n")
    .flatMap((line) => (line.startsWith("span ") ? [JSON.parse(line.slice(5))] : []));
  expect(others).toEqual([]);
  expect(span).toMatchObject({
    name: "POST",
    kind: 1,
    attributes: { "remem.source": "miss", "gen_ai.request.model": "gpt-4o-mini", "http.response.status_code": 200 },
  });
  expect(err).not.toContain("secret");
});
