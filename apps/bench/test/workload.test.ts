import type { ChatRequest } from "@remem/core";
import { describe, expect, test } from "vitest";
import { createWorkload, indexOf, textOfSize } from "../src/workload.ts";

const requestOf = (text: string): ChatRequest => JSON.parse(text);
const promptOf = (text: string): string =>
  String(requestOf(text).messages.at(-1)!.content).replace(/^Question \d+: /, "");

describe("a workload", () => {
  test("is ASCII, so that strings have as many bytes as characters", () => {
    expect(createWorkload({ promptChars: 100_000, answerChars: 1 }).requestText(0)).toMatch(/^[\x20-\x7e]+$/);
  });

  test("has the same questions and answers each time, and different ones for each number", () => {
    const size = { promptChars: 50, answerChars: 80 };
    const [one, other] = [createWorkload(size), createWorkload(size)];
    expect(one.requestText(3)).toBe(other.requestText(3));
    expect(one.completion(3)).toEqual(other.completion(3));
    expect(one.completion(3).choices[0]!.message.content).toBe(one.answer(3));
    expect(one.requestText(4)).not.toBe(one.requestText(3));
    expect(one.answer(4)).not.toBe(one.answer(3));
  });

  test("recognizes its questions", () => {
    const { requestText } = createWorkload({ promptChars: 10, answerChars: 10 });
    expect(indexOf(requestOf(requestText(1_234)))).toBe(1_234);
    expect(() => indexOf({ model: "gpt-4o-mini", messages: [{ role: "user", content: "Hello" }] })).toThrow(
      "not a question of the workload",
    );
  });

  test("has prompts and answers of the given length, even beyond the length of its text", () => {
    const { requestText, answer } = createWorkload({ promptChars: 300_000, answerChars: 10 });
    expect(promptOf(requestText(7))).toHaveLength(300_000);
    expect(answer(7)).toHaveLength(10);
  });

  test("distributes lengths between two bounds, most of them short", () => {
    const { requestText, answer } = createWorkload({ promptChars: [300, 30_000], answerChars: [200, 4_000] });
    const prompts = Array.from({ length: 1_000 }, (_, index) => promptOf(requestText(index)).length);
    const answers = Array.from({ length: 1_000 }, (_, index) => answer(index).length);
    expect(Math.min(...prompts)).toBeGreaterThanOrEqual(300);
    expect(Math.max(...prompts)).toBeLessThanOrEqual(30_000);
    const shareBelow = (lengths: readonly number[], bound: number): number =>
      lengths.filter((length) => length < bound).length / lengths.length;
    expect(shareBelow(prompts, 3_000)).toBeCloseTo(0.5, 1);
    expect(shareBelow(prompts, 24_000)).toBeCloseTo(0.95, 1);
    expect(shareBelow(answers, Math.sqrt(200 * 4_000))).toBeCloseTo(0.5, 1);
    // The lengths of prompts and answers are independent.
    expect(
      shareBelow(
        answers.filter((_, index) => prompts[index]! > 3_000),
        Math.sqrt(200 * 4_000),
      ),
    ).toBeCloseTo(0.5, 1);
  });
});

test("titles give lengths in KB", () => {
  expect(textOfSize({ promptChars: 1_024, answerChars: [512, 2_048] })).toBe("prompts of 1 KB, answers of 0.5 to 2 KB");
});
