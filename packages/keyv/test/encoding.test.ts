import { expect, test } from "vitest";
import { fromStoredKey, fromStoredValue, toStoredKey, toStoredValue } from "../src/encoding.ts";

const TEXTS = [
  "",
  "v",
  ":",
  "%",
  "%0000",
  "12:v",
  "1%0041",
  '"',
  "a\0b",
  "\0",
  "\ud800",
  "\udc00\ud800",
  "😀\ud83d",
  "é\r\n",
];

test("every value survives the round trip, and no two are stored alike", () => {
  for (const expiresAt of [undefined, 9_000_000_000_000]) {
    const stored = TEXTS.map((text) => toStoredValue(text, expiresAt));
    expect(stored.map(fromStoredValue)).toEqual(TEXTS);
    expect(new Set(stored).size).toBe(TEXTS.length);
    for (const text of stored) expect(text.isWellFormed() && !text.includes("\0")).toBe(true);
  }
});

test("a value is stored unchanged if possible; neither quotes nor line breaks are escaped", () => {
  expect(toStoredValue('remem/1\n{"id":"1"}', undefined)).toBe(':remem/1\n{"id":"1"}');
  expect(toStoredValue("v", 1_700_000_000_000)).toBe("1700000000000:v");
  expect(toStoredValue("100 %\0", undefined)).toBe("%100 %0025%0000");
});

test("an expired value is undefined", () => {
  expect(fromStoredValue(toStoredValue("v", Date.now() - 1))).toBeUndefined();
  expect(fromStoredValue(toStoredValue("v", 0))).toBeUndefined();
});

test("a string of another form is returned as it is, for its reader to refuse", () => {
  for (const text of ["", "v", '{"value":"v"}', "12", "remem/1 v"]) expect(fromStoredValue(text)).toBe(text);
});

test("every key survives the round trip, in characters without a meaning for backends", () => {
  const keys = [...TEXTS, "a*", "a?", "a[b]", "a/../b", "a:b", "a::b", "__proto__", "a b", "A"];
  const stored = keys.map(toStoredKey);
  expect(stored.map(fromStoredKey)).toEqual(keys);
  expect(new Set(stored).size).toBe(keys.length);
  for (const key of stored) expect(key).toMatch(/^[\w.%-]*$/);
});

test("the key of a request is stored unchanged", () => {
  const key = "5d41402abc4b2a76b9719d911017c592ae0c4a5d41402abc4b2a76b9719d9110";
  expect(toStoredKey(key)).toBe(key);
});
