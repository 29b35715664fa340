import { renameSync, writeFileSync } from "node:fs";
import { collect } from "@remem/test-support/collect";
import { expect, test } from "vitest";
import type { JournalCall } from "../../src/index.ts";
import { fileJournal, readJournal } from "../../src/journal/index.ts";
import { hit, journalFile } from "./records.ts";

async function write(file: string, ...calls: JournalCall[]): Promise<void> {
  const journal = fileJournal({ file });
  for (const call of calls) journal.record(call);
  await journal.close();
}

const timesIn = async (file: string): Promise<number[]> => (await collect(readJournal(file))).map(({ at }) => at);

test("the older file is read before the newer, and either is enough", async () => {
  const file = journalFile();
  await write(file, hit({ at: 1 }), hit({ at: 2 }));
  renameSync(file, `${file}.1`);
  expect(await timesIn(file)).toEqual([1, 2]);
  await write(file, hit({ at: 3 }));
  expect(await timesIn(file)).toEqual([1, 2, 3]);
});

test("lines that are no record are skipped and counted, and blank ones only skipped", async () => {
  const file = journalFile();
  await write(file, hit({ at: 1 }));
  const line = (members: object): string => JSON.stringify({ v: 1, at: 2, key: "k", source: "store", ...members });
  const lines = ["", "no JSON", "null", "[1]", '{"a":1}', line({ v: 2 }), line({ at: "now" }), line({ source: "?" })];
  lines.push(line({ at: 9e15 }), line({ key: 1 }), "x".repeat(10_000_000), line({ more: true }), line({}).slice(0, 20));
  renameSync(file, `${file}.1`);
  writeFileSync(file, lines.join("\n"));
  const reader = readJournal(file);
  expect((await collect(reader)).map(({ at }) => at)).toEqual([1, 2]);
  expect(reader.skipped).toBe(lines.length - 2);
});

test("what is rotated while it is read is read once, and what is written meanwhile is left out", async () => {
  const file = journalFile();
  await write(file, hit({ at: 1 }), hit({ at: 2 }));
  const times: number[] = [];
  for await (const { at } of readJournal(file)) {
    if (times.length === 0) {
      renameSync(file, `${file}.1`);
      await write(file, hit({ at: 3 }));
    }
    times.push(at);
  }
  expect(times).toEqual([1, 2]);
});

test("a reading that ends early closes its files", async () => {
  const file = journalFile();
  await write(file, ...Array.from({ length: 10_000 }, () => hit()));
  for (let round = 0; round < 100; round++) {
    for await (const _ of readJournal(file)) break;
  }
  expect(process.getActiveResourcesInfo().filter((name) => name.startsWith("FS"))).toEqual([]);
});

test("a journal that does not exist is an error that names its path", async () => {
  const file = journalFile();
  await expect(timesIn(file)).rejects.toMatchObject({
    code: "INVALID_OPTION",
    message: `readJournal: \`file\` must be the path of a journal. There is none at ${file}.`,
  });
});
