import type { LLMProvider } from "@remem/core";
import { type OpenAIProviderOptions, openaiProvider } from "@remem/openai";
import { adapter } from "./adapter.ts";

/** Chooses the provider by the model name, as the Python class does: Qwen3 thinks unless a request says otherwise. */
export function providerFor(
  model: string,
  options: Pick<OpenAIProviderOptions, "apiKey" | "baseURL" | "scope" | "timeoutMs" | "maxRetries">,
): LLMProvider {
  if (!model.startsWith("Qwen/Qwen3-")) return openaiProvider(options);
  return adapter("@remem/qwen", `The model ${model}`).qwenProvider(options);
}
