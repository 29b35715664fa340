import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { type CacheStore, encodeEntry, type JsonObject, type KeyFacts, putEntry } from "@remem/core";
import { collect } from "@remem/test-support/collect";
import { connectTo } from "@remem/test-support/database";
import { canMount, readOnlyView } from "@remem/test-support/mounts";
import { temporaryDirectory, temporaryFile } from "@remem/test-support/temporary";
import { expect, onTestFinished, test } from "vitest";
import { CREATE_VIEW } from "../../src/file/view.ts";
import { sqliteStore } from "../../src/index.ts";

function open(path: string, compress = false): CacheStore {
  const store = sqliteStore({ path, compress });
  onTestFinished(() => store.close());
  return store;
}
const rowsIn = (path: string, where = "1") =>
  connectTo(path).prepare(`SELECT * FROM remem_view WHERE ${where}`).all() as Array<Record<string, unknown>>;

const CREATED = Date.UTC(2026, 0, 31, 18, 5, 6, 7);
const MESSAGES = [{ role: "user", content: 'Say "é" 😀\n' }];
const ANSWER = {
  id: "1",
  model: "gpt-4o-mini-2024-07-18",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: '"é" 😀\nthen more' } }],
  usage: { prompt_tokens: 10, completion_tokens: 2 },
};

async function put(store: CacheStore, key: string, facts: KeyFacts = {}, others: object = {}): Promise<void> {
  const request = { model: "gpt-4o-mini", temperature: 0.5, messages: MESSAGES } as JsonObject;
  await putEntry(store, key, encodeEntry({ key, createdAt: CREATED, answer: ANSWER, request, facts, ...others }));
}

test("the view has times, model, messages, parameters, answer and usage in columns of their own", async () => {
  const path = temporaryFile();
  await put(open(path), "k", { scope: "https://other.example/v1", sample: 2 });
  expect(rowsIn(path)).toEqual([
    {
      key: "k",
      created_at: "2026-01-31T18:05:06.007Z",
      expires_at: null,
      model: "gpt-4o-mini",
      surface: "chat",
      scope: "https://other.example/v1",
      sample: 2,
      question: MESSAGES[0]!.content,
      prompt: JSON.stringify(MESSAGES),
      parameters: '{"temperature":0.5}',
      response: '"é" 😀\nthen more',
      finish_reason: "stop",
      prompt_tokens: 10,
      completion_tokens: 2,
      answer: JSON.stringify(ANSWER),
      request: JSON.stringify({ model: "gpt-4o-mini", temperature: 0.5, messages: MESSAGES }),
    },
  ]);
});

const text = (value: string) => ({ type: "text", text: value });

