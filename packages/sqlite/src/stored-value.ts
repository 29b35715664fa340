import { fromStoredText, toStoredText } from "./stored-text.ts";

/** TEXT, or a BLOB: the same text as a zstd frame (RFC 8878). */
export type StoredValue = string | Uint8Array;

/**
 * What is kept compressed has at most so many bytes of UTF-8, eight times what an entry may have by default; a longer text
 * is kept as it is. So this is all that a frame is ever unpacked to: one of 64 KB may hold 2 GB.
 * @internal
 */
export const LONGEST_COMPRESSED: number = 64 * 1024 * 1024;

export function toStoredValue(value: string, compress: boolean): StoredValue {
  const text = toStoredText(value);
  return compress ? compressed(text) : text;
}

/** Reads both kinds. A BLOB that is no such frame is no text. */
export function fromStoredValue(stored: unknown): string {
  return fromStoredText(stored instanceof Uint8Array ? decompressed(stored) : stored);
}

function compressed(text: string): StoredValue {
  const bytes = Buffer.byteLength(text);
  if (bytes > LONGEST_COMPRESSED) return text;
  const frame = loadZlib().zstdCompressSync(text);
  return frame.length < bytes ? frame : text;
}

function decompressed(frame: Uint8Array): string | undefined {
  try {
    return loadZlib().zstdDecompressSync(frame, { maxOutputLength: LONGEST_COMPRESSED }).toString();
  } catch {
    return undefined;
  }
}

/** Not with the import: it takes milliseconds, and most caches have nothing compressed. */
const loadZlib = (): typeof import("node:zlib") => process.getBuiltinModule("node:zlib");
