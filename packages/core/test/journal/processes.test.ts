import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { startChild } from "@remem/test-support/child";
import { expect, test } from "vitest";
import { readJournal } from "../../src/journal/index.ts";
import { journalFile } from "./records.ts";

const writer = new URL("processes/writer.mjs", import.meta.url);
const KIB = 1024;
const PROCESSES = 8;
const COUNT = 20_000;
/** The most that a process writes at a time. */
const WRITE = 240 * KIB;

/** Lets processes write to one journal at the same time, and waits for their ends. */
async function write(file: string, maxBytes: number, count = COUNT, processes = PROCESSES): Promise<void> {
  const names = Array.from({ length: processes }, (_, index) => `w${index}`);
  const children = names.map((name) => startChild(writer, [file, name, `${count}`, `${maxBytes}`]));
  await Promise.all(children.map((child) => child.says("ready")));
  for (const child of children) child.process.send("go");
  const ends = await Promise.all(children.map(({ end }) => end));
  expect(ends).toEqual(children.map(() => ({ code: 0, output: "" })));
}

async function keysIn(file: string): Promise<string[]> {
  const reader = readJournal(file);
  const keys: string[] = [];
  for await (const { key } of reader) keys.push(key);
  expect(reader.skipped).toBe(0);
  return keys;
}

test("eight processes that write at once, and end without closing, lose, tear and double no line", async () => {
  const file = journalFile();
  await write(file, 1024 ** 3);
  const keys = await keysIn(file);
  expect(keys).toHaveLength(PROCESSES * COUNT);
  expect(new Set(keys).size).toBe(keys.length);
  expect(readdirSync(dirname(file))).toEqual(["journal.jsonl"]);
});

test("eight processes that rotate at once keep the newest lines, whole and once, in bounded files", async () => {
  const file = journalFile();
  const maxBytes = 512 * KIB;
  await write(file, maxBytes);
  const keys = await keysIn(file);
  expect(new Set(keys).size).toBe(keys.length);
  expect(readdirSync(dirname(file)).sort()).toEqual(["journal.jsonl", "journal.jsonl.1"]);
  const [newer, older] = [statSync(file).size, statSync(`${file}.1`).size];
  // A process may append to a file that another one is about to rotate: a write each.
  const slack = PROCESSES * WRITE;
  expect(newer).toBeLessThanOrEqual(maxBytes + slack);
  expect(older).toBeLessThanOrEqual(maxBytes + slack);
  // No process has rotated a file that was not full.
  expect(older).toBeGreaterThan(maxBytes - WRITE);
  // Of each process the newest lines are there, without a gap.
  for (let index = 0; index < PROCESSES; index++) {
    const own = keys.filter((key) => key.startsWith(`w${index}-`)).map((key) => Number.parseInt(key.slice(3), 10));
    const first = Math.min(...own, COUNT);
    expect(own.sort((one, other) => one - other)).toEqual(Array.from({ length: COUNT - first }, (_, at) => first + at));
  }
});

test("the lock of a process that has died does not end rotation", async () => {
  const file = journalFile();
  const maxBytes = 64 * KIB;
  await write(file, maxBytes, 100, 1);
  const lock = `${file}.rotating-${statSync(file).ino}-0`;
  writeFileSync(lock, "");
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(lock, longAgo, longAgo);
  await write(file, maxBytes, 2_000, 1);
  expect(readdirSync(dirname(file)).sort()).toEqual(["journal.jsonl", "journal.jsonl.1"]);
  expect(statSync(file).size).toBeLessThanOrEqual(maxBytes);
});

test("a lock that another process holds is respected: the file grows until it is released", async () => {
  const file = journalFile();
  const maxBytes = 64 * KIB;
  await write(file, maxBytes, 100, 1);
  writeFileSync(`${file}.rotating-${statSync(file).ino}-0`, "");
  await write(file, maxBytes, 500, 1);
  expect(await keysIn(file)).toHaveLength(600);
  expect(readFileSync(file).length).toBeGreaterThan(maxBytes);
});