/** An entry of each surface: the request, the answer, and what the view says of them. */
const OTHERS: Readonly<Record<string, readonly [request: object, answer: object, row: object]>> = {
  chat: [
    {
      messages: [
        { role: "user", content: [text("first"), { type: "image_url", image_url: { url: "data:" } }, text("second")] },
        { role: "tool", tool_call_id: "1", content: "4" },
      ],
    },
    { choices: [{ message: { content: [text("one"), text(" two")] }, finish_reason: "length" }] },
    { question: "first\nsecond", response: "one two", finish_reason: "length", prompt_tokens: null },
  ],
  responses: [
    {
      instructions: "Be brief.",
      input: [
        { role: "user", content: [{ type: "input_text", text: "Why?" }] },
        { type: "reasoning", summary: [] },
      ],
    },
    {
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
      output: [
        { type: "reasoning", content: [{ type: "reasoning_text", text: "hidden" }], summary: [] },
        {
          type: "message",
          content: [
            { type: "output_text", text: "Because" },
            { type: "refusal", refusal: "." },
          ],
        },
      ],
      usage: { input_tokens: 5, output_tokens: 6, input_tokens_details: { cached_tokens: 2 } },
    },
    {
      question: "Why?",
      parameters: '{"instructions":"Be brief."}',
      response: "Because.",
      finish_reason: "max_output_tokens",
      prompt_tokens: 5,
      completion_tokens: 6,
    },
  ],
  messages: [
    {
      system: "s",
      messages: [
        { role: "user", content: "Add 2 and 2." },
        { role: "assistant", content: [{ type: "tool_use", id: "t", name: "add", input: {} }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "4" }] },
      ],
    },
    {
      type: "message",
      content: [{ type: "thinking", thinking: "hm" }, text("It is "), text("4.")],
      stop_reason: "end_turn",
      usage: { input_tokens: 1, cache_creation_input_tokens: 20, cache_read_input_tokens: 300, output_tokens: 7 },
    },
    {
      question: "Add 2 and 2.",
      response: "It is 4.",
      finish_reason: "end_turn",
      prompt_tokens: 321,
      completion_tokens: 7,
    },
  ],
  gemini: [
    { contents: [{ role: "model", parts: [{ text: "Hello" }] }, { parts: [{ text: "Hi" }, { text: "there" }] }] },
    {
      candidates: [{ content: { parts: [{ text: "hidden", thought: true }, { text: "Well" }] }, finishReason: "STOP" }],
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 4, thoughtsTokenCount: 5 },
      modelVersion: "gemini-2.5",
    },
    { question: "Hi\nthere", response: "Well", finish_reason: "STOP", prompt_tokens: 3, completion_tokens: 9 },
  ],
  embeddings: [
    { input: "a text" },
    { data: [{ embedding: Buffer.from(new Float32Array(7).buffer).toString("base64") }], usage: { prompt_tokens: 2 } },
    {
      question: "a text",
      prompt: "a text",
      response: "7 numbers",
      prompt_tokens: 2,
      completion_tokens: null,
      parameters: "{}",
    },
  ],
  "gemini-embeddings": [
    { content: { parts: [{ text: "a text" }] } },
    { embedding: { values: [1, 2, 3] } },
    { question: "a text", response: "3 numbers", prompt_tokens: null },
  ],
  "ollama-embeddings": [
    { input: [1, 2] },
    { embeddings: [[1, 2]], prompt_eval_count: 2 },
    { question: "[1,2]", response: "2 numbers", prompt_tokens: 2 },
  ],
  completions: [
    { prompt: ["Once", "upon a time"], max_tokens: 5 },
    { choices: [{ text: " there was", finish_reason: "length" }], usage: { prompt_tokens: 1, completion_tokens: 2 } },
    {
      question: "upon a time",
      prompt: '["Once","upon a time"]',
      parameters: '{"max_tokens":5}',
      response: " there was",
      finish_reason: "length",
    },
  ],
  moderations: [
    { input: [text("mean")] },
    { results: [{ flagged: true, categories: { hate: true, violence: false, harassment: true } }] },
    { question: "mean", response: "flagged: hate, harassment", finish_reason: null },
  ],
  "ollama-chat": [
    { messages: [{ role: "user", content: "Hi" }] },
    { message: { role: "assistant", content: "Yes?" }, done_reason: "stop", prompt_eval_count: 8, eval_count: 9 },
    { question: "Hi", response: "Yes?", finish_reason: "stop", prompt_tokens: 8, completion_tokens: 9 },
  ],
  "ollama-generate": [
    { prompt: "Hi", system: "s" },
    { response: "Yes?", done_reason: "stop" },
    { question: "Hi", parameters: '{"system":"s"}', response: "Yes?", finish_reason: "stop" },
  ],
};

test.each(Object.entries(OTHERS))("an entry of %s is readable", async (surface, [request, answer, row]) => {
  const path = temporaryFile();
  const store = open(path);
  const facts = surface === "chat" ? {} : { surface };
  const others = { request: { model: "m", ...request }, answer: { ...answer, remem: { headers: {} } } };
  await put(store, "k", facts, others);
  const { facts: _, ...bare } = { key: "bare", createdAt: CREATED, answer, facts };
  await putEntry(store, "bare", encodeEntry(bare));
  const rows = new Map(rowsIn(path).map((row) => [row.key, row]));
  expect(rows.get("k")).toMatchObject({ surface, model: "m", answer: JSON.stringify(answer), ...row });
  const { response } = rows.get("k")!;
  expect(rows.get("bare")).toMatchObject({ surface: null, question: null, prompt: null, parameters: null, response });
});

