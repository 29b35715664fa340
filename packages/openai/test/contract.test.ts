import { type CreateOptions, providerContract } from "@remem/testing";
import { OpenAI } from "openai";
import { OpenAI as OpenAI6 } from "openai-6";
import { describe, expect, test } from "vitest";
import { openaiProvider } from "../src/index.ts";

const apiKey = "sk-test-0123456789abcdefghij";

describe("openaiProvider keeps the contract of a provider, by its options:", () => {
  for (const { name, run } of providerContract({ create: (options) => openaiProvider({ apiKey, ...options }) })) {
    test(name, run);
  }
});

test("a provider with a key of one character keeps the contract, but for what cannot be told of it", async () => {
  const skipped: string[] = [];
  for (const { name, run } of providerContract({ create: (options) => openaiProvider({ apiKey: "x", ...options }) })) {
    const runner = { skip: (reason: string) => skipped.push(`${name}: ${reason}`) };
    await (run as (runner: object) => Promise<void>)(runner);
  }
  expect(skipped).toEqual([expect.stringMatching(/: the key has less than 8 characters$/)]);
});

function sdkOptions({ timeoutMs, ...options }: CreateOptions) {
  return { apiKey, timeout: timeoutMs, ...options };
}

describe.each([
  ["openai 7", (options: CreateOptions) => new OpenAI(sdkOptions(options))],
  ["openai 6", (options: CreateOptions) => new OpenAI6(sdkOptions(options))],
])("openaiProvider keeps the contract of a provider, with a client of %s:", (_, client) => {
  const cases = providerContract({ create: (options) => openaiProvider({ client: client(options) }) });
  for (const { name, run } of cases) test(name, run);
});
