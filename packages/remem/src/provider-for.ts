import type { LLMProvider } from "@remem/core";
import type { OpenAIProviderOptions } from "@remem/openai";
import { openaiProviderFor } from "@remem/openai/plugin";
import { adapter } from "./adapter.ts";

/**
 * Chooses the provider by the model name, as the Python class does: Qwen3 thinks unless a request says otherwise. `where` is
 * the function that the caller has called, for errors.
 */
export function providerFor(
  where: string,
  model: string,
  options: Pick<OpenAIProviderOptions, "apiKey" | "baseURL" | "scope" | "timeoutMs" | "maxRetries">,
): LLMProvider {
  if (!model.startsWith("Qwen/Qwen3-")) return openaiProviderFor(where, options);
  return adapter("@remem/qwen/plugin", `The model ${model}`).qwenProviderFor(where, options);
}
