export { type OpenRouterProviderOptions, openrouterProvider } from "./openrouter-provider.ts";
