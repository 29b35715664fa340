export {
  type AzureChatChoice,
  type AzureChatCompletion,
  type AzureProviderOptions,
  azureProvider,
} from "./azure-provider.ts";
export type { ContentFilterChoiceResults, ContentFilterPromptResults } from "./content-filter.ts";
