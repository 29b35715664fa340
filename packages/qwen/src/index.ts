export type { DialectName } from "./dialect.ts";
export { type QwenProviderOptions, qwenProvider } from "./qwen-provider.ts";
