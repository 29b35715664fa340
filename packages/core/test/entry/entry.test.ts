import { hash } from "node:crypto";
import { expect, test } from "vitest";
import { type CacheEntry, decodeEntry, encodeEntry } from "../../src/index.ts";
import { decodeHead, headOf, splitEntry } from "../../src/plugin.ts";
import { completion } from "../doubles.ts";

const entry: CacheEntry = {
  key: "ab".repeat(32),
  createdAt: 1_763_800_000_000,
  expiresAt: 1_863_800_000_000,
  answer: completion("naïve \ud83d 😀\n\u2028"),
  request: { model: "gpt-4o-mini", messages: [{ role: "user", content: "Hi\n" }] },
};
const { expiresAt: _, ...lasting } = entry;
const { request: __, ...bare } = entry;

test("an entry is one text of three lines: facts, completion, request", () => {
  const [facts, answer, request, ...rest] = encodeEntry(lasting).split("\n");
  expect(facts).toMatch(/^remem\/1 [0-9a-f]{64} 1763800000000 - [0-9a-f]{64} (ab){32}$/);
  expect(JSON.parse(answer!)).toEqual(entry.answer);
  expect(JSON.parse(request!)).toEqual(entry.request);
  expect(rest).toEqual([]);
  const [, digest, ...others] = facts!.split(" ");
  expect(digest).toBe(hash("sha256", `${others.join(" ")}\n${answer}`));
  expect(others[2]).toBe(hash("sha256", request!));
});

test("encoding and decoding are inverse, with and without an expiry and a request", () => {
  for (const each of [entry, lasting, bare]) expect(decodeEntry(encodeEntry(each))).toEqual(each);
});

test("a text that was changed anywhere is no entry", () => {
  for (const each of [entry, bare]) {
    const text = encodeEntry(each);
    for (let at = 0; at < text.length; at++) {
      for (const bit of [1, 2, 4, 8, 16, 32, 64]) {
        const flipped = String.fromCharCode(text.charCodeAt(at) ^ bit);
        expect(decodeEntry(text.slice(0, at) + flipped + text.slice(at + 1))).toBeUndefined();
      }
      const isWhole = text[at] === "\n" && at > text.indexOf("\n");
      const { request: _, ...rest } = each as CacheEntry;
      expect(decodeEntry(text.slice(0, at))).toEqual(isWhole ? rest : undefined); // The request alone may be lost.
    }
    expect(decodeEntry(`${text}\n`)).toBeUndefined();
  }
});

test("another version and any other text are no entries", () => {
  expect(decodeEntry(encodeEntry(entry).replace("remem/1", "remem/2"))).toBeUndefined();
  for (const text of ["", "\n", "{}", "remem/1", "remem/1 \n", `remem/1 ${"0".repeat(64)} 1 - - k\n{}`]) {
    expect(decodeEntry(text)).toBeUndefined();
  }
});

test("the first line of an entry tells key, times and request, and of another request nothing", () => {
  const request = { model: "m", messages: [] };
  const text = encodeEntry({ key: "a key", createdAt: 1, expiresAt: 2, answer: {}, request, facts: { sample: 3 } });
  const { value, sidecar } = splitEntry(text);
  const head = { key: "a key", createdAt: 1, expiresAt: 2, hasRequest: true };
  expect(decodeHead(headOf(value), sidecar)).toEqual({ ...head, request, facts: { sample: 3 } });
  expect(decodeHead(headOf(value), `${sidecar} `)).toEqual(head);
  const plain = encodeEntry({ key: "k", createdAt: 1, answer: {} });
  expect(decodeHead(headOf(plain))).toEqual({ key: "k", createdAt: 1, hasRequest: false });
  for (const line of ["", "remem/2 x", value.slice(0, 80)]) expect(decodeHead(line)).toBeUndefined();
});
