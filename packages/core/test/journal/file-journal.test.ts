import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { collect } from "@remem/test-support/collect";
import { canMount, readOnlyView, smallDisk } from "@remem/test-support/mounts";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { afterEach, expect, test, vi } from "vitest";
import { createClient, type JournalCall, memoryStore } from "../../src/index.ts";
import { fileJournal, readJournal } from "../../src/journal/index.ts";
import { completion, scriptedProvider, user } from "../doubles.ts";
import { hit, journalFile } from "./records.ts";

const KIB = 1024;
const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
afterEach(() => warnings.mockClear());

async function write(file: string, ...calls: JournalCall[]): Promise<string> {
  const journal = fileJournal({ file });
  for (const call of calls) journal.record(call);
  await journal.close();
  return readFileSync(file, "utf8");
}

async function read(file: string): Promise<JournalCall[]> {
  return collect(readJournal(file));
}

test("a line has the facts of a call in a fixed form", async () => {
  const key = hit().key;
  const text = await write(
    journalFile(),
    hit(),
    hit({ source: "provider", mode: "reload", durationMs: 1_203.4049, notStored: "no-content" }),
    hit({ source: "flight", tokens: undefined, model: undefined, durationMs: 2, error: "PROVIDER_ERROR" }),
  );
  expect(text).toBe(
    `{"v":1,"at":1764441600000,"key":"${key}","surface":"chat","model":"gpt-4o-mini","source":"store","prompt_tokens":12,"completion_tokens":3,"ms":0.21}\n` +
      `{"v":1,"at":1764441600000,"key":"${key}","surface":"chat","model":"gpt-4o-mini","mode":"reload","source":"provider","prompt_tokens":12,"completion_tokens":3,"not_stored":"no-content","ms":1203.40}\n` +
      `{"v":1,"at":1764441600000,"key":"${key}","surface":"chat","source":"flight","error":"PROVIDER_ERROR","ms":2}\n`,
  );
});

test("what is read is what was recorded", async () => {
  const calls = [
    hit(),
    hit({ source: "provider", mode: "no-store", notStored: "too-large", durationMs: 10.07 }),
    hit({ source: "store", error: "CACHE_MISS", mode: "only-if-cached", tokens: undefined }),
    hit({ key: 'a key of "another" kind', surface: "words", model: undefined }),
    hit({ model: "名\u2028\u001b[31m\ud800" }),
  ];
  const file = journalFile();
  const text = await write(file, ...calls);
  expect(await read(file)).toEqual(calls);
  expect(text).toMatch(/^[ -~\n]*$/);
});

test("a name is cut after 200 characters, and loses its credentials; tokens that are no number count as 0", async () => {
  const file = journalFile();
  const tokens = { prompt: Number.NaN, completion: "3" as never };
  await write(file, hit({ model: "m".repeat(1_000), tokens }), hit({ model: "https://me:secret@host/m sk-abcdefgh" }));
  const [long, secret] = await read(file);
  expect(long?.model).toBe("m".repeat(200));
  expect(long?.tokens).toEqual({ prompt: 0, completion: 3 });
  expect(secret?.model).toBe("https://[redacted]@host/m [redacted]");
});

test("neither a prompt, an answer, nor an API key reaches the file", async () => {
  const file = journalFile();
  const journal = fileJournal({ file });
  const provider = scriptedProvider((request) => {
    if (request.messages[0]?.content === "fail") throw new Error("refused sk-secret-key");
    return completion("the secret answer");
  });
  const client = createClient({ provider, store: memoryStore(), params: { model: "m" }, journal });
  await client.batchInfer([user("the secret prompt"), user("the secret prompt"), user("fail")]);
  await client.infer(user("the secret prompt"));
  await client.close();
  expect(await read(file)).toHaveLength(4);
  expect(readFileSync(file, "utf8")).not.toContain("secret");
});

test("the first line is written at once, and others soon, without a close", async () => {
  const file = journalFile();
  const journal = fileJournal({ file });
  journal.record(hit());
  expect(await read(file)).toHaveLength(1);
  journal.record(hit());
  journal.record(hit());
  await vi.waitFor(async () => expect(await read(file)).toHaveLength(3), 30_000);
  await journal.close();
});

test("many lines are written before the time is over, and a journal that is closed still writes", async () => {
  const file = journalFile();
  const journal = fileJournal({ file });
  for (let index = 0; index < 3_000; index++) journal.record(hit());
  expect((await read(file)).length).toBeGreaterThan(1_000);
  await journal.close();
  await journal.close();
  expect(await read(file)).toHaveLength(3_000);
  journal.record(hit());
  expect(await read(file)).toHaveLength(3_001);
});

test("file and directories are for this user alone", async () => {
  const directory = join(temporaryDirectory(), "a", "b");
  const file = join(directory, "journal.jsonl");
  await write(file, hit());
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(join(directory, "..")).mode & 0o777).toBe(0o700);
});

test("nothing is created before the first call", async () => {
  const file = journalFile();
  await fileJournal({ file }).close();
  expect(existsSync(file)).toBe(false);
});

test("journals of one file share a writer, and go on when one of them is closed", async () => {
  const file = journalFile();
  const [first, second] = [fileJournal({ file }), fileJournal({ file })];
  first.record(hit());
  second.record(hit());
  expect(await read(file)).toHaveLength(1); // The second line is not the first of its file, and waits.
  await first.close();
  second.record(hit());
  await second.close();
  expect(await read(file)).toHaveLength(3);
});

