import type { Size } from "./workload.ts";

/**
 * By tier, the floors first: what people call them by their id, which names the module `contestants/<tier>/<id>.ts`.
 *
 * Not here: cacheable and cache-manager over SQLite or Redis alone, since their first tier is memory; cache-manager before
 * SQLite, which finds nothing in the Keyv 6 that @keyv/sqlite brings along; LangChain over SQLite, which has no such cache.
 */
export const CONTESTANTS = {
  memory: {
    floor: "floor",
    bare: "bare",
    remem: "remem",
    keyv: "Keyv",
    cacheable: "cacheable",
    "cache-manager": "cache-manager",
    cachified: "cachified, Map",
    bentocache: "Bentocache",
    "ai-sdk": "AI SDK, middleware, Map",
    langchain: "LangChain, InMemoryCache",
  },
  sqlite: {
    floor: "floor",
    bare: "bare",
    remem: "remem",
    keyv: "Keyv, @keyv/sqlite",
    cachified: "cachified, node:sqlite",
    bentocache: "Bentocache, Kysely",
    "ai-sdk": "AI SDK, @keyv/sqlite",
  },
  redis: {
    floor: "floor",
    bare: "bare",
    remem: "remem",
    keyv: "Keyv, @keyv/redis",
    bentocache: "Bentocache, ioredis",
    "ai-sdk": "AI SDK, @redis/client",
    langchain: "LangChain, RedisCache",
  },
  tiered: {
    floor: "floor",
    remem: "remem",
    cacheable: "cacheable",
    bentocache: "Bentocache",
  },
} as const satisfies Record<string, Readonly<Record<string, string>>>;

export type Tier = keyof typeof CONTESTANTS;

/** Which contestant, and on what. */
export interface Opening {
  readonly tier: Tier;
  /** Its module is `contestants/<tier>/<id>.ts`. */
  readonly id: string;
  readonly size: Size;
  /** A new one by default. */
  readonly directory?: string;
  /** How long the model takes, in milliseconds. 0 by default. */
  readonly modelMs?: number;
  /** For the contestant without a cache. */
  readonly serverUrl?: string;
}

const DIGEST = "Floor and remem check the digest of what they read; the others trust it.";
const REMEMBERED =
  "remem gives copies of small answers that it has read before. Of entries longer than 16 K characters none is remembered.";

/** What must be known to compare them. */
export const NOTES: Readonly<Record<Tier, readonly string[]>> = {
  memory: [
    DIGEST,
    REMEMBERED,
    "cache-manager, cachified, the AI SDK's Map and LangChain hand out the very object that they keep; the others copy it.",
  ],
  sqlite: [
    DIGEST,
    REMEMBERED,
    "The release of @keyv/sqlite is compiled at installation, so this is the beta of its next one.",
  ],
  redis: [DIGEST, REMEMBERED, "Redis and who asks it share a core, where the system has taskset."],
  tiered: [DIGEST, REMEMBERED, "All but the floor have SQLite behind their memory, which a hit does not touch."],
};
