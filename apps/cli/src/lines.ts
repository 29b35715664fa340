import { once } from "node:events";
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";

export interface TextLine {
  /** Counted from 1. */
  readonly number: number;
  readonly text: string;
  /** The reason why the line cannot be read. */
  readonly problem?: string;
}

/** Opens the input of a command: a file, or standard input for `-`. */
export async function openInput(path: string): Promise<Readable> {
  if (path === "-") return process.stdin;
  const file = createReadStream(path);
  await once(file, "open");
  return file;
}

/**
 * Yields the lines of a stream that are not blank, without buffering ahead of the reader. Reads gzip, zstd and UTF-16 as well,
 * by their first bytes. A line ends with LF, CR or both.
 */
export async function* linesOf(input: Readable): AsyncGenerator<TextLine, void, undefined> {
  const start = await firstBytes(input);
  const decompress = COMPRESSIONS.find(({ magic }) => start.subarray(0, magic.length).equals(magic))?.decompress;
  const source = decompress === undefined ? input : piped(input, decompress());
  const encoding = decompress === undefined ? encodingOf(start) : "utf-8";
  let number = 0;
  try {
    for await (const line of splitLines(encoding === "utf-8" ? source : inUtf8(source, encoding))) {
      number += 1;
      const read = decoded(line, number);
      if (read.problem !== undefined || read.text.trim() !== "") yield read;
    }
  } catch (error) {
    if (!input.destroyed || input.errored !== null) throw error; // Otherwise nobody wants the rest.
  }
}

const COMPRESSIONS = [
  { magic: Buffer.from([0x1f, 0x8b]), decompress: createGunzip },
  { magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), decompress: createZstdDecompress },
];

const LONGEST_MAGIC = 4;

/** The first bytes of a stream, which it then gives again. */
async function firstBytes(input: Readable): Promise<Buffer> {
  while (!input.readableEnded && !input.destroyed) {
    const chunk: Buffer | null = input.read(LONGEST_MAGIC); // Less at the end alone.
    if (chunk !== null) {
      input.unshift(chunk);
      return chunk;
    }
    await Promise.race(["readable", "end", "close"].map((event) => once(input, event)));
  }
  return Buffer.alloc(0);
}

function piped(input: Readable, through: Readable & NodeJS.WritableStream): Readable {
  input.on("error", (error) => through.destroy(error)).on("close", () => input.readableEnded || through.destroy());
  input.pipe(through);
  return through;
}

function encodingOf(start: Buffer): "utf-8" | "utf-16le" | "utf-16be" {
  if (start[0] === 0xff && start[1] === 0xfe) return "utf-16le";
  return start[0] === 0xfe && start[1] === 0xff ? "utf-16be" : "utf-8";
}

async function* inUtf8(source: Readable, encoding: string): AsyncGenerator<Buffer, void, undefined> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of source) yield Buffer.from(decoder.decode(chunk as Buffer, { stream: true }));
  yield Buffer.from(decoder.decode());
}

const LF = 0x0a;
const CR = 0x0d;

/** Splits at LF, CR, and both together. The parts of a long line are joined once, at its end. */
async function* splitLines(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let parts: Buffer[] = [];
  let endedWithCr = false;
  for await (const chunk of source) {
    let start = endedWithCr && chunk[0] === LF ? 1 : 0;
    endedWithCr = false;
    for (let end = lineEnd(chunk, start); end !== -1; end = lineEnd(chunk, start)) {
      const rest = chunk.subarray(start, end);
      yield parts.length === 0 ? rest : Buffer.concat([...parts, rest]);
      parts = [];
      start = end + 1;
      if (chunk[end] !== CR) continue;
      if (start === chunk.length) endedWithCr = true;
      else if (chunk[start] === LF) start += 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
  if (parts.length > 0) yield Buffer.concat(parts);
}

function lineEnd(chunk: Buffer, start: number): number {
  const lf = chunk.indexOf(LF, start);
  const cr = chunk.subarray(start, lf === -1 ? undefined : lf).indexOf(CR);
  return cr === -1 ? lf : start + cr;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The line as text. Its bytes are never changed silently: what is sent is paid for. The decoder drops a byte-order mark. */
function decoded(bytes: Buffer, number: number): TextLine {
  try {
    return { number, text: utf8.decode(bytes) };
  } catch {
    return { number, text: "", problem: "is not valid UTF-8; save the file as UTF-8" };
  }
}
