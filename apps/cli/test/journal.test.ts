import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileJournal } from "@remem/core/journal";
import type { JournalCall } from "remem";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { createCostly, timesGone } from "../src/journal/costly.ts";
import { createCostOf } from "../src/journal/rates.ts";
import { loadPrices } from "../src/spending/prices.ts";
import { hasTerminal, onTerminal, shown } from "./support/pseudo-terminal.ts";
import { question, type Workspace, workspace } from "./support/remem.ts";

const HOUR = 3_600_000;
const NOW = Date.now();

function call(members: Partial<JournalCall> = {}): JournalCall {
  return {
    at: NOW,
    key: "a".repeat(64),
    surface: "chat",
    model: "gpt-4o-mini",
    mode: "default",
    source: "store",
    tokens: { prompt: 1_000, completion: 100 },
    durationMs: 1,
    notStored: undefined,
    error: undefined,
    ...members,
  };
}

const key = (name: string): string => name.padEnd(64, "0");
const paid = (name: string, members: Partial<JournalCall> = {}): JournalCall =>
  call({ key: key(name), source: "provider", durationMs: 1_500, ...members });

async function write(file: string, calls: readonly JournalCall[]): Promise<void> {
  const journal = fileJournal({ file });
  for (const call of calls) journal.record(call);
  await journal.close();
}

