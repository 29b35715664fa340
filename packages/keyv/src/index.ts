export { type KeyvAdapter, keyvAdapter } from "./keyv-adapter.ts";
export type { KeyvLike } from "./keyv-like.ts";
export { keyvStore } from "./keyv-store.ts";
export { keyvStoreFromUrl } from "./url/keyv-store-from-url.ts";
