import assert from "node:assert/strict";
import type { LLMProvider } from "@remem/core";
import { describe, expect, test, vi } from "vitest";
import { type CreateOptions, type ProviderContractCase, providerContract } from "../../src/index.ts";
import { referenceProvider } from "../doubles/reference-provider.ts";

const KEEPS = "keeps unknown members of an answer";

describe("a provider that keeps every promise passes:", () => {
  for (const { name, run } of providerContract({ create: (options) => referenceProvider(options) })) test(name, run);
});

test("a provider that documents what it adds passes with `adds`, and fails without", async () => {
  const create = (options: CreateOptions): LLMProvider => {
    const provider = referenceProvider(options);
    return { ...provider, generate: (request, context) => provider.generate({ ...request, vendor: 1 }, context) };
  };
  const adds = "adds only documented members to the body";
  await caseOf(adds, { create, adds: ["vendor"] }).run();
  await expect(caseOf(adds, { create }).run()).rejects.toThrow("It adds vendor to the body.");
});

describe("a skipped case", () => {
  const reason = "the vendor's SDK drops them";

  test("keeps its position, gives the reason, and does nothing", async () => {
    const create = vi.fn<() => LLMProvider>();
    const all = providerContract({ create });
    const some = providerContract({ create, skip: [{ case: KEEPS, reason }] });
    const position = all.findIndex(({ name }) => name === KEEPS);
    expect(some.map(({ name }) => name)).toEqual(
      all.map(({ name }) => name).with(position, `${KEEPS} (skipped: ${reason})`),
    );
    expect(some.flatMap(({ skipped }) => skipped ?? [])).toEqual([reason]);
    await some[position]?.run();
    expect(create).not.toHaveBeenCalled();
  });

  test.each([
    [{ case: "keeps the members", reason }, /there is no case "keeps the members"/],
    [{ case: KEEPS, reason: " " }, /has no reason/],
  ])("is refused when it is unknown, or has no reason: %#", (skipped, message) => {
    const skip = [skipped as { case: ProviderContractCase; reason: string }];
    expect(() => providerContract({ create: referenceProvider, skip })).toThrow(message);
  });
});

test("`slowness` multiplies the time limits", async () => {
  const limits: number[] = [];
  const create = (options: CreateOptions): LLMProvider => {
    limits.push(options.timeoutMs);
    return referenceProvider(options);
  };
  const stalls = "keeps its time limit when the body stalls";
  for (const slowness of [1, 2]) for (const name of [KEEPS, stalls]) await caseOf(name, { create, slowness }).run();
  expect(limits).toEqual([10_000, 200, 20_000, 400]);
  expect(() => providerContract({ create, slowness: 0 })).toThrow(/`slowness` must be a number from 1 to 100/);
});

test("every case has a name of its own, and a group", () => {
  const cases = providerContract({ create: referenceProvider });
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  expect([...new Set(cases.map(({ group }) => group))]).toEqual([
    "requests",
    "answers",
    "failures",
    "timeouts",
    "streams",
    "deferred",
  ]);
});

test("unknown and invalid options are refused by name", () => {
  expect(() => providerContract({ create: referenceProvider, add: [] } as never)).toThrow("no option `add`");
  expect(() => providerContract({} as never)).toThrow("`create` must be a function");
});

describe("however a case ends,", () => {
  function watched(close: () => Promise<void>, answers = true): { opened: string[]; run(): Promise<void> } {
    const opened: string[] = [];
    const create = (options: CreateOptions): LLMProvider => {
      opened.push(options.baseURL);
      const provider = referenceProvider(options);
      return { ...provider, ...(!answers && { generate: () => Promise.reject(new Error("broken")) }), close };
    };
    return { opened, run: caseOf(KEEPS, { create }).run };
  }

  test.each([true, false])("the provider and the server are closed (it passes: %s)", async (answers) => {
    const close = vi.fn(async () => {});
    const { opened, run } = watched(close, answers);
    if (answers) await run();
    else await expect(run()).rejects.toThrow("Expected an answer");
    expect(close).toHaveBeenCalledOnce();
    expect(opened.length).toBe(1);
    await expect(fetch(opened[0] ?? "")).rejects.toThrow("fetch failed");
  });

  test("a provider that cannot be closed fails it, unless it has failed already", async () => {
    const close = (): Promise<never> => Promise.reject(new Error("It is stuck."));
    await expect(watched(close).run()).rejects.toThrow("It is stuck.");
    await expect(watched(close, false).run()).rejects.toThrow("Expected an answer");
  });

  test.concurrent.each<[string, Partial<LLMProvider>, string | RegExp]>([
    ["answers", { generate: () => new Promise(() => {}) }, `"${KEEPS}" took longer than 4500 ms.`],
    ["closes", { close: () => new Promise(() => {}) }, /^Closing after "keeps .*" took longer than 4[0-5]\d\d ms\.$/],
  ])("a provider that never %s fails it at its time limit", async (_, changes, message) => {
    const create = (options: CreateOptions): LLMProvider => ({ ...referenceProvider(options), ...changes });
    await expect(caseOf(KEEPS, { create }).run()).rejects.toThrow(message);
  });
});

function caseOf(name: string, options: Parameters<typeof providerContract>[0]) {
  const found = providerContract(options).find((one) => one.name === name);
  assert.ok(found);
  return found;
}
