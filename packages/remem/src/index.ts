export * from "@remem/core";
export * from "@remem/openai";
export * from "@remem/sqlite";
export { CacheOpenAI, type CacheOpenAIOptions, type ExperimentConfig } from "./cache-openai.ts";
export { createRemem, type RememOptions } from "./create-remem.ts";
export { defaultJournalFile } from "./journal-for.ts";
export type { ProviderName } from "./provider-for.ts";
export { type StoreFile, storeFileFromUrl, storeFromUrl } from "./store-from-url.ts";
