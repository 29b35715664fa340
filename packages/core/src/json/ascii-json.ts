/**
 * JSON that is being written as ASCII bytes. Other characters are escaped, and so is DEL, as Python does. It has a buffer of its own,
 * because joining a long string of pieces and encoding it copies everything twice (`apps/bench/findings.md`).
 */
export interface AsciiJson {
  /** The bytes so far, and how many of the buffer they are. */
  bytes: Buffer;
  length: number;
  /** The text that follows them. */
  pending: string;
}

/** The size of the first buffer, and the largest that one text leaves to the next. */
const FIRST_BYTES = 128 * 1024;
const MAX_SPARE_BYTES = 1024 * 1024;

let spare: Buffer | undefined;

export function startJson(): AsciiJson {
  const bytes = spare ?? Buffer.allocUnsafeSlow(FIRST_BYTES);
  spare = undefined; // Another text may be started before this one is finished.
  return { bytes, length: 0, pending: "" };
}

/** Passes the bytes to `use` and returns its result. The buffer is reused after `use` returns; do not retain it. */
export function finishJson<T>(json: AsciiJson, use: (bytes: Buffer) => T): T {
  flush(json);
  const result = use(json.bytes.subarray(0, json.length));
  if (json.bytes.length <= MAX_SPARE_BYTES) spare = json.bytes;
  return result;
}

/** Adds JSON that is ASCII already. */
export function addJson(json: AsciiJson, piece: string): void {
  json.pending += piece;
}

/** A longer text is written at once: concatenated with others, it would be copied once more. */
const LONG = 2_048;
/** The most characters that are quoted at once. V8 quotes a text five times as slowly if its JSON is a large object of the heap. */
const BLOCK = 32_768;

/** Adds the JSON of a text. */
export function addText(json: AsciiJson, text: string): void {
  if (text.length < LONG && fitsAsAscii(json, text)) {
    addJson(json, isBare(text) ? `"${text}"` : JSON.stringify(text));
    return;
  }
  addJson(json, '"');
  flush(json);
  if (text.length < LONG) writeEscaped(json, text);
  else writeBlocks(json, text);
  addJson(json, '"');
}

function writeBlocks(json: AsciiJson, text: string): void {
  reserve(json, text.length + CHARACTER);
  // The halves of a surrogate pair are escaped alike in one block and in two.
  for (let start = 0; start < text.length; start += BLOCK) writeBlock(json, text.slice(start, start + BLOCK));
}

function writeBlock(json: AsciiJson, block: string): void {
  if (!fitsAsAscii(json, block)) writeEscaped(json, block);
  else if (isBare(block)) json.length += block.length;
  else write(json, JSON.stringify(block).slice(1, -1));
}

/** The most bytes of a character. */
const CHARACTER = 4;

/**
 * Whether a text is ASCII without DEL. Writes it behind the bytes so far, which is faster than `Buffer.byteLength`: beyond ASCII a text
 * takes more bytes than it has units, and there is room for any character more.
 */
function fitsAsAscii(json: AsciiJson, text: string): boolean {
  reserve(json, text.length + CHARACTER);
  return json.bytes.write(text, json.length) === text.length && !text.includes(DEL);
}

const DEL = "\x7f";

/** Whether a text is ASCII without DEL. */
export function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length && !text.includes(DEL);
}

/** Whether JSON escapes nothing in an ASCII text. The check takes half as long as `JSON.stringify`. */
function isBare(text: string): boolean {
  return !text.includes('"') && !text.includes("\\") && !CONTROL.test(text);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern looks for them.
const CONTROL = /[\0-\x1f]/;

function flush(json: AsciiJson): void {
  write(json, json.pending);
  json.pending = "";
}

function write(json: AsciiJson, piece: string): void {
  reserve(json, piece.length);
  json.length += json.bytes.write(piece, json.length, "latin1");
}

/** UTF-16 units are read faster from bytes than from a string. */
const block = Buffer.alloc(BLOCK * 2);
const units = new DataView(block.buffer, block.byteOffset, block.length);

function writeEscaped(json: AsciiJson, text: string): void {
  reserve(json, text.length * "\\u0000".length);
  const { bytes } = json;
  let { length } = json;
  const end = block.write(text, "utf16le");
  for (let at = 0; at < end; at += 2) {
    const unit = units.getUint16(at, true);
    if (unit >= 0x20 && unit < 0x7f && unit !== QUOTE && unit !== BACKSLASH) bytes[length++] = unit;
    else length = writeEscape(bytes, length, unit);
  }
  json.length = length;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const HEX = Buffer.from("0123456789abcdef");
/** What follows the backslash, by the unit that is escaped. 0 for those that are written as a number. */
const LETTERS = new Uint8Array(BACKSLASH + 1);
for (const [unit, letter] of ['""', "\\\\", "\bb", "\ff", "\nn", "\rr", "\tt"].map((pair) => Buffer.from(pair))) {
  LETTERS[unit!] = letter!;
}

/** Returns the length with the escape. */
function writeEscape(bytes: Buffer, length: number, unit: number): number {
  bytes[length] = BACKSLASH;
  const letter = unit <= BACKSLASH ? LETTERS[unit]! : 0;
  if (letter !== 0) {
    bytes[length + 1] = letter;
    return length + 2;
  }
  bytes[length + 1] = LETTER_U;
  bytes[length + 2] = HEX[unit >> 12]!;
  bytes[length + 3] = HEX[(unit >> 8) & 15]!;
  bytes[length + 4] = HEX[(unit >> 4) & 15]!;
  bytes[length + 5] = HEX[unit & 15]!;
  return length + 6;
}

function reserve(json: AsciiJson, bytes: number): void {
  const needed = json.length + bytes;
  if (needed <= json.bytes.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * json.bytes.length));
  json.bytes.copy(larger, 0, 0, json.length);
  json.bytes = larger;
}
