import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { entryOf, keyOf } from "../contestants/floor.ts";
import { CONTESTANTS } from "../contestants.ts";
import { openContestant } from "../harness/open-contestant.ts";
import type { Row, Table } from "../report/table.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { createWorkload, type Size } from "../workload.ts";

const KB = 1_024;
const ANSWER_CHARS = 2 * KB;
const PAYLOAD = "The payload is the text of what is kept: the whole answer and the request, with digests and key.";
const COLUMNS = {
  ratio: { title: "x payload" },
  bytes: { title: "bytes an entry", digits: 0 },
  kept: { title: "payload", digits: 0 },
};

export const footprint: Scenario = {
  id: "footprint",
  about: "what an entry takes on disk and in memory, beside the bytes of its text",
  async *run(bench) {
    for (const promptChars of [1 * KB, 20 * KB]) yield await onDisk(bench, promptChars, bench.quick ? 500 : 5_000);
    yield await inMemory(bench, 1 * KB, bench.quick ? 2_000 : 20_000);
  },
};

async function onDisk(bench: Bench, promptChars: number, entries: number): Promise<Table> {
  const size = { promptChars, answerChars: ANSWER_CHARS };
  const payload = payloadOf(size);
  const smallPages = bench.directory();
  makeEmptyFile(smallPages, 4_096);
  const rows: Row[] = [];
  for (const { name, id, directory, kept } of [
    { name: "floor, pages of 4 KiB", id: "floor", directory: smallPages, kept: payload.entry },
    { name: "floor, pages of 16 KiB", id: "floor", directory: bench.directory(), kept: payload.entry },
    { name: "remem", id: "remem", directory: bench.directory(), kept: payload.entry },
    { name: "remem, compressed", id: "remem-compressed", directory: bench.directory(), kept: payload.entry },
    { name: CONTESTANTS.sqlite.keyv, id: "keyv", directory: bench.directory(), kept: payload.answer },
  ]) {
    bench.progress(`footprint, ${promptChars / KB} KB: ${name}`);
    const contestant = await openContestant(bench, { tier: "sqlite", id, size, directory });
    try {
      await contestant.tell("fill", { first: 0, count: entries });
      await contestant.tell("close");
      const bytes = bytesIn(directory) / entries;
      rows.push({ name, cells: { ratio: bytes / kept, bytes, kept } });
    } finally {
      await contestant.end();
    }
  }
  return {
    id: `footprint/disk/${promptChars / KB}KB`,
    title: `On disk, ${entries.toLocaleString("en")} entries, prompts of ${promptChars / KB} KB, answers of ${ANSWER_CHARS / KB} KB`,
    columns: COLUMNS,
    rows,
    aims: [
      { row: "remem", column: "ratio", most: 1.2 },
      { row: "remem, compressed", column: "ratio", most: 0.6 },
    ],
    notes: [PAYLOAD, "Keyv keeps the answer alone.", "The texts are English, cut from the pages of this repository."],
  };
}

async function inMemory(bench: Bench, promptChars: number, entries: number): Promise<Table> {
  const size = { promptChars, answerChars: ANSWER_CHARS };
  const kept = payloadOf(size).entry;
  const rows: Row[] = [];
  for (const { name, id } of [
    { name: "a Map", id: "floor" },
    { name: "remem, memoryStore", id: "remem" },
  ]) {
    bench.progress(`footprint, memory: ${name}`);
    const contestant = await openContestant(bench, { tier: "memory", id, size });
    try {
      // What is loaded and compiled on the way is no part of an entry.
      await contestant.tell("fill", { first: entries, count: 500 });
      const before = await contestant.tell("memory");
      await contestant.tell("fill", { first: 0, count: entries });
      const after = await contestant.tell("memory");
      const bytes = (after.heap - before.heap) / entries;
      rows.push({ name, cells: { ratio: bytes / kept, bytes, kept } });
    } finally {
      await contestant.end();
    }
  }
  return {
    id: "footprint/memory",
    title: `In memory, ${entries.toLocaleString("en")} entries, prompts of ${promptChars / KB} KB, answers of ${ANSWER_CHARS / KB} KB`,
    columns: COLUMNS,
    rows,
    notes: [PAYLOAD, "All of it ASCII: with one character beyond, an entry takes two bytes a character in memory."],
  };
}

/** Bytes of the texts: those of all questions are about as long, but for the digits of their numbers. */
function payloadOf(size: Size): { readonly entry: number; readonly answer: number } {
  const work = createWorkload(size);
  const request = JSON.parse(work.requestText(1_000));
  const completion = work.completion(1_000);
  return {
    entry: Buffer.byteLength(entryOf(keyOf(request), request, completion)),
    answer: Buffer.byteLength(JSON.stringify(completion)),
  };
}

/** For the floor, which asks for pages of 16 KiB: those of a file that is in WAL mode already stay as they are. */
function makeEmptyFile(directory: string, pageBytes: number): void {
  const database = new DatabaseSync(join(directory, "cache.sqlite"));
  database.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA journal_mode = WAL`);
  database.close();
}

function bytesIn(directory: string): number {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
