import { describe, expect, test } from "vitest";
import { withoutFence } from "../../../src/chat/answer/json-fence.ts";

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
    ["on one line", '```json {"a":1} ```'],
    ["on one line, without spaces", '```json{"a":1}```'],
    ["on one line, without a language", '```{"a":1}```'],
    ["with the beginning on the first line", '``` json {"a":1}\n```'],
    ["with more than a language", '```json title=answer\n{"a":1}\n```'],
  ])("%s", (_, text) => {
    expect(withoutFence(text)).toBe('{"a":1}');
  });
});

describe("any other text is unchanged", () => {
  test.each([
    ["no fence", ' {"a":1} '],
    ["prose before", 'Here:\n```json\n{"a":1}\n```'],
    ["prose behind", '```json\n{"a":1}\n```\nDone.'],
    ["two fences", '```json\n{"a":1}\n```\nor\n```json\n{"a":2}\n```'],
    ["no end", '```json\n{"a":1}'],
    ["nothing but a fence's line", "```\n"],
    ["two fences, each on its line", '```{"a":1}```\n```{"a":2}```'],
    ["a fence inside a string", '{"a":"```json\\n```"}'],
  ])("%s", (_, text) => {
    expect(withoutFence(text)).toBe(text);
  });
});

test("a megabyte of blanks after an opening is read in one pass", () => {
  const text = `\`\`\`json${" ".repeat(1_000_000)}\n${" ".repeat(1_000_000)}`;
  expect(withoutFence(text)).toBe(text);
});

test("a fence may enclose a list or a string that spans lines", () => {
  expect(withoutFence("```json [1,\n2]```")).toBe("[1,\n2]");
  expect(withoutFence('```\n"text"\n```')).toBe('"text"');
});
