/**
 * JSON being written as ASCII bytes: the bytes so far, and the text that follows them. It is a buffer of our own because
 * joining a long string of pieces and encoding it copies everything twice (`apps/bench/findings.md`).
 */
export interface AsciiJson {
  bytes: Buffer;
  length: number;
  pending: string;
}

/** A longer piece is written at once: concatenated with others, it would be copied once more. */
const LONG = 2_048;
/** The size of the first buffer, and the largest that one text leaves to the next. */
const FIRST_BYTES = 128 * 1024;
const MAX_SPARE_BYTES = 1024 * 1024;

let spare: Buffer | undefined;

export function startJson(): AsciiJson {
  const bytes = spare ?? Buffer.allocUnsafeSlow(FIRST_BYTES);
  spare = undefined; // Another text may be started before this one is finished.
  return { bytes, length: 0, pending: "" };
}

/** Adds output of `JSON.stringify`, or punctuation. Escapes what is beyond ASCII, and DEL, as Python does. */
export function addJson(json: AsciiJson, piece: string): void {
  if (piece.length < LONG) {
    json.pending += piece;
    return;
  }
  flush(json);
  write(json, piece);
}

/** Returns what `use` makes of the bytes. The buffer is reused after `use` returns; do not retain it. */
export function finishJson<T>(json: AsciiJson, use: (bytes: Buffer) => T): T {
  flush(json);
  const result = use(json.bytes.subarray(0, json.length));
  if (json.bytes.length <= MAX_SPARE_BYTES) spare = json.bytes;
  return result;
}

function flush(json: AsciiJson): void {
  write(json, json.pending);
  json.pending = "";
}

function write(json: AsciiJson, piece: string): void {
  // There is room for one character more, so text beyond ASCII is told by its taking more bytes than it has units.
  reserve(json, piece.length + 3);
  const written = json.bytes.write(piece, json.length);
  if (written === piece.length && !piece.includes("\x7f")) json.length += written;
  else writeEscaped(json, piece);
}

const BLOCK = 4_096;
/** UTF-16 units are read faster from bytes than from a string. */
const block = Buffer.alloc(BLOCK * 2);
const units = new DataView(block.buffer, block.byteOffset, block.length);
const HEX = Buffer.from("0123456789abcdef");

function writeEscaped(json: AsciiJson, piece: string): void {
  reserve(json, piece.length * "\\u0000".length);
  const { bytes } = json;
  let { length } = json;
  for (let start = 0; start < piece.length; start += BLOCK) {
    const end = block.write(piece.slice(start, start + BLOCK), "utf16le");
    for (let at = 0; at < end; at += 2) {
      const unit = units.getUint16(at, true);
      if (unit < 0x7f) {
        bytes[length++] = unit;
      } else {
        bytes[length++] = 0x5c; // \
        bytes[length++] = 0x75; // u
        bytes[length++] = HEX[unit >> 12]!;
        bytes[length++] = HEX[(unit >> 8) & 15]!;
        bytes[length++] = HEX[(unit >> 4) & 15]!;
        bytes[length++] = HEX[unit & 15]!;
      }
    }
  }
  json.length = length;
}

/** Makes room for this many bytes more. */
export function reserve(json: AsciiJson, bytes: number): void {
  const needed = json.length + bytes;
  if (needed <= json.bytes.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * json.bytes.length));
  json.bytes.copy(larger, 0, 0, json.length);
  json.bytes = larger;
}
