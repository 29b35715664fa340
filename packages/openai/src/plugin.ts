// For authors of providers on top of the `openai` package.
export { type AddressOption, serverAddress } from "./base-url.ts";
export type { Answer, ChatClient } from "./chat-client.ts";
export { type ChatCompletionsOptions, chatCompletions } from "./chat-completions.ts";
export { type CompletionsAtOptions, completionsAt } from "./completions-at.ts";
export type { ErrorHint } from "./error-hint.ts";
export { type OpenAIClient, type OpenAIProviderOptions, openaiProviderFor } from "./openai-provider.ts";
export { serverScope } from "./scope.ts";
