import { expect, test } from "vitest";
import { answerText } from "../src/response/answer-text.ts";

const kept = { at: 1, headers: {} };
const stored = (json: string) => {
  const { remem: _, ...answer } = JSON.parse(json);
  return { answer, json, kept, source: "store" } as const;
};

test.each([
  ["at its end, where the cache writes it", '{"n":1.0,"remem":{"at":1,"headers":{}}}', '{"n":1.0}'],
  ["elsewhere, as where a server's answer had one", '{"remem":{"at":1,"headers":{}},"n":1}', '{"n":1}'],
  [
    "at its end, and a text that looks like it",
    '{"text":"\\",\\"remem\\":{\\"at\\":1}","remem":{"at":1,"headers":{}}}',
    '{"text":"\\",\\"remem\\":{\\"at\\":1}"}',
  ],
])("no client sees the reserved member of a stored answer %s", (_, json, text) => {
  expect(answerText(stored(json))).toBe(text);
});

test("an answer that the store did not have is written", () => {
  expect(answerText({ answer: { n: 1 }, kept, source: "provider" })).toBe('{"n":1}');
  expect(answerText({ answer: { n: 1 }, json: '{"n":1}', source: "store" })).toBe('{"n":1}');
});
