export { serverAddress } from "./base-url.ts";
export { type ChatClient, type ChatCompletionsOptions, chatCompletions } from "./chat-completions.ts";
export { type CompletionsAtOptions, completionsAt } from "./completions-at.ts";
export { type OpenAIClient, type OpenAIProviderOptions, openaiProvider } from "./openai-provider.ts";
