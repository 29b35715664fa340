import { expect, test } from "vitest";
import { lineOf } from "../../src/journal/journal-line.ts";
import { createLineBytes } from "../../src/journal/line-bytes.ts";
import type { JournalCall } from "../../src/observe/journal.ts";

const HIT: JournalCall = {
  at: 1_790_000_000_000,
  key: "0f".repeat(32),
  surface: "chat",
  model: "gpt-4o-mini",
  mode: "default",
  source: "store",
  tokens: { prompt: 10, completion: 2 },
  durationMs: 0.05,
  notStored: undefined,
  error: undefined,
};

const NUMBERS = [0, 1, 9, 10, 99, 100, 12_345, 999_999_999, 1e9, 1e15, 1.5, -1, Number.NaN];
const TIMES = [0, 0.004, 0.005, 0.01, 0.1, 0.99, 0.995, 1, 9.99, 10, 12.3, 1234.56, 9_999_999.99, 1e9];

const CALLS: readonly JournalCall[] = [
  ...NUMBERS.map((prompt) => ({ ...HIT, tokens: { prompt, completion: 0 } })),
  ...NUMBERS.map((completion) => ({ ...HIT, tokens: { prompt: 7, completion } })),
  ...TIMES.map((durationMs) => ({ ...HIT, durationMs })),
  { ...HIT, tokens: undefined },
  { ...HIT, at: HIT.at + 1, model: undefined },
  { ...HIT, source: "provider", deferred: true },
  { ...HIT, model: "möde\n", mode: "reload", source: "provider", notStored: "truncated" },
  { ...HIT, key: "é", error: "CACHE_MISS" },
  { ...HIT, source: "flight", surface: "other" },
  HIT,
];

test("the bytes of calls are those of their lines", () => {
  const lines = createLineBytes();
  const text = (): string => Buffer.from(lines.take()).toString("latin1");
  for (const call of CALLS) {
    lines.add(call);
    expect(text()).toBe(lineOf(call));
  }
  const many = Array.from({ length: 50 }, () => CALLS).flat();
  for (const call of many) lines.add(call);
  const expected = many.map(lineOf).join("");
  expect(lines.length).toBe(expected.length);
  expect(text()).toBe(expected);
  expect(text()).toBe("");
});
