import assert from "node:assert/strict";
import type { CacheStore } from "@remem/core";

/** What one case works with. Whatever it opens is closed after it. */
export interface CaseContext {
  /** New and empty. */
  readonly store: CacheStore;
  /** One more store, with a backend of its own. */
  create(): Promise<CacheStore>;
  /** Another handle on the same backend. */
  reopen(): Promise<CacheStore>;
  breakBackend(store: CacheStore): Promise<void>;
  orphan(key: string): Promise<void>;
  leadElsewhere(key: string): Promise<() => Promise<void>>;
  readonly foreign: ForeignData;
  /** For what must happen soon. */
  readonly limitMs: number;
}

/** Something that lies in the same backend and is not the store's, as another program has it. */
export interface ForeignData {
  /** Called once the store has written. */
  put(): Promise<void> | void;
  isThere(): Promise<boolean> | boolean;
}

/** Ends a case that has nothing to say about this store. */
export class NotApplicable extends Error {}

/** A member that the contract leaves free. A store without it is not judged by the case. */
export function needs<Name extends "getMany" | "entries" | "flights">(
  store: CacheStore,
  member: Name,
): asserts store is CacheStore & Required<Pick<CacheStore, Name>> {
  if (store[member] === undefined) throw new NotApplicable(`this store has no \`${member}\``);
}

export async function expectValue(store: CacheStore, key: string, expected: string | undefined): Promise<void> {
  expectSame(await store.get(key), expected, `get(${brief(key)})`);
}

/** Without a diff, which of long values would say less and take longer. */
export function expectSame(actual: unknown, expected: string | undefined, what: string): void {
  assert.ok(actual === expected, `${what} gave ${brief(actual)} instead of ${brief(expected)}.`);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 60 ? text : `${text.slice(0, 50)}… (${text.length} characters)`;
}
