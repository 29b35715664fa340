import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectTo } from "@remem/test-support/database";
import { canStartPostgres, startPostgres } from "@remem/test-support/postgres/start-postgres";
import { hasRedis, useRedis } from "@remem/test-support/redis/redis-server";
import { cachedFetch, chatSurface, encodeEntry, type JsonObject, putEntry, recomputedKey, storeFromUrl } from "remem";
import stringWidth from "string-width";
import { afterAll, describe, expect, test, vi } from "vitest";
import { hasTerminal, onTerminal } from "../support/pseudo-terminal.ts";
import { type Workspace, workspace } from "../support/remem.ts";

const golden = fileURLToPath(
  new URL("../../../../packages/sqlite/test/golden/gpt-4o-mini_cache.sqlite", import.meta.url),
);
const redis = hasRedis ? await useRedis() : undefined;
if (redis) afterAll(() => redis.stop());
const postgres = canStartPostgres ? await startPostgres() : undefined;
if (postgres) afterAll(() => postgres.remove());

const HOUR = 3_600_000;

interface Row {
  readonly question: string;
  readonly answer?: string;
  readonly model?: string;
  readonly hours?: number;
}

/** Stores answers, and returns their keys. */
async function fill(url: string, rows: readonly Row[]): Promise<string[]> {
  const store = storeFromUrl(url);
  const keys: string[] = [];
  await store.get("k"); // Creates the file.
  for (const { question, answer = "Paris", model = "gpt-4o-mini", hours = 1 } of rows) {
    const request = { model, temperature: 0, messages: [{ role: "user", content: question }] };
    const key = recomputedKey(chatSurface, request as JsonObject, {});
    const choices = [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: answer } }];
    const usage = { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 };
    const completion = { id: "1", object: "chat.completion", created: 1, model, choices, usage };
    await putEntry(store, key, encodeEntry({ key, createdAt: Date.now() - hours * HOUR, answer: completion, request }));
    keys.push(key);
  }
  await store.close();
  return keys;
}

async function change(url: string, key: string, value: string): Promise<void> {
  const store = storeFromUrl(url);
  await store.set(key, value);
  await store.close();
}

const ROWS = [
  { question: "Name a river.", hours: 50, model: "other-model" },
  { question: "Name a lake.", answer: "Constance", hours: 3 },
  { question: "Name a sea.", hours: 1 },
];

async function filled(rows: readonly Row[] = ROWS): Promise<Workspace & { readonly keys: readonly string[] }> {
  const place = await workspace();
  const keys = await fill(`sqlite:${join(place.directory, "llm_cache", "gpt-4o-mini_cache.sqlite")}`, rows);
  return { ...place, keys };
}

const KINDS = ["sqlite", ...(redis ? ["redis"] : []), ...(postgres ? ["postgres"] : [])];

