export { type OpenAIClient, type OpenAIProviderOptions, openaiProvider } from "./openai-provider.ts";