test("shapes that no surface has are NULL, and fail no query", async () => {
  const path = temporaryFile();
  const store = open(path);
  const odd: readonly unknown[] = [null, 1, "a", [], [null], {}, { a: 1 }, [[]], [{}], ["{"], true];
  const members = [
    "messages",
    "contents",
    "input",
    "prompt",
    "content",
    "output",
    "choices",
    "candidates",
    "results",
    "data",
    "embeddings",
    "embedding",
    "message",
    "usage",
  ];
  for (const [index, value] of odd.entries()) {
    for (const name of members) {
      const key = `${name} ${index}`;
      await put(store, key, {}, { request: { [name]: value }, answer: { [name]: value } });
    }
  }
  expect(rowsIn(path)).toHaveLength(odd.length * members.length);
});

/** What the view was before it knew other surfaces. */
const EARLIER = "CREATE VIEW remem_view AS SELECT key FROM remem_entries";

test("an earlier view is replaced, and a newer one is kept", async () => {
  for (const [view, columns] of [
    [EARLIER, 16],
    [EARLIER.replace(" AS", " /* 999 */ AS"), 1],
  ] as const) {
    const path = temporaryFile();
    const first = open(path);
    await put(first, "k");
    await first.close();
    connectTo(path).exec(`DROP VIEW remem_view; ${view}`);
    expect(await open(path).get("k")).toBeDefined();
    expect(Object.keys(rowsIn(path)[0]!)).toHaveLength(columns);
  }
});

test.skipIf(!canMount)("an earlier view of a file that can only be read stays as it is", async () => {
  const directory = temporaryDirectory();
  const path = join(directory, "cache.sqlite");
  const writer = open(path);
  await put(writer, "k");
  await writer.close();
  connectTo(path).exec(`DROP VIEW remem_view; ${EARLIER}`);
  const store = open(join(readOnlyView(directory).directory, "cache.sqlite"));
  expect(await store.get("k")).toBeDefined();
  expect(rowsIn(path)).toEqual([{ key: "k" }]);
});

