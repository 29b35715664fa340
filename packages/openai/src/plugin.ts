// For authors of providers on top of the `openai` package.
export { type AddressOption, serverAddress } from "./base-url.ts";
export { type ChatCompletionsOptions, chatCompletions } from "./chat-completions.ts";
export type { Answer, ChatClient } from "./client/chat-client.ts";
export type { Completions } from "./completions.ts";
export { type CompletionsAtOptions, completionsAt } from "./completions-at.ts";
export { type BatchServer, batchesAt, chatBatches } from "./deferred/deferred.ts";
export type { ErrorHint } from "./errors/error-hint.ts";
export { type OpenAIClient, type OpenAIProviderOptions, openaiProviderFor } from "./openai-provider.ts";
export { serverScope } from "./scope.ts";