describe.each(KINDS)("over %s", (kind) => {
  let databases = 0;
  /** The URL of an empty store. */
  function urlIn(directory: string): string {
    databases += 1;
    if (kind === "redis") return `${redis!.url}/${databases}`;
    if (kind === "sqlite") return `sqlite:${join(directory, "c.sqlite")}`;
    postgres!.query(`CREATE DATABASE test${databases}`);
    return postgres!.url.replace(/postgres$/, `test${databases}`);
  }
  async function cache(rows: readonly Row[] = ROWS) {
    const place = await workspace();
    const url = urlIn(place.directory);
    const keys = await fill(url, rows);
    const run = (...args: string[]) => place.remem([...args, "--store", url]);
    return { keys, run, url };
  }

  test("ls lists the newest first, in text, JSON lines and CSV", async () => {
    const { run, keys } = await cache();
    const { status, out } = await run("ls");
    expect(status).toBe(0);
    const lines = out.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^key +model +surface +age +size +tokens +finish +question +answer$/);
    expect(lines[1]).toMatch(/^[\da-f]{12} {2}gpt-4o-mini {2}chat +1h +\d+ B +10\/2 {2}stop +Name a sea\. +Paris$/);
    expect(lines.slice(1).map((line) => line.slice(0, 12))).toEqual(keys.toReversed().map((key) => key.slice(0, 12)));
    const records = (await run("ls", "--json")).out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(records.map(({ key, prompt, response, prompt_tokens }) => [key, prompt, response, prompt_tokens])).toEqual([
      [keys[2], "Name a sea.", "Paris", 10],
      [keys[1], "Name a lake.", "Constance", 10],
      [keys[0], "Name a river.", "Paris", 10],
    ]);
    const [head, ...rows] = (await run("ls", "--csv")).out.trimEnd().split("\n");
    expect(head).toMatch(/^key,status,writer,model,/);
    expect(rows).toHaveLength(3);
  });

  test("ls filters", async () => {
    const { run } = await cache();
    const questions = async (...flags: string[]) =>
      (await run("ls", "--json", ...flags)).out
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line).prompt);
    expect(await questions("--limit", "1")).toEqual(["Name a sea."]);
    expect(await questions("--model", "other-model")).toEqual(["Name a river."]);
    expect(await questions("--since", "2h")).toEqual(["Name a sea."]);
    expect(await questions("--until", "2d")).toEqual(["Name a river."]);
    expect(await questions("--grep", "constance")).toEqual(["Name a lake."]);
    expect(await questions("--finish-reason", "length")).toEqual([]);
  });

  test("show takes the beginning of a key, and prints conversation, answer and parameters", async () => {
    const { run, keys } = await cache();
    const { status, out } = await run("show", keys[1]!.slice(0, 12));
    expect(status).toBe(0);
    expect(out).toContain(`key       ${keys[1]}\n`);
    expect(out).toMatch(/keyed by {2}temperature = 0\n\nuser\n {2}Name a lake\.\n\nassistant\n {2}Constance\n$/);
    expect(JSON.parse((await run("show", keys[1]!, "--json")).out)).toMatchObject({
      key: keys[1],
      request: { temperature: 0 },
      answer: { choices: [{ message: { content: "Constance" } }] },
    });
    expect((await run("show", keys[1]!, "--raw")).out).toMatch(/^remem\/1 .*\n\{.*\}\n\{.*\}\n$/);
    expect(await run("show", "no such key")).toMatchObject({ status: 1, out: "" });
  });

  test("rm, prune and clear say what they would do, and do it with --yes", async () => {
    const { run, keys } = await cache();
    const count = async () => (await run("ls", "--json")).out.split("\n").length - 1;
    const dry = await run("rm", keys[0]!.slice(0, 10));
    expect(dry).toMatchObject({ status: 0, out: expect.stringMatching(/would remove 1 entry \(\d+ B\)\n$/) });
    expect((await run("prune", "--max-age", "2h")).out).toMatch(
      /^would remove 2 entries \(.*; 1 entry \(\d+ B\) stays\n$/,
    );
    expect((await run("clear")).out).toMatch(/^would remove 3 entries/);
    expect(await count()).toBe(3);
    expect((await run("rm", "--model", "other-model", "--yes")).out).toMatch(/^removed 1 entry/);
    expect(await run("rm", "--model", "other-model")).toMatchObject({ status: 1, out: "" });
    expect((await run("prune", "--max-age", "2h", "--yes")).out).toMatch(/^removed 1 entry/);
    expect(await count()).toBe(1);
    expect((await run("clear", "--yes")).out).toMatch(/^removed 1 entry/);
    expect(await run("ls")).toMatchObject({
      status: 1,
      out: "",
      err: expect.stringMatching(/^remem: no entry is in /m),
    });
  });

  test("verify finds what is damaged, and --repair --yes removes it", async () => {
    const { run, keys, url } = await cache();
    expect(await run("verify")).toMatchObject({ status: 0, out: expect.stringMatching(/sound +3\ndamaged +0\n/) });
    await change(url, keys[0]!, "?");
    const found = await run("verify");
    expect(found.status).toBe(1);
    expect(found.out).toMatch(
      new RegExp(`^${keys[0]} {2}damaged: it is no entry of remem\nentries +3\nsound +2\ndamaged +1 `),
    );
    expect(await run("verify", "--repair")).toMatchObject({
      status: 0,
      out: expect.stringMatching(/would remove 1 entry\n$/),
    });
    expect((await run("ls")).out).toContain("(damaged)");
    expect((await run("verify", "--repair", "--yes")).out).toMatch(/removed 1 entry\n$/);
    expect((await run("verify")).status).toBe(0);
  });

  test("stats count entries, tokens and money", async () => {
    const { run } = await cache();
    const { status, out } = await run("stats");
    expect(status).toBe(0);
    expect(out).toMatch(/^entries {5}3\nsize/);
    expect(out).toMatch(/tokens {6}30 in, 6 out\ncost +\$0\.\d+ by list prices\nno price {4}1 entry\n/);
    expect(out).toMatch(/\nother-model +1 .* unknown\n/);
    expect(JSON.parse((await run("stats", "--json")).out)).toMatchObject({
      entries: 3,
      prompt_tokens: 30,
      unpriced: 1,
      by_model: { "gpt-4o-mini": { entries: 2 } },
      by_surface: { chat: { entries: 3 } },
    });
  });

  test("an empty cache is no failure of stats, verify, prune and clear", async () => {
    const { run } = await cache([]);
    for (const args of [["stats"], ["verify"], ["prune", "--max-age", "1d"], ["clear", "--yes"]]) {
      expect((await run(...args)).status).toBe(0);
    }
  });
});

