import { expect, test } from "vitest";
import { writeEntry } from "../../src/entry/entry.ts";
import { createAnswerReader } from "../../src/entry/entry-reader.ts";
import { encodeEntry } from "../../src/index.ts";
import { completion } from "../doubles.ts";

const entry = { key: "k", createdAt: 1_763_800_000_000, expiresAt: 1_863_800_000_000, completion: completion("Yes.") };
const text = encodeEntry(entry);

test("an entry gives the same answer however often it is read, each time an object of the caller's own", () => {
  const read = createAnswerReader();
  for (let time = 0; time < 4; time++) {
    const stored = read("k", text);
    expect(stored).toEqual({ completion: entry.completion, expiresAt: entry.expiresAt });
    (stored!.completion.choices as unknown[]).pop();
  }
});

test("a text that has changed since it was read is checked anew", () => {
  const read = createAnswerReader();
  expect(read("k", text)).toBeDefined();
  expect(read("k", text.replace("Yes.", "No!!"))).toBeUndefined();
  expect(read("k", text)?.completion).toEqual(entry.completion);
  const newer = encodeEntry({ ...entry, completion: completion("No.") });
  expect(read("k", newer)?.completion).toEqual(completion("No."));
  expect(read("k", newer)?.completion).toEqual(completion("No."));
});

test("what was read for one key is not given for another", () => {
  const read = createAnswerReader();
  expect(read("k", text)).toBeDefined();
  expect(read("other", text)).toBeUndefined();
});

test("entries of any number and size are read, though not all are remembered", () => {
  const read = createAnswerReader();
  const sizes = [10, 20_000, ...Array.from({ length: 1_000 }, () => 10_000)];
  const texts = sizes.map((size, index) =>
    encodeEntry({ ...entry, key: `${index}`, completion: completion("x".repeat(size)) }),
  );
  for (let time = 0; time < 3; time++) {
    for (const [index, text] of texts.entries()) {
      const [choice] = read(`${index}`, text)!.completion.choices;
      expect(choice!.message.content).toHaveLength(sizes[index]!);
    }
  }
});

test.each([
  [511, "given each time"],
  [512, "none"],
  [100_000, "none"],
])("an answer with a member that is nested %i levels is %s", (levels, what) => {
  const read = createAnswerReader();
  const json = JSON.stringify({ ...completion("Yes."), nested: "here" }).replace(
    '"here"',
    "[".repeat(levels) + "]".repeat(levels),
  );
  const text = writeEntry({ ...entry, expiresAt: undefined, completion: json, request: undefined });
  const found = Array.from({ length: 3 }, () => read("k", text)?.completion);
  if (what === "none") expect(found).toEqual([undefined, undefined, undefined]);
  else for (const one of found) expect(JSON.stringify(one)).toBe(json);
});
