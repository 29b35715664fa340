// For authors of providers on top of the `openai` package.
export { serverAddress } from "./base-url.ts";
export { type ChatClient, type ChatCompletionsOptions, chatCompletions } from "./chat-completions.ts";
export { type CompletionsAtOptions, completionsAt } from "./completions-at.ts";
export type { OpenAIProviderOptions } from "./openai-provider.ts";