test.each([
  ["ls"],
  ["show", "k"],
  ["stats"],
  ["verify"],
  ["clear", "--yes"],
  ["rm", "k"],
  ["prune", "--max-age", "1d"],
])("%s creates no cache where there is none", async (...args) => {
  const { remem, directory } = await workspace();
  const run = await remem(args);
  expect(run).toMatchObject({ status: 1, out: "" });
  expect(run.err).toMatch(/^remem: there is no cache at (\.\/)?llm_cache\/gpt-4o-mini_cache\.sqlite\n$/);
  expect(existsSync(join(directory, "llm_cache"))).toBe(false);
});

test("the only cache of a directory is found, and of several one must be named", async () => {
  const { remem, directory } = await workspace();
  await fill(`sqlite:${join(directory, "llm_cache", "a_cache.sqlite")}`, [{ question: "one", model: "a" }]);
  expect((await remem(["ls"])).out).toContain("one");
  await fill(`sqlite:${join(directory, "llm_cache", "b_cache.sqlite")}`, [{ question: "two", model: "b" }]);
  expect((await remem(["ls", "--model", "b"])).out).toContain("two");
  const { status, err } = await remem(["ls"]);
  expect(status).toBe(1);
  expect(err).toMatch(
    /but there are others:\n {2}--store sqlite:.*a_cache\.sqlite\n {2}--store sqlite:.*b_cache\.sqlite\n/,
  );
});

test("an ambiguous prefix lists its keys", async () => {
  const { remem, keys } = await filled(Array.from({ length: 40 }, (_, index) => ({ question: `${index}` })));
  const digit = keys.map((key) => key[0]!).find((digit, index, all) => all.indexOf(digit) !== index)!;
  const run = await remem(["show", digit]);
  expect(run).toMatchObject({ status: 1, err: `remem: more than one key begins with ${digit}; give more of it\n` });
  expect(run.out.split("\n").length - 2).toBe(keys.filter((key) => key.startsWith(digit)).length);
});

test.each([
  [["rm"], /give keys, or a filter/],
  [["prune"], /give --max-age/],
  [["verify", "--yes"], /--yes goes with --repair/],
  [["ls", "--since", "yesterday"], /It must be a date/],
  [["prune", "--max-bytes", "much"], /It must be a number of bytes/],
  [["ls", "--json", "--csv"], /cannot be used with/],
])("%j is invalid usage", async (args, message) => {
  const { remem } = await filled();
  expect(await remem(args)).toMatchObject({ status: 2, err: expect.stringMatching(message) });
});

test("the rows of the Python class are listed, shown and verified", async () => {
  const { remem, directory } = await workspace();
  copyFileSync(golden, join(directory, "gpt-4o-mini_cache.sqlite"));
  const run = (...args: string[]) => remem([...args, "--store", "sqlite:gpt-4o-mini_cache.sqlite"]);
  const { out } = await run("ls");
  expect(out.split("\n")[1]).toMatch(/^[\da-f]{12} {2}\(Python\) +chat +\? /);
  expect((await run("show", out.split("\n")[1]!.slice(0, 12))).out).toContain("a row of the Python class");
  expect(await run("verify", "--repair", "--yes")).toMatchObject({
    status: 0,
    out: expect.stringMatching(/Python +30 .*\ndamaged +0\nremoved 0 entries\n$/),
  });
});

test("what cachedFetch has stored is listed with its tokens, and its keys are recomputed", async () => {
  const { directory, remem } = await workspace();
  const answers = {
    embeddings: { object: "list", data: [{ index: 0, embedding: [1] }], usage: { prompt_tokens: 4, total_tokens: 4 } },
    responses: {
      status: "completed",
      output: [{ type: "message", content: [{ type: "output_text", text: "Rhine" }] }],
    },
  };
  await using fetch = cachedFetch({
    store: `sqlite:${join(directory, "llm_cache", "remem_cache.sqlite")}`,
    fetch: async (url) => Response.json(answers[String(url).split("/").at(-1) as keyof typeof answers]),
  });
  for (const kind of Object.keys(answers)) {
    const body = JSON.stringify({ model: "m", input: "Name a river." });
    await fetch(`https://api.openai.com/v1/${kind}`, { method: "POST", body });
  }
  const listed = (await remem(["ls", "--json"])).out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(listed).toMatchObject([
    { surface: "responses", model: "m", finish_reason: "completed" },
    { surface: "embeddings", model: "m", prompt_tokens: 4 },
  ]);
  expect(listed[1].response).not.toContain("remem");
  expect((await remem(["verify"])).out).toMatch(/sound +2\ndamaged +0/);
});

