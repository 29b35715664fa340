import { expect, test } from "vitest";
import { chatSurface } from "../../src/chat/chat-surface.ts";
import { writeEntry } from "../../src/entry/entry.ts";
import { createEntryReader, ownAnswer } from "../../src/entry/entry-reader.ts";
import { encodeEntry } from "../../src/index.ts";
import { completion } from "../doubles.ts";

const entry = { key: "k", createdAt: 1_763_800_000_000, expiresAt: 1_863_800_000_000, answer: completion("Yes.") };
const text = encodeEntry(entry);
const reader = () => {
  const read = createEntryReader();
  return (key: string, text: string) => read(key, text, chatSurface.isAnswer);
};

test("an entry gives the same answer every time, which its reader may change once it has a copy of its own", () => {
  const read = reader();
  for (let time = 0; time < 4; time++) {
    const stored = read("k", text);
    expect(stored).toEqual({
      answer: entry.answer,
      isShared: time > 0,
      json: JSON.stringify(entry.answer),
      expiresAt: entry.expiresAt,
    });
    (ownAnswer(stored!).choices as unknown[]).pop();
  }
});

const kept = { at: 1, headers: {} };

test.each([
  ["at its end, where the cache writes it", '{"n":1.0,"remem":{"at":1,"headers":{}}}', '{"n":1.0}'],
  ["elsewhere, as where a server's answer had one", '{"remem":{"at":1,"headers":{}},"n":1}', '{"n":1}'],
  [
    "at its end, and a text that looks like it",
    '{"text":"\\",\\"remem\\":{\\"at\\":1}","remem":{"at":1,"headers":{}}}',
    '{"text":"\\",\\"remem\\":{\\"at\\":1}"}',
  ],
])("what is kept beside an answer is told apart from it where it stands %s", (_, whole, json) => {
  const { value } = writeEntry({ key: "k", createdAt: 1, expiresAt: undefined, answer: whole, request: undefined });
  const read = createEntryReader();
  for (let time = 0; time < 3; time++) {
    const stored = read("k", value, (answer): answer is object => typeof answer === "object");
    expect(stored).toStrictEqual({ answer: JSON.parse(json), isShared: time > 0, kept, json, expiresAt: undefined });
  }
});

test("a text that has changed since it was read is verified again", () => {
  const read = reader();
  expect(read("k", text)).toBeDefined();
  expect(read("k", text.replace("Yes.", "No!!"))).toBeUndefined();
  expect(read("k", text)?.answer).toEqual(entry.answer);
  const newer = encodeEntry({ ...entry, answer: completion("No.") });
  expect(read("k", newer)?.answer).toEqual(completion("No."));
  expect(read("k", newer)?.answer).toEqual(completion("No."));
});

test("a text read for one key is not served for another", () => {
  const read = reader();
  expect(read("k", text)).toBeDefined();
  expect(read("other", text)).toBeUndefined();
});

test("entries of any number and size are read, though not all are remembered", () => {
  const read = reader();
  const sizes = [10, 20_000, ...Array.from({ length: 1_000 }, () => 10_000)];
  const texts = sizes.map((size, index) =>
    encodeEntry({ ...entry, key: `${index}`, answer: completion("x".repeat(size)) }),
  );
  for (let time = 0; time < 3; time++) {
    for (const [index, text] of texts.entries()) {
      const [choice] = read(`${index}`, text)!.answer.choices;
      expect(choice!.message.content).toHaveLength(sizes[index]!);
    }
  }
});

test.each([
  [511, "given each time"],
  [512, "none"],
  [100_000, "none"],
])("an answer with a member that is nested %i levels is %s", (levels, what) => {
  const read = reader();
  const json = JSON.stringify({ ...completion("Yes."), nested: "here" }).replace(
    '"here"',
    "[".repeat(levels) + "]".repeat(levels),
  );
  const text = writeEntry({ ...entry, expiresAt: undefined, answer: json, request: undefined }).value;
  const found = Array.from({ length: 3 }, () => read("k", text)?.answer);
  if (what === "none") expect(found).toEqual([undefined, undefined, undefined]);
  else for (const one of found) expect(JSON.stringify(one)).toBe(json);
});
