import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { joinEntry } from "@remem/core/plugin";
import type { Bench, Plans } from "../bench.ts";
import { entryOf, keyOf } from "../contestants/floor.ts";
import { CONTESTANTS } from "../contestants.ts";
import { withContestants } from "../harness/contestant-process.ts";
import { keepAnswers } from "../harness/keep-answers.ts";
import type { Aim, Row, Table } from "../report/table.ts";
import type { Scenario } from "../scenario.ts";
import { createWorkload, KB, type Size, textOfSize, USUAL } from "../workload.ts";

interface Plan {
  readonly onDisk: number;
  readonly inMemory: number;
  /** Whether files whose entries all have one length are measured, too. */
  readonly uniform: boolean;
}

const PLANS: Plans<Plan> = {
  full: { onDisk: 5_000, inMemory: 20_000, uniform: true },
  quick: { onDisk: 300, inMemory: 1_000, uniform: false },
  least: { onDisk: 10, inMemory: 10, uniform: false },
};

const SPREAD: Size = { promptChars: [0.3 * KB, 30 * KB], answerChars: [0.2 * KB, 4 * KB] };
const UNIFORM: readonly Size[] = [USUAL, { promptChars: 20 * KB, answerChars: 2 * KB }];

const PAYLOAD = "The payload is the text of an entry: the whole answer and the request, with digests and key.";
const COLUMNS = {
  ratio: { title: "x payload" },
  bytes: { title: "bytes an entry", digits: 0 },
  kept: { title: "payload", digits: 0 },
};

export const footprint: Scenario = {
  id: "footprint",
  about: "the size of an entry on disk and in memory, compared to the size of its text",
  async *run(bench) {
    yield await onDisk(bench, "spread", SPREAD, {
      aims: [
        { row: "remem", column: "ratio", most: 1.2 },
        { row: "remem, compressed", column: "ratio", most: 0.6 },
      ],
      notes: ["The logarithms of the lengths are evenly distributed: half of the prompts are shorter than 3 KB."],
    });
    for (const size of PLANS[bench.effort].uniform ? UNIFORM : []) {
      yield await onDisk(bench, `${Number(size.promptChars) / KB}KB`, size, {
        aims: [],
        notes: ["There are no aims here, because it is luck how many entries of one length fit into a page."],
      });
    }
    yield await inMemory(bench, USUAL);
  },
};

async function onDisk(
  bench: Bench,
  id: string,
  size: Size,
  { aims, notes }: { readonly aims: readonly Aim[]; readonly notes: readonly string[] },
): Promise<Table> {
  const entries = PLANS[bench.effort].onDisk;
  const payload = payloadOf(size, entries);
  const smallPages = bench.directory();
  makeEmptyFile(smallPages, 4_096);
  bench.progress(`footprint, ${id}`);
  const rows = await Promise.all(
    [
      { name: "floor, pages of 4 KiB", id: "floor", kept: payload.entry, directory: smallPages },
      { name: "floor, pages of 16 KiB", id: "floor", kept: payload.entry },
      { name: "remem", id: "remem", kept: payload.entry },
      { name: "remem, compressed", id: "remem-compressed", kept: payload.entry },
      { name: CONTESTANTS.sqlite.keyv, id: "keyv", kept: payload.answer },
    ].map(async ({ name, kept, ...opening }): Promise<Row> => {
      const directory = await keepAnswers(bench, { tier: "sqlite", size, ...opening }, entries);
      const bytes = bytesIn(directory) / entries;
      return { name, cells: { ratio: bytes / kept, bytes, kept } };
    }),
  );
  return {
    id: `footprint/disk/${id}`,
    title: `On disk, ${entries.toLocaleString("en")} entries, ${textOfSize(size)}`,
    columns: COLUMNS,
    rows,
    aims,
    notes: [
      ...notes,
      PAYLOAD,
      "Keyv stores only the answer.",
      "The texts are English, excerpts of pages of this repository.",
    ],
  };
}

function inMemory(bench: Bench, size: Size): Promise<Table> {
  const entries = PLANS[bench.effort].inMemory;
  const kept = payloadOf(size, entries).entry;
  const openings = new Map([
    ["a Map", { tier: "memory", id: "floor", size } as const],
    ["remem, memoryStore", { tier: "memory", id: "remem", size } as const],
  ]);
  bench.progress("footprint, memory");
  return withContestants(bench, openings, async (contestants) => ({
    id: "footprint/memory",
    title: `In memory, ${entries.toLocaleString("en")} entries, ${textOfSize(size)}`,
    columns: COLUMNS,
    rows: await Promise.all(
      Array.from(contestants, async ([name, contestant]): Promise<Row> => {
        // Code that is loaded and compiled on the way does not count.
        await contestant.tell("fill", { first: entries, count: 500 });
        const before = await contestant.tell("heapBytes");
        await contestant.tell("fill", { first: 0, count: entries });
        const bytes = ((await contestant.tell("heapBytes")) - before) / entries;
        return { name, cells: { ratio: bytes / kept, bytes, kept } };
      }),
    ),
    notes: [
      PAYLOAD,
      "The texts are ASCII. A single character beyond ASCII makes an entry take two bytes per character in memory.",
    ],
  }));
}

/** The mean sizes of the text of an entry and of its answer, in bytes. */
function payloadOf(size: Size, entries: number): { readonly entry: number; readonly answer: number } {
  const work = createWorkload(size);
  const sum = { entry: 0, answer: 0 };
  for (let index = 0; index < entries; index++) {
    const request = JSON.parse(work.requestText(index));
    const completion = work.completion(index);
    sum.entry += Buffer.byteLength(joinEntry(entryOf(keyOf(request), request, completion)));
    sum.answer += Buffer.byteLength(JSON.stringify(completion));
  }
  return { entry: sum.entry / entries, answer: sum.answer / entries };
}

/** Sets the page size for the floor, which asks for 16 KiB: a file that is already in WAL mode keeps its own. */
function makeEmptyFile(directory: string, pageBytes: number): void {
  const database = new DatabaseSync(join(directory, "cache.sqlite"));
  database.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA journal_mode = WAL`);
  database.close();
}

function bytesIn(directory: string): number {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
