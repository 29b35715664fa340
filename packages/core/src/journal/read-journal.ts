import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { invalidOption } from "../errors/errors.ts";
import type { JournalCall } from "../observe/journal.ts";
import { callIn } from "./journal-line.ts";

/** The calls of a journal, the oldest first: those of `<file>.1`, then those of the file. */
export interface JournalReader extends AsyncIterable<JournalCall> {
  /** The number of lines so far that are torn, or come from another program. */
  readonly skipped: number;
}

/** Longer lines are not ours. */
const MAX_LINE = 16 * 1024;
const CHUNK_BYTES = 256 * 1024;

/**
 * Reads a journal in a file, as it is when the reading begins, without holding it in memory. Lines are almost in the order of
 * their times: a process writes a few at once.
 * @throws {RememError} with code `INVALID_OPTION` when the reading begins, if there is no file
 */
export function readJournal(file: string): JournalReader {
  let skipped = 0;

  async function* callsIn(part: Part): AsyncGenerator<JournalCall, void, undefined> {
    if (part.size === 0) return;
    const options = { encoding: "utf8", end: part.size - 1, highWaterMark: CHUNK_BYTES, autoClose: false } as const;
    let rest = "";
    for await (const chunk of part.handle.createReadStream(options)) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!.slice(0, MAX_LINE);
      for (const line of lines) {
        const call = read(line);
        if (call !== undefined) yield call;
      }
    }
    const last = read(rest);
    if (last !== undefined) yield last;
  }
  function read(line: string): JournalCall | undefined {
    if (line === "") return undefined;
    const call = callIn(line);
    if (call === undefined) skipped += 1;
    return call;
  }

  return {
    get skipped() {
      return skipped;
    },
    async *[Symbol.asyncIterator]() {
      const parts = await openParts(file);
      try {
        for (const part of parts) yield* callsIn(part);
      } finally {
        await Promise.all(parts.map(({ handle }) => handle.close()));
      }
    },
  };
}

interface Part {
  readonly handle: FileHandle;
  readonly size: number;
  readonly inode: bigint;
}

/**
 * The older file, and the newer one. The newer one is opened first: if it is rotated in between, both are the same file, which
 * is read once.
 */
async function openParts(file: string): Promise<Part[]> {
  const newer = await openPart(file);
  const older = await openPart(`${file}.1`);
  if (newer === undefined && older === undefined) {
    throw invalidOption("readJournal", "file", `the path of a journal. There is none at ${file}`);
  }
  if (newer !== undefined && newer.inode === older?.inode) {
    await older.handle.close();
    return [newer];
  }
  return [older, newer].filter((part) => part !== undefined);
}

async function openPart(file: string): Promise<Part | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const { size, ino } = await handle.stat({ bigint: true });
  return { handle, size: Number(size), inode: ino };
}
