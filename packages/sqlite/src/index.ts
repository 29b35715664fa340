import { requireLanguage } from "./driver/runtime.ts";

requireLanguage();

export { type ExportCount, readOriginalCache, writeOriginalCache } from "./python/cache-file.ts";
export { type SqliteStoreOptions, sqliteStore } from "./sqlite-store.ts";
