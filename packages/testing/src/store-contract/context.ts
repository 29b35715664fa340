import assert from "node:assert/strict";
import type { CacheStore } from "@remem/core/plugin";
import { NotApplicable } from "../contract.ts";

/** The resources of a case. Every store that it opens is closed after the case. */
export interface CaseContext {
  /** A new, empty store. */
  readonly store: CacheStore;
  /** Creates another store with its own backend. */
  create(): Promise<CacheStore>;
  /** Opens another handle on the same backend. */
  reopen(): Promise<CacheStore>;
  breakBackend(store: CacheStore): Promise<void>;
  orphan(key: string): Promise<void>;
  leadElsewhere(key: string): Promise<() => Promise<void>>;
  readonly foreign: ForeignData;
  /** The time limit of an immediate event. */
  readonly limitMs: number;
  /** The factor of every other time limit. */
  readonly slowness: number;
}

/** Data of another program in the backend of a store. */
export interface ForeignData {
  /** Writes the data. Called after the store's first write. */
  put(): Promise<void> | void;
  /** Whether the foreign data is still there. */
  isThere(): Promise<boolean> | boolean;
}

/** Requires an optional member of the contract. Without it the case does not apply. */
export function needs<Name extends "getMany" | "entries" | "heads" | "getSidecar" | "flights">(
  store: CacheStore,
  member: Name,
): asserts store is CacheStore & Required<Pick<CacheStore, Name>> {
  if (store[member] === undefined) throw new NotApplicable(`this store has no \`${member}\``);
}

export async function expectValue(store: CacheStore, key: string, expected: string | undefined): Promise<void> {
  expectSame(await store.get(key), expected, `get(${brief(key)})`);
}

export async function expectSidecar(store: CacheStore, key: string, expected: string | undefined): Promise<void> {
  expectSame(await store.getSidecar?.(key), expected, `getSidecar(${brief(key)})`);
}

/** Compares without a diff, which for long values is slow and less clear. */
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

/** Texts that a backend may change or refuse. */
export const ODD_TEXTS: Readonly<Record<string, string>> = {
  "an empty text": "",
  "one NUL character": "\0",
  "a text with NUL characters": "a\0b\0",
  "a text with astral characters": "😀 𝒳 日本",
  "a text between line breaks": "\r\n a \t\n",
  "one quote": '"',
  "a JSON text": '"a\\u0000b"',
  "a text of 1 MiB": "é1".repeat(512 * 1024),
};
