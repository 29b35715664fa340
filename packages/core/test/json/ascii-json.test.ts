import { expect, test } from "vitest";
import { addText, finishJson } from "../../src/json/ascii-json.ts";

test("a text beyond ASCII is escaped wherever the buffer ends", () => {
  // Before the last character there are as many bytes as the text has units. That character has four.
  for (const length of [10, 3_000]) {
    const text = `\u2014${"a".repeat(length)}\u{1f600}`;
    for (let size = length; size < length + 20; size++) {
      const json = { bytes: Buffer.alloc(size), length: 0, pending: "" };
      addText(json, text);
      expect(finishJson(json, String)).toBe(`"\\u2014${"a".repeat(length)}\\ud83d\\ude00"`);
    }
  }
});
