import type { JournalCall } from "../observe/journal.ts";
import { beginOf, DIGEST_LENGTH, lineOf, middleOf } from "./journal-line.ts";

/** Lines that wait to be written, as bytes. */
export interface LineBytes {
  /** How many bytes there are. */
  readonly length: number;
  add(call: JournalCall): void;
  /** The lines. They are valid until others are added. */
  take(): Uint8Array;
}

/** Longer than any line that is made of bytes, because names are truncated: see `lineOf`. */
const LONGEST_LINE = 8 * 1024;
const DOT = 0x2e;
const ZERO = 0x30;
const QUOTE = 0x22;
const END = bytesOf("}\n");
const PROMPT = bytesOf(',"prompt_tokens":');
const COMPLETION = bytesOf(',"completion_tokens":');
const MS = bytesOf(',"ms":');
/** Larger numbers have another form, or are not finite. */
const MAX_COUNT = 1e9;

/**
 * Collects lines in a buffer that is reused. The line of a hit is made of bytes, because it delays the caller: as a text it
 * would take twice as long.
 */
export function createLineBytes(): LineBytes {
  let bytes = new Uint8Array(2 * LONGEST_LINE);
  let length = 0;
  let begin = { text: "", bytes: END };
  let middle = { text: "", bytes: END };

  function makeRoom(needed: number): void {
    if (length + needed <= bytes.length) return;
    const larger = new Uint8Array(2 * bytes.length + needed);
    larger.set(bytes.subarray(0, length));
    bytes = larger;
  }
  function put(part: Uint8Array): void {
    bytes.set(part, length);
    length += part.length;
  }
  function putCount(count: number): void {
    let digits = 1;
    for (let power = 10; count >= power; power *= 10) digits += 1;
    let rest = count;
    for (let at = length + digits - 1; at >= length; at--) {
      const next = Math.floor(rest / 10);
      bytes[at] = ZERO + rest - next * 10;
      rest = next;
    }
    length += digits;
  }
  function putHundredths(hundredths: number): void {
    const whole = Math.floor(hundredths / 100);
    const rest = hundredths - whole * 100;
    putCount(whole);
    if (rest === 0) return;
    bytes[length] = DOT;
    bytes[length + 1] = ZERO + Math.floor(rest / 10);
    bytes[length + 2] = ZERO + (rest % 10);
    length += 3;
  }
  function putText(text: string): void {
    for (let at = 0; at < text.length; at++) bytes[length + at] = text.charCodeAt(at);
    length += text.length;
  }

  return {
    get length() {
      return length;
    },
    add(call) {
      const { at, key, tokens, durationMs } = call;
      if (!isUsual(call)) {
        const line = lineOf(call);
        makeRoom(line.length);
        putText(line);
        return;
      }
      makeRoom(LONGEST_LINE);
      const beginText = beginOf(at);
      if (begin.text !== beginText) begin = { text: beginText, bytes: bytesOf(beginText) };
      const middleText = middleOf(call);
      if (middle.text !== middleText) middle = { text: middleText, bytes: bytesOf(middleText) };
      put(begin.bytes);
      bytes[length++] = QUOTE;
      putText(key);
      bytes[length++] = QUOTE;
      put(middle.bytes);
      if (tokens !== undefined) {
        put(PROMPT);
        putCount(tokens.prompt);
        put(COMPLETION);
        putCount(tokens.completion);
      }
      put(MS);
      putHundredths(Math.round(durationMs * 100));
      put(END);
    },
    take() {
      const taken = bytes.subarray(0, length);
      length = 0;
      return taken;
    },
  };
}

/** Whether `lineOf` has nothing to do for the call: it was answered, and its numbers are whole and small. */
function isUsual({ key, tokens, deferred, durationMs, notStored, error }: JournalCall): boolean {
  if (error !== undefined || notStored !== undefined || deferred || key.length !== DIGEST_LENGTH) return false;
  if (!(durationMs >= 0 && durationMs < MAX_COUNT / 100)) return false;
  return tokens === undefined || (isCount(tokens.prompt) && isCount(tokens.completion));
}

const isCount = (count: number): boolean => Number.isInteger(count) && count >= 0 && count < MAX_COUNT;

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}
