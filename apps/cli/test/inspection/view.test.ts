import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { question, type Workspace, workspace } from "../support/remem.ts";
import { WAIT } from "../support/serving.ts";

const STORE = ["--store", "sqlite:answers.sqlite"];

/** A cache with two answers, and a page of it. */
async function viewing(flags: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const place = await workspace();
  place.write("in.jsonl", [question("Which lake is deep?", { temperature: 0 }), question("Which river is long?")]);
  expect(
    (await place.remem(["batch", "in.jsonl", "-o", "out.jsonl", ...STORE, "--journal", "calls.jsonl"])).status,
  ).toBe(0);
  const child = start(place, [...STORE, ...flags], env);
  let out = "";
  child.stdout!.on("data", (piece) => {
    out += piece;
  });
  await vi.waitFor(() => expect(out).toMatch(/#token=\S+\n/), WAIT);
  const [, url, token] = /(http:\/\/127\.0\.0\.1:\d+)\/#token=(\S+)/.exec(out)!;
  const send = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${url}/api/${path}`, { ...init, headers: { authorization: `Bearer ${token}`, connection: "close" } });
  const json = async (path: string, init?: RequestInit): Promise<Record<string, unknown>> =>
    (await (await send(path, init)).json()) as Record<string, unknown>;
  return { place, child, url, send, json };
}

const start = (place: Workspace, flags: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  place.start(["view", "--port", "0", ...flags], env);

const post = (body: unknown): RequestInit => ({
  method: "POST",
  body: typeof body === "string" ? body : JSON.stringify(body),
});

describe("remem view", () => {
  test("serves the page of a cache, with its journal and prices, until it is stopped", async () => {
    const { child, url, send, json } = await viewing(["--journal", "calls.jsonl"]);
    expect(await (await fetch(url!, { headers: { connection: "close" } })).text()).toContain('<div id="app">');
    expect(await json("about")).toEqual({
      place: expect.stringMatching(/answers\.sqlite$/),
      mayDelete: true,
      mayExplain: true,
      journal: "calls.jsonl",
    });
    const [rows] = (await (await send("entries")).text())
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows.map(({ prompt }: { prompt: string }) => prompt)).toEqual([
      "Which river is long?",
      "Which lake is deep?",
    ]);
    expect(rows[0].dollars).toBeGreaterThan(0);
    expect(await json("journal")).toMatchObject({ total: { misses: 2 } });
    child.kill("SIGINT");
    expect((await child.ended).status).toBe(0);
  });

  test("explains what is pasted as the command explain does", async () => {
    const { place, child, json } = await viewing();
    writeFileSync(`${place.directory}/asked.json`, JSON.stringify(question("Which lake is deep?", { temperature: 1 })));
    const text = readFileSync(`${place.directory}/asked.json`, "utf8");
    const { out } = await place.remem(["explain", "asked.json", "--json", ...STORE]);
    const { key, nearest } = JSON.parse(out);
    expect(await json("explain", post(text))).toMatchObject({
      key,
      isStored: false,
      nearest: [{ key: nearest[0].key, differences: [{ path: "temperature" }] }, {}],
    });
    const hit = question("Which lake is deep?", { temperature: 0 });
    expect(await json("explain", post(hit))).toMatchObject({ isStored: true });
    const body = JSON.stringify({ model: "gpt-4o-mini", ...hit });
    expect(await json("explain", post(`curl ${place.server.baseURL}/chat/completions -d '${body}'`))).toMatchObject({
      isStored: true,
    });
    expect(await json("explain", post("curl https://x.example/other -d '{}'"))).toEqual({
      error: expect.stringContaining("not cached"),
    });
    expect(await json("explain", post(""))).toEqual({ error: "the text has no request." });
    const columns = { error: 'item 1 has no "messages". It has "question".' };
    expect(await json("explain", post('{ "question": "Hi" }'))).toEqual(columns);
    child.kill("SIGTERM");
    expect((await child.ended).status).toBe(0);
  });

  test("deletes entries, and with --read-only does not", async () => {
    const { place, child, send, json } = await viewing();
    const [rows] = (await (await send("entries")).text())
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(await json("delete", post({ keys: [rows[0].key] }))).toEqual({ deleted: 1 });
    child.kill("SIGTERM");
    await child.ended;
    expect((await place.remem(["ls", "--json", ...STORE])).out.trim().split("\n")).toHaveLength(1);

    const reading = await viewing(["--read-only"]);
    expect(await reading.json("about")).toMatchObject({ mayDelete: false });
    expect((await reading.send("delete", post({ keys: [rows[1].key] }))).status).toBe(404);
    reading.child.kill("SIGTERM");
    await reading.child.ended;
  });

  test("says that there is no cache, and which package is missing", async () => {
    const place = await workspace();
    const missing = await start(place, STORE).ended;
    expect([missing.status, missing.err]).toEqual([1, expect.stringContaining("there is no cache at")]);
    const NODE_OPTIONS = `--import=${new URL("../support/without-packages.mjs", import.meta.url)}`;
    const lacking = await start(place, STORE, { NODE_OPTIONS }).ended;
    expect([lacking.status, lacking.err]).toEqual([
      2,
      expect.stringMatching(/needs the package @remem\/view: npm install @remem\/view/),
    ]);
  });
});
