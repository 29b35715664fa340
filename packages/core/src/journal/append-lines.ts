import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { rotate } from "./rotate.ts";

/** Other processes may rotate as fast as this one opens. Then the file becomes a little larger than it should. */
const MAX_ATTEMPTS = 8;
const BRACE = 0x7b;
const LF = 0x0a;
const NEW_LINE = Buffer.of(LF);

/**
 * Appends whole lines of ASCII to a file that any number of processes append to, and rotates it before it becomes larger than
 * `maxBytes`. The kernel keeps writes to a file that was opened for appending apart. The file is opened each time, because a
 * file that was opened earlier may have been rotated since.
 */
export function appendLines(file: string, lines: string, maxBytes: number): void {
  const bytes = Buffer.from(lines, "latin1");
  for (let attempt = 1; ; attempt += 1) {
    const descriptor = openForAppending(file);
    try {
      const stats = fstatSync(descriptor);
      if (!stats.isFile()) throw new Error("it is not a regular file");
      const { size } = stats;
      if (size > 0 && byteAt(descriptor, 0) !== BRACE) throw new Error("it is the file of another program");
      const isFull = size > 0 && size + bytes.length > maxBytes;
      if (isFull && attempt < MAX_ATTEMPTS && rotate(file, descriptor)) continue;
      // A process that was killed, or a disk that was full, may have left a torn line.
      const isTorn = size > 0 && byteAt(descriptor, size - 1) !== LF;
      writeWhole(descriptor, isTorn ? Buffer.concat([NEW_LINE, bytes]) : bytes);
      // Others may have rotated twice meanwhile, and so removed the file.
      if (attempt < MAX_ATTEMPTS && fstatSync(descriptor).nlink === 0) continue;
      return;
    } finally {
      closeSync(descriptor);
    }
  }
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

/** The kernel writes only a part where the disk becomes full. */
function writeWhole(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
}
