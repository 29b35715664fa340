import { expect, test } from "vitest";
import { fromStoredText, toStoredText } from "../src/stored-text.ts";

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

test("every string comes back, and no two have the same text", () => {
  const stored = texts.map(toStoredText);
  expect(stored.map(fromStoredText)).toEqual(texts);
  expect(new Set(stored).size).toBe(texts.length);
});

test("what is stored has no NUL character and no lone surrogate, and is the string itself where that has none", () => {
  for (const stored of texts.map(toStoredText)) {
    expect(stored.includes("\0")).toBe(false);
    expect(stored.isWellFormed()).toBe(true);
  }
  expect(toStoredText("é 日本 😀")).toBe("é 日本 😀");
});

test("what nobody here has stored is given as it is, and what is no text as the empty one", () => {
  expect(['"half', '"a" and more'].map(fromStoredText)).toEqual(['"half', '"a" and more']);
  expect([null, 7, 7n, new Uint8Array([104, 105])].map(fromStoredText)).toEqual(["", "", "", ""]);
});
