import { closeSync, openSync, readSync } from "node:fs";

/** The layouts are those of https://sqlite.org/fileformat.html: of a `-wal`, and of the header that begins the first page. */
export const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const HEADER_BYTES = 100;

/**
 * Whether a file may be the one that this `-wal` was written for, by their first pages: the file's is one that the `-wal`
 * has, and a checkpoint has carried over, or it is what the first transaction has found. To close the file drops the locks
 * that this process may have on it (POSIX).
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
  /** Else it is of the time before the `-wal` was begun anew, and was carried over. */
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

/** Where a file is restored from a backup, the number of its schema is another one; that of changes may be the same. */
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
