/** TEXT, or a BLOB with the same text as a zstd frame (RFC 8878). */
export type StoredValue = string | Uint8Array;

/**
 * The longest text, in bytes of UTF-8, that is compressed: eight times the default limit of an entry. A longer text is
 * stored uncompressed. It also bounds decompression, because a frame of 64 KB can expand to 2 GB.
 * @internal
 */
export const LONGEST_COMPRESSED: number = 64 * 1024 * 1024;

export function toStoredValue(value: string, compress: boolean): StoredValue {
  const text = toStoredText(value);
  return compress ? compressed(text) : text;
}

/** Reads both kinds. A BLOB that is not such a frame reads as the empty string. */
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

/** Loaded on first use: it takes milliseconds, and most caches hold nothing compressed. */
const loadZlib = (): typeof import("node:zlib") => process.getBuiltinModule("node:zlib");

const QUOTE = '"';

/**
 * Encodes a string for a TEXT column. Node 22 truncates text at a NUL character, and UTF-8 cannot encode lone
 * surrogates, so a string with either is stored as JSON. So is one that begins like JSON, to keep the encoding
 * unambiguous.
 */
export function toStoredText(text: string): string {
  const isPlain = text.isWellFormed() && !text.includes("\0") && !text.startsWith(QUOTE);
  return isPlain ? text : JSON.stringify(text);
}

/**
 * Decodes a TEXT column. Text from another writer is returned unchanged, and anything else than text as the empty
 * string: the caller that decodes entries rejects both, and one bad row must not fail a bulk read.
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
