import { expect, test } from "vitest";
import { fromStoredText, toStoredText } from "../src/key-space.ts";

test("strings that UTF-8 can represent are stored as they are", () => {
  for (const text of ["", "remem/1 …", "\0", "😀", 'a"b', "{}"]) expect(toStoredText(text)).toBe(text);
});

test("every string survives the round trip through UTF-8, and no two are stored alike", () => {
  const texts = ["", '"', '""', '"a"', "\ud800", '"\\ud800"', "\udc00\ud800", "a\ud83d", "\ufffd", "\0", "\\ud800"];
  const stored = texts.map((text) => Buffer.from(toStoredText(text)).toString());
  expect(stored.map(fromStoredText)).toEqual(texts);
  expect(new Set(stored).size).toBe(texts.length);
});
