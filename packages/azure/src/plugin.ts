// For functions that create this provider under a name of their own.
export { type AzureProviderOptions, azureProviderFor } from "./azure-provider.ts";
