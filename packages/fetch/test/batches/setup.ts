import { type CacheStore, type JsonObject, memoryStore } from "@remem/core";
import { type MessageBatchPlan, type MessagesServer, type MessagesServerOptions, messagesServer } from "@remem/testing";
import { onTestFinished } from "vitest";
import {
  type CachedFetch,
  cachedFetch,
  type MessageBatches,
  type MessageBatchesOptions,
  messageBatches,
} from "../../src/index.ts";

export const API_KEY = "sk-ant-test-0123456789";

export interface Setup {
  readonly server: MessagesServer;
  readonly store: CacheStore;
  /** Opens another one, as another process would. */
  open(options?: Partial<MessageBatchesOptions>): MessageBatches;
  /** The `fetch` that finds the same answers. */
  direct(): CachedFetch;
}

export async function setup(
  plans: readonly MessageBatchPlan[] = [],
  { store = memoryStore(), ...options }: MessagesServerOptions & { readonly store?: CacheStore } = {},
): Promise<Setup> {
  const server = await messagesServer(options);
  server.batches.plan(plans);
  const open: AsyncDisposable[] = [];
  onTestFinished(async () => {
    for (const one of open) await one[Symbol.asyncDispose]();
    await server.close();
  });
  function opened<T extends AsyncDisposable>(one: T): T {
    open.push(one);
    return one;
  }
  const shared = (): CacheStore => ({ ...store, close: async () => {} });
  return {
    server,
    store,
    open: (own) =>
      opened(messageBatches({ apiKey: API_KEY, baseURL: server.baseURL, store: shared(), maxRetries: 0, ...own })),
    direct: () => opened(cachedFetch({ store: shared() })),
  };
}

export function asking(content: string, more: object = {}): JsonObject {
  return { model: "claude-haiku-4-5", max_tokens: 100, messages: [{ role: "user", content }], ...more };
}

export const asked = (count: number, prefix = "q"): JsonObject[] =>
  Array.from({ length: count }, (_, index) => asking(`${prefix}${index}`));

/** What was asked, of the requests that were paid for. */
export function paidFor({ batches }: MessagesServer): string[] {
  return batches.paid.map((params) => (params as ReturnType<typeof asking> & Asked).messages[0]!.content).sort();
}

interface Asked {
  readonly messages: ReadonlyArray<{ readonly content: string }>;
}

export async function all<T>(results: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const result of results) list.push(result);
  return list;
}

/** The result as text, or its failure. */
export function said(
  result: { readonly error?: Error | undefined; readonly message?: JsonObject } | undefined,
): string {
  if (result === undefined) return "to come";
  if (result.error) return result.error.message;
  return (result.message as { content?: ReadonlyArray<{ text: string }> }).content![0]!.text;
}

export const HEADERS: Readonly<Record<string, string>> = {
  "content-type": "application/json",
  "x-api-key": API_KEY,
  "anthropic-version": "2023-06-01",
};