test("commands that only look never change a file, not even one that SQLite refuses", async () => {
  const { directory, remem } = await workspace();
  copyFileSync(golden, join(directory, "python.sqlite"));
  writeFileSync(join(directory, "broken.sqlite"), "This is no database, and somebody else's.");
  const contents = () => readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), "base64")]);
  const before = contents();
  for (const file of ["python.sqlite", "broken.sqlite"]) {
    for (const command of [
      ["ls"],
      ["stats"],
      ["verify"],
      ["verify", "--repair"],
      ["show", "0"],
      ["rm", "0"],
      ["clear"],
    ]) {
      const { status } = await remem([...command, "--store", `sqlite:${file}`]);
      expect([0, 1]).toContain(status);
    }
  }
  expect(contents()).toEqual(before);
});

test("a reader that leaves ends the command in silence", async () => {
  const { start } = await filled(Array.from({ length: 2_000 }, (_, index) => ({ question: `${index}`.repeat(50) })));
  const child = start(["ls"]);
  child.ended.catch(() => {}); // Its output ends too early.
  child.stdout?.once("data", () => child.stdout?.destroy());
  child.stderr?.on("data", (text) => expect.fail(`${text}`));
  await new Promise((resolve) => child.once("exit", resolve));
});

describe("Ctrl-C", () => {
  const many = Array.from({ length: 20_000 }, (_, index) => ({ question: `${index} ${"word ".repeat(20)}` }));

  test("ends a listing at once, in silence", async () => {
    const { start } = await filled(many);
    const child = start(["ls", "--json"]);
    let errors = "";
    child.stderr?.on("data", (text) => {
      errors += text;
    });
    child.stdout?.once("data", () => child.kill("SIGINT"));
    await child.ended;
    expect(child.signalCode).toBe("SIGINT"); // A shell makes 130 of it.
    expect(errors).toBe("");
  });

  test("while entries are removed leaves a sound cache, and the same command removes the rest", async () => {
    const { directory, start, remem } = await filled(many);
    const child = start(["rm", "--grep", "word", "--yes"]);
    const removed = () => countIn(directory) < many.length;
    await vi.waitUntil(() => removed() || child.exitCode !== null, { timeout: 60_000, interval: 5 });
    child.kill("SIGINT");
    await child.ended;
    expect((await remem(["verify"])).status).toBe(0);
    await remem(["rm", "--grep", "word", "--yes"]);
    expect(countIn(directory)).toBe(0);
  });

  function countIn(directory: string): number {
    const database = connectTo(join(directory, "llm_cache", "gpt-4o-mini_cache.sqlite"));
    const { entries } = database.prepare("SELECT count(*) AS entries FROM remem_entries").get() as { entries: number };
    database.close();
    return entries;
  }
});

describe.skipIf(!hasTerminal)("on a terminal", () => {
  const ROWS = [
    { question: "日本の首都はどこですか？短く答えてください。", answer: "東京です。" },
    { question: "A haiku about the sea 🌊👩‍👩‍👧", answer: "Salt wind on my lips,\nthe grey hull of evening turns." },
    { question: "\x1b]0;owned\x07\x1b[2J", answer: "\x1b[31mred", model: "m".repeat(80) },
    { question: "x ".repeat(500), answer: "y ".repeat(500) },
  ];

  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours are what is removed.
  const plain = (text: string) => text.replace(/\x1b\[\d*m/g, "");

  test.each([60, 100, 200])("every table fits %i columns", async (columns) => {
    const place = await filled(ROWS);
    for (const args of ["ls", "stats", "verify", "rm --grep e"]) {
      const received = await onTerminal(place, args, columns);
      expect(received).not.toContain("\x1b]0;owned");
      expect(received).not.toContain("\x1b[2J");
      const lines = plain(received).trimEnd().split("\r\n");
      expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(columns);
    }
    const rows = plain(await onTerminal(place, "ls", columns)).split("\r\n");
    const at = stringWidth(rows[0]!.slice(0, rows[0]!.indexOf("question")));
    const japanese = rows.find((row) => row.includes("日本"))!;
    expect(stringWidth(japanese.slice(0, japanese.indexOf("日本")))).toBe(at);
  });

  test("ls shows the newest and how to see more", async () => {
    const place = await filled(Array.from({ length: 60 }, (_, index) => ({ question: `${index}` })));
    const received = plain(await onTerminal(place, "ls"));
    expect(received.split("\r\n").filter((line) => /^[\da-f]{12} /.test(line))).toHaveLength(50);
    expect(received).toContain("the newest 50; --limit 200 shows more");
    expect(plain(await onTerminal(place, "clear"))).toContain("add --yes");
  });
});
