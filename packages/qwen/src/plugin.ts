// For functions that create this provider under a name of their own.
export { type QwenProviderOptions, qwenProviderFor } from "./qwen-provider.ts";
