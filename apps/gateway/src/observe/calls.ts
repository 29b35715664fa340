import type { CachedFetchOptions } from "@remem/fetch";

/** A call as `onCall` gets it. */
export type JournalCall = Parameters<NonNullable<CachedFetchOptions["onCall"]>>[0];
