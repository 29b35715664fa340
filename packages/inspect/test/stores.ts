import { randomUUID } from "node:crypto";
import {
  type CacheStore,
  type ChatRequest,
  chatSurface,
  encodeEntry,
  type JsonObject,
  type KeyFacts,
  memoryStore,
  putEntry,
  recomputedKey,
  tieredStore,
} from "@remem/core";
import { keyvStore } from "@remem/keyv";
import { redisStore } from "@remem/redis";
import { sqliteStore } from "@remem/sqlite";
import { hasRedis, useRedis } from "@remem/test-support/redis/redis-server";
import { temporaryFile } from "@remem/test-support/temporary";
import { Keyv } from "keyv";
import { afterAll, onTestFinished } from "vitest";

export interface StoreKind {
  readonly title: string;
  /** Opens an empty store, which is closed after the test. */
  open(): CacheStore;
}

const redis = hasRedis ? await useRedis() : undefined;
if (redis) afterAll(() => redis.stop());

/** Stores of every kind: with and without sidecars, with and without heads. */
export const STORES: readonly StoreKind[] = [
  kind("memory", () => memoryStore()),
  kind("memory without heads", () => {
    const { heads: _, ...store } = memoryStore();
    return store;
  }),
  kind("SQLite", () => sqliteStore({ path: temporaryFile() })),
  kind("SQLite with compressed values", () => sqliteStore({ path: temporaryFile(), compress: true })),
  kind("memory in front of SQLite", () => tieredStore(memoryStore(), sqliteStore({ path: temporaryFile() }))),
  kind("Keyv", () => keyvStore(new Keyv({ store: new Map(), namespace: "n" }))),
  ...(redis ? [kind("Redis", () => redisStore({ url: redis.url, prefix: `${randomUUID()}:` }))] : []),
];

function kind(title: string, create: () => CacheStore): StoreKind {
  return {
    title,
    open() {
      const store = create();
      onTestFinished(() => store.close());
      return store;
    },
  };
}

export interface Put {
  readonly question?: string;
  readonly answer?: string;
  readonly model?: string;
  readonly createdAt?: number;
  readonly finishReason?: string;
  readonly facts?: KeyFacts;
  readonly params?: JsonObject;
  /** False for a client that does not keep requests. */
  readonly keepsRequest?: boolean;
}

/** Stores an answer as a client does, and returns its key. */
export async function put(store: CacheStore, options: Put = {}): Promise<string> {
  const { question = "Hi", answer = "Hello", model = "gpt-4o-mini", createdAt = Date.now(), facts = {} } = options;
  const { finishReason = "stop", params = {}, keepsRequest = true } = options;
  const request: ChatRequest = { model, ...params, messages: [{ role: "user", content: question }] };
  const key = recomputedKey(chatSurface, request as unknown as JsonObject, facts);
  const completion = {
    id: "1",
    object: "chat.completion",
    created: 1,
    model: `${model}-2026`,
    choices: [{ index: 0, finish_reason: finishReason, message: { role: "assistant", content: answer } }],
    usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 },
  };
  const entry = { key, createdAt, answer: completion };
  await putEntry(store, key, encodeEntry(keepsRequest ? { ...entry, request, facts } : entry));
  return key;
}

/** Changes the stored value of a key, as a damaged disk does. */
export async function damage(store: CacheStore, key: string, change: (value: string) => string): Promise<void> {
  const [value, sidecar] = [await store.get(key), await store.getSidecar?.(key)];
  await store.set(key, change(value!), sidecar === undefined ? {} : { sidecar });
}
