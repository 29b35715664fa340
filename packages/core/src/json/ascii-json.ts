/** JSON on its way to ASCII bytes: those that are written, and the text that comes behind them. */
export interface AsciiJson {
  bytes: Buffer;
  length: number;
  pending: string;
}

/** From here on a piece is written at once: put together with others, it would be copied once more. */
const LONG = 2_048;
/** What one text leaves to the next. */
const SPARE_BYTES = 128 * 1024;

let spare: Buffer | undefined;

export function startJson(): AsciiJson {
  const bytes = spare ?? Buffer.allocUnsafeSlow(SPARE_BYTES);
  spare = undefined; // Another text may be begun before this one is finished.
  return { bytes, length: 0, pending: "" };
}

/** Adds what `JSON.stringify` has written, or marks of JSON. Escapes what the former leaves beyond ASCII, and DEL, as Python does. */
export function addJson(json: AsciiJson, piece: string): void {
  if (piece.length < LONG) {
    json.pending += piece;
    return;
  }
  flush(json);
  write(json, piece);
}

/** What `use` makes of the bytes, which are another's afterwards. */
export function finishJson<T>(json: AsciiJson, use: (bytes: Buffer) => T): T {
  flush(json);
  const result = use(json.bytes.subarray(0, json.length));
  if (json.bytes.length === SPARE_BYTES) spare = json.bytes;
  return result;
}

function flush(json: AsciiJson): void {
  write(json, json.pending);
  json.pending = "";
}

function write(json: AsciiJson, piece: string): void {
  // With room for a character more, text beyond ASCII takes more bytes than it has units.
  reserve(json, piece.length + 3);
  const written = json.bytes.write(piece, json.length);
  if (written === piece.length && !piece.includes("\x7f")) json.length += written;
  else writeEscaped(json, piece);
}

const BLOCK = 4_096;
/** UTF-16, which is read faster from bytes than from a string. */
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

function reserve(json: AsciiJson, bytes: number): void {
  const needed = json.length + bytes;
  if (needed <= json.bytes.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * json.bytes.length));
  json.bytes.copy(larger, 0, 0, json.length);
  json.bytes = larger;
}
