export type { AzureChatChoice, AzureChatCompletion } from "./azure-chat-completion.ts";
export { type AzureProviderOptions, azureProvider } from "./azure-provider.ts";
