export {
  type AzureChatChoice,
  type AzureChatCompletion,
  type AzureProviderOptions,
  azureProvider,
} from "./azure-provider.ts";
