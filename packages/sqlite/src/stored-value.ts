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

const QUOTE = '"';

/**
 * How a string lies in a TEXT column. Node 22 cuts what it reads at a NUL character, and UTF-8 has no lone surrogates: a
 * string with one of them is kept as its JSON, and so is one that begins like JSON, lest two strings have one text.
 */
export function toStoredText(text: string): string {
  const asItIs = text.isWellFormed() && !text.includes("\0") && !text.startsWith(QUOTE);
  return asItIs ? text : JSON.stringify(text);
}

/**
 * What somebody else has put there is given as it is, and what is no text as the empty one: that it is no entry is for
 * whoever reads entries to say, and a row must not cost a bulk read.
 */
export function fromStoredText(stored: unknown): string {
  if (typeof stored !== "string") return "";
  return stored.startsWith(QUOTE) ? parsed(stored) : stored;
}

function parsed(stored: string): string {
  try {
    return JSON.parse(stored) as string;
  } catch {
    return stored;
  }
}
