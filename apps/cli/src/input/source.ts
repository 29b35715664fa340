import { once } from "node:events";
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";

/** Opens the input of a command: a file, or standard input for `-`. */
export async function openInput(path: string): Promise<Readable> {
  if (path === "-") return process.stdin;
  const file = createReadStream(path);
  await once(file, "open");
  return file;
}

/**
 * Yields the bytes of an input, without buffering ahead of the reader: decompressed (gzip, zstd) and in UTF-8 (from UTF-16), by
 * its first bytes. Ends if the input is destroyed, because no reader wants the rest.
 */
export async function* bytesOf(input: Readable): AsyncGenerator<Buffer, void, undefined> {
  const start = await firstBytes(input);
  const decompress = COMPRESSIONS.find(({ magic }) => start.subarray(0, magic.length).equals(magic))?.decompress;
  const encoding = decompress === undefined ? encodingOf(start) : "utf-8";
  const source = decompress === undefined ? input : piped(input, decompress());
  try {
    yield* encoding === "utf-8" ? (source as AsyncIterable<Buffer>) : inUtf8(source, encoding);
  } catch (error) {
    if (!input.destroyed || input.errored !== null) throw error;
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
    const chunk: Buffer | null = input.read(LONGEST_MAGIC); // It is shorter only at the end.
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