test("a view that has changed has another revision", () => {
  const digest = createHash("sha256").update(CREATE_VIEW).digest("hex").slice(0, 16);
  expect([/\/\* (\d+) \*\//.exec(CREATE_VIEW)?.[1], digest]).toMatchInlineSnapshot(`
    [
      "2",
      "e3c8d73a392dff9d",
    ]
  `);
});

test("an entry without its request, one of another surface, and one that expires have what they tell", async () => {
  const path = temporaryFile();
  const store = open(path);
  const expiresAt = Date.now() + 60_000;
  await putEntry(store, "bare", encodeEntry({ key: "bare", createdAt: CREATED, answer: ANSWER }));
  await put(store, "other", { surface: "embeddings" });
  const text = encodeEntry({ key: "late", createdAt: CREATED, expiresAt, answer: ANSWER });
  await putEntry(store, "late", text, { expiresAt });
  await store.set("whole", encodeEntry({ key: "whole", createdAt: 0, answer: ANSWER, request: { model: "" } }));
  connectTo(path).exec("INSERT INTO remem_entries (key, value, expires_at) VALUES ('expired', 'v', 1)");
  const rows = new Map(rowsIn(path).map((row) => [row.key, row]));
  expect(rows.get("bare")).toMatchObject({ model: ANSWER.model, surface: null, request: null, parameters: null });
  expect(rows.get("other")).toMatchObject({ surface: "embeddings" });
  expect(rows.get("late")?.expires_at).toBe(new Date(expiresAt).toISOString());
  expect(rows.get("whole")).toMatchObject({ created_at: null, model: ANSWER.model, request: '{"model":""}' });
  expect(rows.size).toBe(4);
});

test("damaged and compressed entries are rows of NULLs, and fail no query", async () => {
  const path = temporaryFile();
  await put(open(path, true), "compressed", {}, { answer: { ...ANSWER, text: "long ".repeat(1_000) } });
  const store = open(path);
  for (const [index, value] of ["", "?", "remem/1 ", "remem/1 x\n{", '"', '"a\\u0000b"', "a\0b"].entries()) {
    await store.set(`damaged ${index}`, value, { sidecar: "{" });
  }
  await store.set("odd \0 key", "v");
  const rows = rowsIn(path);
  expect(rows).toHaveLength(9);
  for (const { answer, response, created_at } of rows)
    expect([answer, response, created_at]).toEqual([null, null, null]);
  const models = rows.filter(({ model }) => model !== null).map(({ key, model }) => [key, model]);
  expect(models).toEqual([["compressed", "gpt-4o-mini"]]); // Its request is too short to be compressed.
});

test("a file of schema version 2 gets the view, and keeps a table of another program by this name", async () => {
  for (const theirs of ["", "CREATE TABLE remem_view (it);"]) {
    const path = temporaryFile();
    connectTo(path).exec(`
      CREATE TABLE remem_entries (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, expires_at INTEGER, sidecar TEXT);
      CREATE TABLE remem_hidden (key TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;
      INSERT INTO remem_entries (key, value) VALUES ('old', 'value');
      ${theirs} PRAGMA user_version = 2`);
    expect(await open(path).get("old")).toBe("value");
    expect(rowsIn(path)).toHaveLength(theirs === "" ? 1 : 0);
  }
});

test.skipIf(!canMount)("a read-only file of schema version 2 is read without the view", async () => {
  const directory = temporaryDirectory();
  const path = join(directory, "cache.sqlite");
  const writer = open(path);
  await put(writer, "k");
  await writer.close();
  connectTo(path).exec("DROP VIEW remem_view; PRAGMA user_version = 2");
  const store = open(join(readOnlyView(directory).directory, "cache.sqlite"));
  expect(await collect(store.heads!())).toHaveLength(1);
});

test("a table that was altered is replaced, and the view reads the new one", async () => {
  const path = temporaryFile();
  const store = open(path);
  await put(store, "old");
  connectTo(path).exec("ALTER TABLE remem_entries RENAME COLUMN value TO text");
  await expect(store.set("k", "v")).rejects.toMatchObject({ code: "STORE_ERROR" });
  await put(store, "new");
  expect(rowsIn(path).map(({ key }) => key)).toEqual(["new"]);
});

test("a file of the Python class gets the view, which has our entries alone", async () => {
  const path = temporaryFile();
  copyFileSync(new URL("../golden/gpt-4o-mini_cache.sqlite", import.meta.url).pathname, path);
  await put(open(path), "k");
  expect(rowsIn(path)).toHaveLength(1);
});

const READERS: ReadonlyArray<readonly [program: string, args: (path: string, sql: string) => string[]]> = [
  ["sqlite3", (path, sql) => [path, sql]],
  [
    "python3",
    (path, sql) => [
      "-c",
      `import sqlite3; print(sqlite3.connect(${JSON.stringify(path)}).execute(${JSON.stringify(sql)}).fetchone()[0])`,
    ],
  ],
];

test.each(READERS)("%s reads the view, where it is installed", async (program, args) => {
  if (spawnSync(program, ["--version"]).status !== 0) return;
  const path = temporaryFile();
  const store = open(path);
  await put(store, "k");
  for (const [surface, [request, answer]] of Object.entries(OTHERS)) {
    await put(store, surface, { surface }, { request, answer });
  }
  const read = (sql: string) => {
    const { stdout, stderr } = spawnSync(program, args(path, sql), { encoding: "utf8" });
    expect(stderr).toBe("");
    return stdout.trimEnd();
  };
  expect(read("SELECT response FROM remem_view WHERE key = 'k'")).toBe('"é" 😀\nthen more');
  const columns = "surface || question || response || answer || request";
  expect(read(`SELECT count(${columns}) FROM (SELECT * FROM remem_view)`)).toBe(`${1 + Object.keys(OTHERS).length}`);
});
