export * from "@remem/core";
export * from "@remem/openai";
export * from "@remem/sqlite";
export { createRemem, type RememOptions } from "./create-remem.ts";
export { storeFromUrl } from "./store-from-url.ts";
