import { describe, expect, test } from "vitest";
import { createPace } from "../../src/progress/pace.ts";
import { barText, type Progress, plainText } from "../../src/progress/progress-text.ts";
import { hasTerminal, onTerminal, shown } from "../support/pseudo-terminal.ts";
import { question, workspace } from "../support/remem.ts";

const progress: Progress = {
  done: 340,
  total: 1_000,
  hits: 120,
  failures: 3,
  tokens: 123_456,
  dollars: 0.0456,
  perSecond: 12.3,
  secondsLeft: 54,
  waitsUntil: undefined,
};
const figure = (summary: string, name: string) => new RegExp(`^${name} +(.*?)\\r?$`, "m").exec(summary)?.[1];
const many = (count: number) => Array.from({ length: count }, (_, index) => question(`question ${index}`));

describe("the bar", () => {
  test("shows everything where there is room", () => {
    expect(barText(progress, 200)).toBe(
      "██████████░░░░░░░░░░░░░░░░░░░░ 340/1,000 · 120 hits · 3 failed · 12/s · 54s left · 123K tok · $0.046",
    );
  });

  test("leaves out what says least where there is little room, and never reaches the last column", () => {
    expect(barText(progress, 80)).toBe(
      "███░░░░░░ 340/1,000 · 120 hits · 3 failed · 12/s · 54s left · 123K tok · $0.046",
    );
    expect(barText(progress, 60)).toBe("340/1,000 · 3 failed · 12/s · 54s left · 123K tok · $0.046");
    expect(barText(progress, 50)).toBe("340/1,000 · 3 failed · 12/s · 54s left · $0.046");
    const late: Progress = { ...progress, done: 1_234_567, total: 9_876_543, failures: 12_345, secondsLeft: 123_456 };
    for (let columns = 20; columns < 220; columns++) {
      for (const state of [progress, late, { ...late, waitsUntil: "12:30:01" }]) {
        expect(barText(state, columns).length).toBeLessThan(Math.max(columns, 20));
      }
    }
  });

  test("shows until when all calls wait, instead of a pace", () => {
    expect(barText({ ...progress, waitsUntil: "12:30:01" }, 60)).toBe(
      "340/1,000 · 3 failed · rate limit until 12:30:01 · $0.046",
    );
  });

  test("of an input whose length is unknown counts what is answered", () => {
    expect(barText({ ...progress, total: undefined, secondsLeft: undefined }, 60)).toBe(
      "340 answered · 3 failed · 12/s · 123K tok · $0.046",
    );
  });
});

test("a log line has the same figures", () => {
  expect(plainText({ ...progress, perSecond: 0.2, secondsLeft: 7_500, dollars: 12.345 })).toBe(
    "340/1,000 · 120 hits · 3 failed · 12/min · 2h 5min left · 123K tok · $12.35",
  );
});

test("the pace is that of the last half minute", () => {
  let now = 0;
  const pace = createPace(() => now);
  expect(pace.perSecond(0)).toBeUndefined();
  now = 2_000;
  expect(pace.perSecond(10_000)).toBe(5_000); // Hits.
  for (let second = 3; second <= 40; second++) {
    now = second * 1_000;
    pace.perSecond(10_000 + second - 2);
  }
  expect(pace.perSecond(10_038)).toBeCloseTo(1, 5);
  now = 80_000;
  expect(pace.perSecond(10_038)).toBeUndefined();
});

describe.skipIf(!hasTerminal)("on a terminal", () => {
  test.each([60, 200])("of %d columns no line of the progress is wider", async (columns) => {
    const place = await workspace({ latencyMs: 40 });
    place.write("in.jsonl", many(100));
    place.server.script([{ status: 400 }]);
    const received = await onTerminal(place, "batch in.jsonl -o out.jsonl --concurrency 2", columns);
    const states = shown(received).filter((line) => line.includes("/100 "));
    expect(states.length).toBeGreaterThan(5);
    expect(states.filter((line) => line.length >= columns)).toEqual([]);
    const later = states.filter((line) => / \d+\/s .*left/.test(line));
    expect(later.at(-1)).toMatch(/1 failed · \d+\/s · \d+s left · (.* tok · )?\$0\.\d+/);
    expect(later.at(-1)?.includes("█")).toBe(columns === 200);
    expect(received).toMatch(/^cost +\$0\.\d+ by list prices\r$/m);
  });

  test("the bar says until when all calls wait", async () => {
    const place = await workspace();
    place.write("in.jsonl", many(5));
    place.server.script([{ status: 429, headers: { "retry-after-ms": "900" } }]);
    const states = shown(await onTerminal(place, "batch in.jsonl -o out.jsonl --concurrency 1", 60));
    expect(states.some((line) => /0\/5 · 0 hits · rate limit until \d\d:\d\d:\d\d · 0 tok$/.test(line))).toBe(true);
  });

  test("that shows the answers there is no bar, and waits are lines of their own", async () => {
    const place = await workspace({ latencyMs: 40 });
    place.write("in.jsonl", many(10));
    place.server.script([{ status: 429, headers: { "retry-after-ms": "300" } }]);
    const received = await onTerminal(place, "batch in.jsonl --concurrency 1", 60);
    expect(received).not.toMatch(/[█░]/);
    expect(received).toMatch(/^the server limits the rate; all calls wait until \d\d:\d\d:\d\d\r$/m);
    expect(received.match(/^\{"response"/gm)).toHaveLength(10);
  });
});

describe("the summary tells what was paid", () => {
  test("by list prices, and nothing for hits", async () => {
    const { write, remem, server } = await workspace();
    const usage = { prompt_tokens: 1_000_000, completion_tokens: 1_000_000, total_tokens: 2_000_000 };
    const choices = [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Yes" } }];
    const body = { id: "1", object: "chat.completion", created: 1, model: "gpt-4o-mini-2024-07-18", choices, usage };
    server.script([{ body }]);
    write("in.jsonl", [question("Hi")]);
    // https://platform.openai.com/docs/pricing: $0.15 and $0.60 for a million tokens.
    expect(figure((await remem(["batch", "in.jsonl", "-o", "out.jsonl"])).err, "cost")).toBe("$0.75 by list prices");
    expect(figure((await remem(["batch", "in.jsonl", "-o", "out.jsonl"])).err, "cost")).toBeUndefined();
  });

  test("and for which models the price is unknown", async () => {
    const { write, remem } = await workspace();
    write("in.jsonl", [question("a", { model: "own" }), question("b", { model: "own" }), question("c")]);
    expect(figure((await remem(["batch", "in.jsonl", "-o", "out.jsonl"])).err, "cost")).toMatch(
      /^\$0\.\d+ by list prices, without 2 of "own", whose price is unknown$/,
    );
    const only = await remem(["batch", "in.jsonl", "-o", "out.jsonl", "--cache", "reload", "--limit", "1"]);
    expect(figure(only.err, "cost")).toBe('unknown: 1 of "own", whose price is unknown');
  });
});
