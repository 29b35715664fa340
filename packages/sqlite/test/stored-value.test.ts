import { zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import {
  fromStoredText,
  fromStoredValue,
  LONGEST_COMPRESSED,
  toStoredText,
  toStoredValue,
} from "../src/stored-value.ts";

const repetitive = (text: string) => text.repeat(200);

test.each([
  ["ASCII", "The answer is 42.\n"],
  ["more than Latin", "é 日本 😀 "],
  ["a NUL character", "a\0b"],
  ["a lone surrogate", "\ud800"],
  ["a quote at its beginning", '"a\\u0000b"'],
  ["a byte order mark", "\ufeffa"],
])("a text that gets smaller is stored as a zstd frame, and is restored, with %s in it", (_, text) => {
  const value = repetitive(text);
  const stored = toStoredValue(value, true);
  expect(stored).toBeInstanceOf(Uint8Array);
  expect([...stored.slice(0, 4)]).toEqual([0x28, 0xb5, 0x2f, 0xfd]);
  expect(stored.length).toBeLessThan(Buffer.byteLength(value) / 2);
  expect(fromStoredValue(stored)).toBe(value);
});

test("a text that does not get smaller is stored uncompressed, as is any without compression", () => {
  const dense = "0123456789abcdefghijklmnopqrstuvwxyz";
  for (const value of ["", "a", dense, "a\0b"]) expect(toStoredValue(value, true)).toBe(toStoredValue(value, false));
  expect(toStoredValue(repetitive(dense), false)).toBe(repetitive(dense));
});

test("a text above the decompression limit, measured in UTF-8, is stored uncompressed", () => {
  for (const value of ["a".repeat(LONGEST_COMPRESSED + 1), "é".repeat(LONGEST_COMPRESSED / 2 + 1)]) {
    // Not a matcher: reporting the difference would take longer than the test.
    expect(toStoredValue(value, true) === value).toBe(true);
  }
  const longest = "a".repeat(LONGEST_COMPRESSED);
  const stored = toStoredValue(longest, true);
  expect(stored).toBeInstanceOf(Uint8Array);
  expect(fromStoredValue(stored) === longest).toBe(true);
});

test("a BLOB that is not a frame, is truncated or expands too far reads as the empty string", () => {
  const frame = zstdCompressSync(repetitive("The answer is 42.\n"));
  const tooMuch = zstdCompressSync(Buffer.alloc(LONGEST_COMPRESSED + 1, "a"));
  expect(tooMuch.length).toBeLessThan(10_000);
  const blobs = [new Uint8Array(), Buffer.from("remem/1 "), frame.subarray(0, -9), frame.subarray(4), tooMuch];
  expect(blobs.map(fromStoredValue)).toEqual(blobs.map(() => ""));
});

const texts = [
  "",
  "remem/1 plain",
  "é 日本 😀",
  "a\0b",
  "\0",
  "\ud800",
  "\udc00 lone",
  '"',
  '"a\\u0000b"',
  '"\\ud800"',
  JSON.stringify(JSON.stringify("a\0b")),
];

test("every string is restored, and no two have the same encoding", () => {
  const stored = texts.map(toStoredText);
  expect(stored.map(fromStoredText)).toEqual(texts);
  expect(new Set(stored).size).toBe(texts.length);
});

test("the encoding has no NUL character and no lone surrogate, and is the string itself if that has none", () => {
  for (const stored of texts.map(toStoredText)) {
    expect(stored.includes("\0")).toBe(false);
    expect(stored.isWellFormed()).toBe(true);
  }
  expect(toStoredText("é 日本 😀")).toBe("é 日本 😀");
});

test("text from another writer is returned unchanged, and anything else as the empty string", () => {
  expect(['"half', '"a" and more'].map(fromStoredText)).toEqual(['"half', '"a" and more']);
  expect([null, 7, 7n, new Uint8Array([104, 105])].map(fromStoredText)).toEqual(["", "", "", ""]);
});
