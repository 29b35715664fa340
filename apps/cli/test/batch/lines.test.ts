import { Readable } from "node:stream";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { collect } from "@remem/test-support/collect";
import { describe, expect, test } from "vitest";
import { linesOf } from "../../src/input/lines.ts";
import { bytesOf } from "../../src/input/source.ts";
import { question, workspace } from "../support/remem.ts";

/** The lines of these bytes, however they arrive. */
async function read(bytes: Uint8Array, chunk = bytes.length): Promise<Array<[number, string]>> {
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += chunk) chunks.push(bytes.subarray(start, start + chunk));
  const lines = await collect(linesOf(bytesOf(Readable.from(chunks, { objectMode: false }))));
  return lines.map(({ number, text, problem }) => [number, problem ?? text]);
}
const utf8 = (text: string) => Buffer.from(text);

describe.each([1, 2, 3, 7, 1_000])("in chunks of %d bytes,", (chunk) => {
  test.each<[string, Uint8Array, Array<[number, string]>]>([
    [
      "LF",
      utf8("a\n\nb\n"),
      [
        [1, "a"],
        [3, "b"],
      ],
    ],
    [
      "CR LF",
      utf8("a\r\n\r\nb\r\n"),
      [
        [1, "a"],
        [3, "b"],
      ],
    ],
    [
      "CR alone",
      utf8("a\r\rb\r"),
      [
        [1, "a"],
        [3, "b"],
      ],
    ],
    [
      "no end",
      utf8("a\nb"),
      [
        [1, "a"],
        [2, "b"],
      ],
    ],
    [
      "a byte-order mark",
      utf8("\ufeffa\nb"),
      [
        [1, "a"],
        [2, "b"],
      ],
    ],
    [
      "U+2028 and NUL inside of a line",
      utf8("a\u2028b\0\nc"),
      [
        [1, "a\u2028b\0"],
        [2, "c"],
      ],
    ],
    [
      "UTF-16 little endian",
      Buffer.from("\ufeffä\r\n😀\n", "utf16le"),
      [
        [1, "ä"],
        [2, "😀"],
      ],
    ],
    [
      "UTF-16 big endian",
      Buffer.from("\ufeffä\n😀", "utf16le").swap16(),
      [
        [1, "ä"],
        [2, "😀"],
      ],
    ],
    [
      "gzip",
      gzipSync("ä\nb\n"),
      [
        [1, "ä"],
        [2, "b"],
      ],
    ],
    [
      "zstd",
      zstdCompressSync("ä\nb\n"),
      [
        [1, "ä"],
        [2, "b"],
      ],
    ],
    ["nothing", utf8(""), []],
    ["blanks", utf8(" \n\t\n"), []],
    [
      "a line that is not UTF-8",
      Buffer.concat([utf8("a\n"), Buffer.from([0x22, 0xff, 0xfe, 0x22, 0x0a]), utf8("é\n")]),
      [
        [1, "a"],
        [2, "is not valid UTF-8; save the file as UTF-8"],
        [3, "é"],
      ],
    ],
  ])("%s is read", async (_, bytes, lines) => {
    expect(await read(bytes, chunk)).toEqual(lines);
  });
});

test("a line that is not UTF-8 is an error record in its place, and is not sent", async () => {
  const { remem, server } = await workspace();
  const bad = Buffer.concat([
    utf8('{"messages":[{"role":"user","content":"caf'),
    Buffer.from([0xe9]),
    utf8(`"}]}\n${JSON.stringify(question("fine"))}\n`),
  ]);
  const { status, out } = await remem(["batch", "-"], bad as unknown as string);
  expect(status).toBe(1);
  const [first, second] = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(first.error.message).toBe("Line 1 is not valid UTF-8; save the file as UTF-8.");
  expect(second.response).toContain("fine");
  expect(server.calls).toBe(1);
});

test("a compressed input is answered, also through standard input", async () => {
  const { remem } = await workspace();
  const { status, out } = await remem(["batch", "-"], gzipSync(JSON.stringify(question("Hi"))) as unknown as string);
  expect(status).toBe(0);
  expect(JSON.parse(out).response).toContain("Hi");
});
