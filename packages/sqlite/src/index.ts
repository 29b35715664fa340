export { type ExportCount, readOriginalCache, writeOriginalCache } from "./original-cache.ts";
export { type SqliteStoreOptions, sqliteStore } from "./sqlite-store.ts";
