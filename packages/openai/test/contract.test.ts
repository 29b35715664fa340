import { type CreateOptions, providerContract } from "@remem/testing";
import { OpenAI } from "openai";
import { OpenAI as OpenAI6 } from "openai-6";
import { describe, test } from "vitest";
import { openaiProvider } from "../src/index.ts";

const apiKey = "sk-test-0123456789abcdefghij";

describe("openaiProvider keeps the contract of a provider, by its options:", () => {
  for (const { name, run } of providerContract({ create: (options) => openaiProvider({ apiKey, ...options }) })) {
    test(name, run);
  }
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
