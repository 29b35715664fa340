import type { Size } from "./workload.ts";

/**
 * By tier, floors first: the display name for every id. The id names the module `contestants/<tier>/<id>.ts`.
 *
 * Missing are cacheable and cache-manager over SQLite or Redis alone, because their first tier is memory; cache-manager in front
 * of SQLite, which never hits over the Keyv 6 of @keyv/sqlite; and LangChain over SQLite, for which it has no cache.
 */
export const CONTESTANTS = {
  memory: {
    floor: "floor",
    bare: "bare",
    remem: "remem",
    "remem-stream": "remem, first text of a stream",
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
    "remem-stream": "remem, first text of a stream",
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

/**
 * The same for clients of servers, all with memory as their store: in `contestants/clients`. `contestants/over-fetch` has what they
 * share: each client over any `fetch`, and the model behind one.
 */
export const CLIENTS = {
  floor: "infer, and the bodies of a request",
  "floor-stream": "infer, and the bodies of a stream",
  fetch: "cachedFetch",
  "fetch-stream": "cachedFetch, first text of a stream",
  openai: "openai, no cache",
  "openai-cached": "openai, cachedFetch",
  "ai-sdk": "AI SDK, no cache",
  "ai-sdk-cached": "AI SDK, cachedFetch",
  "ai-sdk-middleware": "AI SDK, middleware, Map",
  langchain: "LangChain, no cache",
  "langchain-cached": "LangChain, cachedFetch",
  "langchain-own": "LangChain, InMemoryCache",
  anthropic: "Anthropic, no cache",
  "anthropic-cached": "Anthropic, cachedFetch",
} as const satisfies Readonly<Record<string, string>>;

/** A contestant, and the data it is opened on. */
export interface Opening {
  readonly tier: Tier | "clients";
  /** Its module is `contestants/<tier>/<id>.ts`. */
  readonly id: string;
  readonly size: Size;
  /** A new directory by default. */
  readonly directory?: string;
  /** The latency of the model, in milliseconds. 0 by default. */
  readonly modelMs?: number;
  /** For the contestant without a cache. */
  readonly serverUrl?: string;
}

const DIGEST = "The floor and remem verify a digest on every read; the others do not.";
const REMEMBERED =
  "remem copies small answers that it has parsed before. It remembers no entry longer than 16 K characters.";

/** The facts that a reader needs to compare them. */
export const NOTES: Readonly<Record<Tier, readonly string[]>> = {
  memory: [
    DIGEST,
    REMEMBERED,
    "cache-manager, cachified, the AI SDK's Map and LangChain return the stored object itself; the others return a copy.",
  ],
  sqlite: [
    DIGEST,
    REMEMBERED,
    "The released @keyv/sqlite is compiled at installation, so the beta of the next version is measured.",
  ],
  redis: [DIGEST, REMEMBERED, "Redis and its clients share a core, if the system has taskset."],
  tiered: [DIGEST, REMEMBERED, "All except the floor have SQLite behind their memory. A hit does not touch it."],
};