function linesIn({ directory }: Workspace, file: string): Record<string, unknown>[] {
  const lines = readFileSync(join(directory, file), "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line));
}

describe("recording", () => {
  test("batch --journal writes a line for each call, without prompts, answers and keys of the server", async () => {
    const place = await workspace();
    place.write("in.jsonl", [question("secret a"), question("secret b"), question("secret a")]);
    const { status } = await place.remem(["batch", "in.jsonl", "--journal", "calls.jsonl"], "", {
      OPENAI_API_KEY: "sk-secret-key",
    });
    expect(status).toBe(0);
    expect(
      linesIn(place, "calls.jsonl")
        .map(({ source }) => source)
        .sort(),
    ).toEqual(["flight", "provider", "provider"]);
    expect(readFileSync(join(place.directory, "calls.jsonl"), "utf8")).not.toContain("secret");
  });

  test("ask --journal writes the usual file, or that of the variable, which works without the flag, too", async () => {
    const place = await workspace();
    await place.remem(["ask", "Hi", "--journal"]);
    expect(linesIn(place, "llm_cache/remem-journal.jsonl")).toHaveLength(1);
    const variable = { REMEM_JOURNAL: "named.jsonl" };
    await place.remem(["ask", "Hi", "--journal"], "", variable);
    await place.remem(["ask", "Hi"], "", variable);
    expect(linesIn(place, "named.jsonl").map(({ source }) => source)).toEqual(["store", "store"]);
    expect(linesIn(place, "llm_cache/remem-journal.jsonl")).toHaveLength(1);
  });

  test("plan and explain record nothing", async () => {
    const place = await workspace();
    place.write("in.jsonl", [question("a")]);
    await place.remem(["batch", "in.jsonl"]);
    const variable = { REMEM_JOURNAL: "named.jsonl" };
    expect((await place.remem(["plan", "in.jsonl"], "", variable)).out).toMatch(/^hits +1$/m);
    expect((await place.remem(["explain", "in.jsonl"], "", variable)).status).toBe(0);
    expect(existsSync(join(place.directory, "named.jsonl"))).toBe(false);
  });

  test("a journal that cannot be written costs a warning, and no answer", async () => {
    const place = await workspace();
    place.write("in.jsonl", [question("a"), question("b")]);
    const { status, err } = await place.remem(["batch", "in.jsonl", "--journal", "."]);
    expect(status).toBe(0);
    expect(err.match(/REMEM_JOURNAL/g)).toHaveLength(1);
  });
});

describe("remem stats --journal", () => {
  const CALLS: readonly JournalCall[] = [
    paid("river", { at: NOW - 5 * HOUR }),
    call({ key: key("river"), at: NOW - 4 * HOUR }),
    call({ key: key("river"), at: NOW - 4 * HOUR, source: "flight" }),
    ...[3, 2, 1].map((hours) => paid("lake", { at: NOW - hours * HOUR, notStored: "finish-reason" })),
    paid("sea", { at: NOW - HOUR, model: "no-such-model" }),
    paid("bay", { at: NOW, tokens: undefined, error: "PROVIDER_ERROR" }),
  ];

  test("counts hits, misses, failures, tokens and money, and shows what was paid for several times, and why", async () => {
    const place = await workspace();
    await write(join(place.directory, "calls.jsonl"), CALLS);
    const { status, out } = await place.remem(["stats", "--journal", "calls.jsonl"]);
    expect(status).toBe(0);
    for (const line of [
      /^journal {5}calls\.jsonl \(1\.\d kB\)$/m,
      /^calls {7}8$/m,
      /^hits {8}1$/m,
      /^joined {6}1$/m,
      /^misses {6}5$/m,
      /^failures {4}1 \(1 PROVIDER_ERROR\)$/m,
      /^hit rate {4}25\.0 %$/m,
      /^paid {8}\$0\.00084 \(5,000 tokens in, 500 out\)$/m,
      /^saved {7}\$0\.00042 \(2,000 tokens in, 200 out\)$/m,
      /^not stored {2}3 \(3 finish-reason\)$/m,
      /^no price {4}1 calls, whose model has no known price$/m,
      /^gpt-4o-mini +7 +28\.6 % +4 +1 +\$0\.00084 +\$0\.00042$/m,
      /^hour +calls/m,
      /^lake00000000 +gpt-4o-mini +3× +3000\/300 +\$0\.00063 +4\.5 s +finish-reason 3×$/m,
      /^river0000000 +gpt-4o-mini +1× +1000\/100 +\$0\.00021 +1\.5 s$/m,
    ]) {
      expect(out).toMatch(line);
    }
    expect(out).not.toContain("bay");
  });

  test("prints one JSON object", async () => {
    const place = await workspace();
    await write(join(place.directory, "calls.jsonl"), CALLS);
    const found = JSON.parse((await place.remem(["stats", "--journal", "calls.jsonl", "--json"])).out);
    expect(found).toMatchObject({
      calls: 8,
      hits: 1,
      joined: 1,
      misses: 5,
      failures: 1,
      hit_rate: 0.25,
      failures_by_code: { PROVIDER_ERROR: 1 },
      not_stored: { "finish-reason": 3 },
      skipped_lines: 0,
    });
    expect(Object.keys(found.by_model)).toEqual(["gpt-4o-mini", "no-such-model"]);
    expect(found.by_model["no-such-model"].paid).toEqual({ prompt_tokens: 1_000, completion_tokens: 100, unpriced: 1 });
    expect(found.most_expensive[0]).toMatchObject({ key: key("lake"), times: 3, not_stored: { "finish-reason": 3 } });
    expect(Object.keys(found.by_hour)).toHaveLength(6);
  });

  test("takes the file of the flag, else of the variable, else the usual one", async () => {
    const place = await workspace();
    const count = async (...args: [string?, NodeJS.ProcessEnv?]) => {
      const { out } = await place.remem(["stats", "--json", "--journal", ...(args[0] ? [args[0]] : [])], "", args[1]);
      return JSON.parse(out).calls;
    };
    await write(join(place.directory, "one.jsonl"), CALLS.slice(0, 1));
    await write(join(place.directory, "two.jsonl"), CALLS.slice(0, 2));
    await write(join(place.directory, "llm_cache", "remem-journal.jsonl"), CALLS.slice(0, 3));
    const variable = { REMEM_JOURNAL: "two.jsonl" };
    expect(await count("one.jsonl", variable)).toBe(1);
    expect(await count(undefined, variable)).toBe(2);
    expect(await count()).toBe(3);
  });

  test("counts only the calls of a time and of a model, by day where they span more than two", async () => {
    const place = await workspace();
    const calls = [
      ...CALLS,
      call({ at: NOW - 100 * HOUR }),
      call({ at: NOW - 200 * HOUR }),
      call({ at: NOW - 200 * HOUR, model: undefined }),
    ];
    await write(join(place.directory, "calls.jsonl"), calls);
    const count = async (...flags: string[]) =>
      JSON.parse((await place.remem(["stats", "--json", "--journal", "calls.jsonl", ...flags])).out);
    expect(await count()).toMatchObject({ calls: 11, by_day: expect.anything() });
    expect(await count("--since", "150h")).toMatchObject({ calls: 9 });
    expect(await count("--since", "150h", "--until", "90m")).toMatchObject({ calls: 6 });
    expect(await count("--model", "no-such-model")).toMatchObject({ calls: 1, by_hour: expect.anything() });
    expect(await count("--model", "none")).toMatchObject({ calls: 0, hit_rate: 0 });
  });

  test("says how to make a journal where there is none", async () => {
    const { status, err } = await (await workspace()).remem(["stats", "--journal", "calls.jsonl"]);
    expect(status).toBe(1);
    expect(err).toContain("there is no journal at calls.jsonl");
    for (const way of ["--journal calls.jsonl", "REMEM_JOURNAL=calls.jsonl", "createRemem({ journal:"]) {
      expect(err).toContain(way);
    }
  });

  test("refuses flags that would be ignored", async () => {
    const { remem } = await workspace();
    const since = await remem(["stats", "--since", "2h"]);
    expect([since.status, since.err]).toEqual([2, expect.stringContaining("add --journal")]);
    const store = await remem(["stats", "--journal", "--store", "memory:"]);
    expect([store.status, store.err]).toEqual([2, expect.stringContaining("cannot be combined")]);
  });

  test("counts lines of others, and reads the rest", async () => {
    const place = await workspace();
    await write(join(place.directory, "calls.jsonl"), CALLS);
    place.write("calls.jsonl", [...linesIn(place, "calls.jsonl"), "no JSON", { a: 1 }]);
    const { out } = await place.remem(["stats", "--journal", "calls.jsonl"]);
    expect(out).toMatch(/^calls {7}8$/m);
    expect(out).toMatch(/^skipped {5}2 lines that are torn or of another program$/m);
  });

  test.skipIf(!hasTerminal).each([60, 100, 200])("fits %i columns of a terminal", async (columns) => {
    const place = await workspace();
    const models = Array.from(
      { length: 20 },
      (_, index) => `models/of-a-long-name-\u001b[31m-${index}-${"x".repeat(50)}`,
    );
    const calls = models.flatMap((model, index) => [
      paid(`key ${index}`, { model, at: NOW - index * 24 * HOUR, notStored: "invalid-tool-call" }),
      call({ model, at: NOW - index * 24 * HOUR }),
    ]);
    await write(join(place.directory, "calls.jsonl"), calls);
    const received = await onTerminal(place, "stats --journal calls.jsonl", columns);
    expect(received).not.toContain("\u001b[31m-");
    const lines = shown(received);
    expect(lines.filter((line) => stringWidth(line) > columns)).toEqual([]);
    expect(lines.join("\n")).toContain("█");
    expect(lines.join("\n")).toContain("and 8 more models");
  });
});

describe("the table of keys", () => {
  test("is bounded, and keeps the keys that have cost most", () => {
    const costly = createCostly(100);
    for (let index = 0; index < 10_000; index++) {
      costly.add(paid(`cheap ${index}`), 0.001);
      if (index % 10 === 0) costly.add(paid(`dear ${index % 50}`), 0.5);
    }
    expect(costly.isCapped).toBe(true);
    const top = costly.top(10);
    expect(top.slice(0, 5).map(({ times }) => times)).toEqual([200, 200, 200, 200, 200]);
    expect(new Set(top.slice(0, 5).map(({ key }) => key))).toEqual(
      new Set([0, 10, 20, 30, 40].map((index) => key(`dear ${index}`))),
    );
  });

  test("tells what was stored and is gone from what was never stored, and counts no failure without an answer", () => {
    const costly = createCostly();
    for (const members of [{}, {}, { notStored: "too-large" }, { mode: "reload" }] as const) {
      costly.add(paid("a", members), undefined);
    }
    costly.add(paid("b", { error: "PROVIDER_ERROR", tokens: undefined }), undefined);
    costly.add(call(), undefined);
    const [only, ...others] = costly.top(10);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ times: 4, prompt: 4_000, reasons: { "too-large": 1, reload: 1 } });
    expect(timesGone(only!)).toBe(1);
  });
});

test("the price of a call is that of the list at its time, for short and for long prompts", async () => {
  const priceOf = await loadPrices();
  const costOf = createCostOf(priceOf);
  const times = ["2025-01-01T01:00Z", "2025-03-01T17:00Z", "2026-06-01T00:45Z"].map(Date.parse);
  for (const model of ["gpt-4o-mini", "gemini-2.5-pro", "deepseek-chat", "no-such-model"]) {
    for (const at of [...times, ...times]) {
      for (const [prompt, completion] of [
        [0, 0],
        [7, 3],
        [60_000, 1_234],
        [300_000, 10],
      ] as const) {
        const own = costOf(model, { prompt, completion }, at);
        const list = priceOf(model, { input: prompt, output: completion }, undefined, at);
        if (list === undefined) expect(own).toBeUndefined();
        else expect(own).toBeCloseTo(list, 9);
      }
    }
  }
});
