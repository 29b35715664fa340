import { type LLMProvider, RememError } from "@remem/core";
import type { OpenAIProviderOptions } from "@remem/openai";
import { openaiProviderFor } from "@remem/openai/plugin";
import { adapter } from "./adapter.ts";

/** The provider of an adapter: `"openai"`, `"azure"` of `@remem/azure`, or `"qwen"` of `@remem/qwen`. */
export type ProviderName = "openai" | "azure" | "qwen";

type ProviderOptions = Pick<OpenAIProviderOptions, "apiKey" | "baseURL" | "scope" | "timeoutMs" | "maxRetries">;

/**
 * Chooses the provider by the model name, as the Python class does: Qwen3 thinks unless a request says otherwise. `where` is
 * the function that the caller has called, for errors.
 */
export function providerFor(where: string, model: string, options: ProviderOptions): LLMProvider {
  return namedProvider(where, model.startsWith("Qwen/Qwen3-") ? "qwen" : "openai", `The model ${model}`, options);
}

/**
 * Creates the provider of this name. `wantedBy` names the option or the model that asks for it, for errors. Azure's endpoint is
 * `baseURL`.
 * @throws {RememError} with code `INVALID_OPTION`, or `MISSING_PACKAGE` if the adapter is not installed
 */
export function namedProvider(
  where: string,
  name: ProviderName,
  wantedBy: string,
  options: ProviderOptions,
): LLMProvider {
  switch (name) {
    case "openai":
      return openaiProviderFor(where, options);
    case "qwen":
      return adapter("@remem/qwen/plugin", wantedBy).qwenProviderFor(where, options);
    case "azure": {
      const { baseURL: endpoint, ...others } = options;
      return adapter("@remem/azure/plugin", wantedBy).azureProviderFor(where, { ...others, endpoint });
    }
    default:
      throw new RememError("INVALID_OPTION", `${where}: \`provider\` must be a provider, "openai", "azure" or "qwen".`);
  }
}
