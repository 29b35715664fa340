import { describe, expect, test } from "vitest";
import { withoutFence } from "../src/json-fence.ts";

describe("a fence around the whole text is removed", () => {
  test.each([
    ["with a language", '```json\n{"a":1}\n```'],
    ["without one", '```\n{"a":1}\n```'],
    ["in capitals", '```JSON\n{"a":1}\n```'],
    ["with CRLF", '```json\r\n{"a":1}\r\n```'],
    ["with blank lines", '\n\n```json\n\n{"a":1}\n\n```\n\n'],
    ["of tildes", '~~~json\n{"a":1}\n~~~'],
    ["of four backticks", '````json\n{"a":1}\n````'],
    ["with the end on the last line", '```json\n{"a":1}```'],
  ])("%s", (_, text) => {
    expect(withoutFence(text)).toBe('{"a":1}');
  });
});

describe("any other text is left as it is", () => {
  test.each([
    ["no fence", ' {"a":1} '],
    ["prose before", 'Here:\n```json\n{"a":1}\n```'],
    ["prose behind", '```json\n{"a":1}\n```\nDone.'],
    ["two fences", '```json\n{"a":1}\n```\nor\n```json\n{"a":2}\n```'],
    ["no end", '```json\n{"a":1}'],
    ["nothing but a fence's line", "```\n"],
    ["a fence inside a string", '{"a":"```json\\n```"}'],
  ])("%s", (_, text) => {
    expect(withoutFence(text)).toBe(text);
  });
});

test("a megabyte of blanks after an opening is read in one pass", () => {
  const text = `\`\`\`json${" ".repeat(1_000_000)}\n${" ".repeat(1_000_000)}`;
  expect(withoutFence(text)).toBe(text);
});
