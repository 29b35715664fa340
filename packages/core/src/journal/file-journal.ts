import { resolve } from "node:path";
import { checkCount, checkOptions } from "../errors/check-options.ts";
import { invalidOption, messageOf } from "../errors/errors.ts";
import type { Journal, JournalCall } from "../observe/journal.ts";
import { createAppender } from "./appender.ts";
import { createLineBytes } from "./line-bytes.ts";

/** A journal in a file. */
export interface FileJournal extends Journal {
  /** Writes the remaining lines. */
  close(): Promise<void>;
}

/** The options of `fileJournal`. */
export interface FileJournalOptions {
  /** The path of the file. It and its directory are created if they do not exist, for this user alone. */
  readonly file: string;
  /**
   * The size in bytes at which the file is renamed to `<file>.1`, in place of an earlier one, and a new one begins. 64 MiB by
   * default, some 350,000 calls.
   */
  readonly maxBytes?: number | undefined;
}

const OPTIONS = { file: true, maxBytes: true } as const satisfies Record<keyof FileJournalOptions, true>;

const MIB = 1024 * 1024;
const LEAST_BYTES = 64 * 1024;
/**
 * Lines are written together, when they have this many bytes or after a while: opening the file takes as long as writing the
 * lines of 60 hits.
 */
const BYTES_TOGETHER = 240 * 1024;
const FLUSH_MS = 200;

/**
 * Creates a journal that appends a line of JSON for each call to a file, without prompts and answers. Any number of journals,
 * in this process and in others, may write to one file. It writes lines in the background and when the process ends, but not
 * when the process is killed. If it cannot write lines, it drops them, with one process warning. A call never fails for that
 * reason.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function fileJournal(options: FileJournalOptions): FileJournal {
  checkOptions("fileJournal", options, OPTIONS);
  const { file, maxBytes = 64 * MIB } = options;
  if (typeof file !== "string" || file === "" || file.includes("\0")) {
    throw invalidOption("fileJournal", "file", "the path of a file");
  }
  checkCount("fileJournal", "maxBytes", maxBytes, LEAST_BYTES);
  const path = resolve(file);
  let writer: Writer | undefined;
  let isClosed = false;
  return {
    specVersion: 1,
    record(call) {
      writer ??= openWriter(path, maxBytes);
      writer.write(call);
      if (isClosed) writer = closeWriter(writer);
    },
    async close() {
      isClosed = true;
      if (writer !== undefined) writer = closeWriter(writer);
    },
  };
}

/** Collects lines for a file. Journals of one file and size share it. */
interface Writer {
  readonly id: string;
  /** The number of open journals. */
  users: number;
  write(call: JournalCall): void;
  flush(): void;
}

const writers = new Map<string, Writer>();

function openWriter(file: string, maxBytes: number): Writer {
  const id = `${maxBytes} ${file}`;
  if (writers.size === 0) process.on("exit", flushAll);
  const writer = writers.get(id) ?? createWriter(id, file, maxBytes);
  writers.set(id, writer);
  writer.users += 1;
  return writer;
}

function closeWriter(writer: Writer): undefined {
  writer.flush();
  writer.users -= 1;
  if (writer.users > 0) return;
  writers.delete(writer.id);
  if (writers.size === 0) process.off("exit", flushAll);
}

function flushAll(): void {
  for (const writer of writers.values()) writer.flush();
}

function createWriter(id: string, file: string, maxBytes: number): Writer {
  const append = createAppender(file, maxBytes);
  const together = Math.min(BYTES_TOGETHER, maxBytes - 4 * 1024);
  const lines = createLineBytes();
  let isScheduled = false;
  let hasBegun = false;
  let isWarned = false;

  function flush(): void {
    if (lines.length === 0) return;
    try {
      append(lines.take());
      isWarned = false;
    } catch (error) {
      if (!isWarned) warn(file, error);
      isWarned = true;
    }
  }
  function tick(): void {
    isScheduled = false;
    flush();
  }
  return {
    id,
    users: 0,
    write(call) {
      lines.add(call);
      // The first line is written at once, so that the process can still warn of a wrong path.
      if (!hasBegun || lines.length >= together) flush();
      else if (!isScheduled) {
        isScheduled = true;
        setTimeout(tick, FLUSH_MS).unref();
      }
      hasBegun = true;
    },
    flush,
  };
}

function warn(file: string, error: unknown): void {
  process.emitWarning(`The journal ${file} cannot be written, so calls are not recorded: ${messageOf(error)}`, {
    type: "RememWarning",
    code: "REMEM_JOURNAL",
  });
}
