import type { LLMProvider } from "@remem/core";
import { AzureOpenAI, OpenAI } from "openai";
import { AzureOpenAI as AzureOpenAI6, OpenAI as OpenAI6 } from "openai-6";
import { openaiProvider } from "../src/index.ts";

export const API_KEY = "sk-test-0123456789abcdefghij";

interface Sdk {
  readonly OpenAI: typeof OpenAI;
  readonly AzureOpenAI: typeof AzureOpenAI;
}

/** Every major version of the SDK. Their types differ in what no test uses. */
export const SDKS: ReadonlyArray<readonly [name: string, sdk: Sdk]> = [
  ["openai 7", { OpenAI, AzureOpenAI }],
  ["openai 6", { OpenAI: OpenAI6, AzureOpenAI: AzureOpenAI6 } as unknown as Sdk],
];

/** A provider for the server at an address, through a client of this version. */
export function providerBy(
  { OpenAI }: Sdk,
  baseURL: string,
  { maxRetries = 0 }: { readonly maxRetries?: number } = {},
): LLMProvider {
  return openaiProvider({ client: new OpenAI({ apiKey: API_KEY, baseURL, maxRetries }) });
}