test("a thousand journals add one listener to the process, and leave none", async () => {
  const before = process.listenerCount("exit");
  const directory = temporaryDirectory();
  const journals = Array.from({ length: 1_000 }, (_, index) => fileJournal({ file: join(directory, `${index}`) }));
  expect(process.listenerCount("exit")).toBe(before);
  for (const journal of journals) journal.record(hit());
  expect(process.listenerCount("exit")).toBe(before + 1);
  await Promise.all(journals.map((journal) => journal.close()));
  expect(process.listenerCount("exit")).toBe(before);
});

test("a full file becomes the older one, in place of an earlier one", async () => {
  const file = journalFile();
  const journal = fileJournal({ file, maxBytes: 64 * KIB });
  for (let index = 0; index < 2_000; index++) journal.record(hit({ at: index }));
  await journal.close();
  expect(readdirSync(join(file, "..")).sort()).toEqual(["journal.jsonl", "journal.jsonl.1"]);
  for (const path of [file, `${file}.1`]) expect(statSync(path).size).toBeLessThanOrEqual(64 * KIB);
  const times = (await read(file)).map(({ at }) => at);
  expect(times.at(-1)).toBe(1_999);
  expect(times).toEqual(times.map((_, index) => times[0]! + index));
});

test("a line that was torn costs that line alone", async () => {
  const file = journalFile();
  await write(file, hit({ at: 1 }));
  appendFileSync(file, '{"v":1,"at":2,"key":"');
  await write(file, hit({ at: 3 }), hit({ at: 4 }));
  const reader = readJournal(file);
  expect((await collect(reader)).map(({ at }) => at)).toEqual([1, 3, 4]);
  expect(reader.skipped).toBe(1);
});

test.each<[string, string, (path: string) => void]>([
  ["a directory", "EISDIR", (path) => mkdirSync(path)],
  ["below a file", "ENOTDIR", (path) => writeFileSync(join(path, ".."), "")],
  [
    "the file of another program",
    "it is the file of another program",
    (path) => writeFileSync(path, "SQLite format 3"),
  ],
])("a path that is %s costs one warning, and never a call", async (_, reason, make) => {
  const file = join(temporaryDirectory(), "directory", "journal.jsonl");
  if (reason !== "ENOTDIR") mkdirSync(join(file, ".."));
  make(file);
  const journal = fileJournal({ file });
  const client = createClient({ provider: scriptedProvider(), store: memoryStore(), params: { model: "m" }, journal });
  for (let round = 0; round < 3; round++) expect((await client.infer(`question ${round}`)).cacheHit).toBe(false);
  await client.close();
  expect(warnings).toHaveBeenCalledOnce();
  const [message, details] = warnings.mock.calls[0]!;
  expect(message).toContain(`The journal ${file} cannot be written, so calls are not recorded: `);
  expect(message).toContain(reason);
  expect(details).toEqual({ type: "RememWarning", code: "REMEM_JOURNAL" });
  if (reason.startsWith("it is")) expect(readFileSync(file, "utf8")).toBe("SQLite format 3");
});

test.skipIf(!existsSync("/dev/full"))("a device is refused, so that none is filled", async () => {
  const journal = fileJournal({ file: "/dev/full" });
  journal.record(hit());
  await journal.close();
  expect(warnings.mock.calls[0]![0]).toContain("it is not a regular file");
});

test.skipIf(!canMount)(
  "a full disk costs one warning and no call, and lines are whole once there is space",
  async () => {
    const { directory } = smallDisk(256 * KIB);
    const file = join(directory, "journal.jsonl");
    const journal = fileJournal({ file });
    const client = createClient({
      provider: scriptedProvider(),
      store: memoryStore(),
      params: { model: "m" },
      journal,
    });
    for (let round = 0; round < 3_000; round++) await client.infer("Hi");
    expect(warnings).toHaveBeenCalledOnce();
    expect(warnings.mock.calls[0]![0]).toContain("ENOSPC");
    const before = (await read(file)).length;
    expect(before).toBeGreaterThan(100);
    // Ends within a line, and leaves room for whatever still waits to be written.
    const lines = readFileSync(file);
    writeFileSync(file, lines.subarray(0, lines.lastIndexOf("\n", 8 * KIB) - 10));
    await client.infer("Hi");
    await client.close();
    const reader = readJournal(file);
    expect((await collect(reader)).length).toBeGreaterThan(40);
    expect(reader.skipped).toBe(1);
  },
);

test.skipIf(!canMount)("a directory that is read-only costs one warning", async () => {
  const { directory } = readOnlyView(temporaryDirectory());
  const journal = fileJournal({ file: join(directory, "journal.jsonl") });
  journal.record(hit());
  journal.record(hit());
  await journal.close();
  expect(warnings).toHaveBeenCalledOnce();
  expect(warnings.mock.calls[0]![0]).toContain("EROFS");
});

test("a journal that can be written again records from then on, and warns of the next failure", async () => {
  const file = journalFile();
  const journal = fileJournal({ file });
  mkdirSync(file);
  journal.record(hit({ at: 1 }));
  rmSync(file, { recursive: true });
  journal.record(hit({ at: 2 }));
  await vi.waitFor(async () => expect((await read(file)).map(({ at }) => at)).toEqual([2]), 30_000);
  rmSync(file);
  mkdirSync(file);
  journal.record(hit({ at: 3 }));
  await journal.close();
  expect(warnings).toHaveBeenCalledTimes(2);
});

test("invalid options are refused by name", () => {
  const file = journalFile();
  expect(() => fileJournal({ file: "" })).toThrow("fileJournal: `file` must be the path of a file.");
  expect(() => fileJournal({ file: 1 as never })).toThrow("fileJournal: `file` must be the path of a file.");
  expect(() => fileJournal({ file, maxBytes: 1_000 })).toThrow(
    "fileJournal: `maxBytes` must be a whole number from 65536",
  );
  expect(() => fileJournal({ file, maxSize: 1 } as never)).toThrow("fileJournal: there is no option `maxSize`.");
});
