import type { LLMProvider } from "@remem/core";
import { type OpenAIProviderOptions, openaiProvider } from "@remem/openai";
import { adapter } from "./adapter.ts";

/** The provider that a model's name asks for, as in the Python class: Qwen3 thinks unless it is told not to. */
export function providerFor(
  model: string,
  options: Pick<OpenAIProviderOptions, "apiKey" | "baseURL" | "scope">,
): LLMProvider {
  if (!model.startsWith("Qwen/Qwen3-")) return openaiProvider(options);
  return adapter("@remem/qwen", `The model ${model}`).qwenProvider(options);
}
