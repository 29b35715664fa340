import { closeSync, openSync, readSync } from "node:fs";

/** For the layouts of a `-wal` and of the database header see https://sqlite.org/fileformat.html. */
export const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const HEADER_BYTES = 100;

/**
 * Whether a `-wal` may belong to a file, judged by the file's first page: either the `-wal` contains that page, and a
 * checkpoint has copied it, or the page can be the state before the first transaction in the `-wal`. Closing the file
 * drops the locks that this process has on it (POSIX).
 */
export function walFits(path: string, wal: string): boolean {
  const [file, log] = [openSync(path, "r"), openSync(wal, "r")];
  try {
    const start = read(log, WAL_HEADER_BYTES, 0);
    const pageBytes = start?.readUInt32BE(8) ?? 0;
    const page = pageBytes < HEADER_BYTES ? undefined : read(file, pageBytes, 0);
    return start !== undefined && page !== undefined && fits(page, framesOf(log, pageBytes, start.subarray(16, 24)));
  } finally {
    for (const descriptor of [file, log]) closeSync(descriptor);
  }
}

interface Frame {
  readonly page: number;
  readonly content: Buffer;
  readonly isLastOfTransaction: boolean;
  /** False for a frame from before the last restart of the `-wal`, which was checkpointed. */
  readonly isCurrent: boolean;
}

function* framesOf(log: number, pageBytes: number, salts: Buffer): Generator<Frame> {
  const bytes = FRAME_HEADER_BYTES + pageBytes;
  for (let offset = WAL_HEADER_BYTES; ; offset += bytes) {
    const frame = read(log, bytes, offset);
    if (frame === undefined) return;
    yield {
      page: frame.readUInt32BE(0),
      content: frame.subarray(FRAME_HEADER_BYTES),
      isLastOfTransaction: frame.readUInt32BE(4) !== 0,
      isCurrent: frame.subarray(8, 16).equals(salts),
    };
  }
}

function fits(page: Buffer, frames: Iterable<Frame>): boolean {
  let first: Buffer | undefined;
  let pagesOfFirst = 0;
  let hasFirst = false;
  for (const frame of frames) {
    if (frame.page === 1 && frame.content.equals(page)) return true;
    if (!frame.isCurrent || hasFirst) continue;
    pagesOfFirst += 1;
    if (frame.page === 1) first = frame.content;
    if (!frame.isLastOfTransaction) continue;
    hasFirst = first !== undefined;
    if (!hasFirst) pagesOfFirst = 0;
  }
  return first === undefined || directlyPrecedes(page, first, pagesOfFirst);
}

const changesOf = (page: Buffer): number => page.readUInt32BE(24);
const pagesOf = (page: Buffer): number => page.readUInt32BE(28);
const schemaOf = (page: Buffer): number => page.readUInt32BE(40);

/**
 * Compares two counters, because a file restored from a backup may have the same change counter, but not the same schema
 * cookie.
 */
function directlyPrecedes(page: Buffer, next: Buffer, written: number): boolean {
  const isStep = (steps: number, longest: number): boolean => steps >= 0 && steps <= longest;
  return (
    isStep(changesOf(next) - changesOf(page), 1) &&
    isStep(schemaOf(next) - schemaOf(page), 1) &&
    isStep(pagesOf(next) - pagesOf(page), written)
  );
}

function read(file: number, bytes: number, from: number): Buffer | undefined {
  const buffer = Buffer.alloc(bytes);
  return readSync(file, buffer, 0, bytes, from) === bytes ? buffer : undefined;
}
