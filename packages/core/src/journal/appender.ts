import { closeSync, fstatSync, mkdirSync, openSync, readSync, type Stats, writeSync } from "node:fs";
import { dirname } from "node:path";
import { rotate } from "./rotate.ts";

/** Other processes may rotate the file each time that this one opens it. After the last attempt the file becomes a little too large. */
const MAX_ATTEMPTS = 8;
const BRACE = 0x7b;
const LF = 0x0a;
const NEW_LINE = Buffer.of(LF);

/** Appends whole lines to a file. */
export type Appender = (lines: Uint8Array) => void;

/**
 * Makes an appender for a file that any number of processes append to. It rotates the file before the file becomes larger than
 * `maxBytes`. The kernel separates concurrent writes to a file that was opened for appending. The appender opens the file each
 * time, because an open file may have been rotated since.
 */
export function createAppender(file: string, maxBytes: number): Appender {
  // The file after this process's last write. If it is still the same, no other process has written meanwhile.
  let left = { ino: -1, size: -1 };

  /** Returns whether the lines were written. If not, the path now leads to another file. */
  function append(descriptor: number, lines: Uint8Array, isLastAttempt: boolean): boolean {
    const stats = fstatSync(descriptor);
    const { ino, size } = stats;
    const isOwn = ino === left.ino && size === left.size;
    if (!isOwn) check(descriptor, stats);
    if (size > 0 && size + lines.length > maxBytes && !isLastAttempt && rotate(file, descriptor)) return false;
    // A process that was killed, or a disk that was full, may have left a torn line.
    const isTorn = !isOwn && size > 0 && byteAt(descriptor, size - 1) !== LF;
    writeWhole(descriptor, isTorn ? Buffer.concat([NEW_LINE, lines]) : lines);
    const written = fstatSync(descriptor);
    left = { ino, size: isTorn ? -1 : size + lines.length };
    // Others may have rotated twice meanwhile, and so removed the file.
    return written.nlink > 0 || isLastAttempt;
  }

  return (lines) => {
    for (let attempt = 1; ; attempt += 1) {
      const descriptor = openForAppending(file);
      try {
        if (append(descriptor, lines, attempt === MAX_ATTEMPTS)) return;
      } finally {
        closeSync(descriptor);
      }
    }
  };
}

function check(descriptor: number, stats: Stats): void {
  if (!stats.isFile()) throw new Error("it is not a regular file");
  if (stats.size > 0 && byteAt(descriptor, 0) !== BRACE) throw new Error("it is the file of another program");
}

function openForAppending(file: string): number {
  try {
    return openSync(file, "a+", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    return openSync(file, "a+", 0o600);
  }
}

const one = new Uint8Array(1);

function byteAt(descriptor: number, position: number): number | undefined {
  return readSync(descriptor, one, 0, 1, position) === 1 ? one[0] : undefined;
}

/** If the disk becomes full, the kernel writes only a part. */
function writeWhole(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
}
