import { RememError } from "@remem/core/plugin";

/** The members of a Keyv that are used. The types of 5.6 and 6.1 are incompatible. */
export interface KeyvLike {
  /** Its storage adapter. */
  readonly store: unknown;
  /** The prefix of its keys. */
  readonly namespace?: string | undefined;
  /** Keyv 5 only. */
  readonly useKeyPrefix?: boolean;
  /** Refused if it is set: entries know when they expire. */
  readonly ttl?: unknown;
  /** Refused if it is set. */
  readonly compression?: unknown;
  /** Keyv 6 only. */
  readonly encryption?: unknown;
  /** Adds a listener of errors. */
  on(event: "error", listener: (error: unknown) => void): unknown;
  /** Closes the connection. */
  disconnect(): Promise<void>;
}

/** A storage adapter of either version. In Keyv 5 it may be a Map. */
export interface StorageAdapter {
  readonly namespace?: string | undefined;
  /**
   * Keyv 6 only. With `expires`, the third parameter of `set` is a time in Unix milliseconds; otherwise it is a duration.
   */
  readonly capabilities?: {
    readonly expires?: boolean;
    readonly methods?: { readonly iterator: { readonly exists: boolean } };
  };
  /** The object that Keyv 6 has wrapped in this adapter. */
  readonly store?: unknown;
  get(key: string): unknown;
  getMany?(keys: readonly string[]): Promise<readonly unknown[]>;
  set(key: string, value: string, expiry?: number): unknown;
  delete(key: string): unknown;
  clear(): unknown;
  iterator?(namespace?: string): AsyncIterable<readonly [key: string, value: unknown]>;
  on?(event: "error", listener: (error: unknown) => void): unknown;
}

/** Options that would silently have no effect, because values bypass the Keyv and go directly to its adapter. */
const NOT_APPLIED = {
  ttl: "Set `ttlMs` of the client instead.",
  compression: "Leave it out.",
  encryption: "Leave it out, and encrypt in the backend.",
} as const;

/** @throws {RememError} with code `INVALID_OPTION` */
export function adapterOf(keyv: KeyvLike): StorageAdapter {
  if (!hasMethods(keyv, "on", "disconnect") || !isStorageAdapter(keyv.store)) {
    throw invalidOption("`keyv` must be a Keyv, as in keyvStore(new Keyv({ store: adapter })).");
  }
  for (const [option, remedy] of Object.entries(NOT_APPLIED)) {
    const isSet = Boolean(keyv[option as keyof typeof NOT_APPLIED]);
    if (isSet) throw invalidOption(`a Keyv's \`${option}\` is not applied. ${remedy}`);
  }
  return keyv.store;
}

function isStorageAdapter(store: unknown): store is StorageAdapter {
  return hasMethods(store, "get", "set", "delete", "clear");
}

function hasMethods(candidate: unknown, ...names: readonly string[]): boolean {
  const members = candidate as Readonly<Record<string, unknown>> | null | undefined;
  return names.every((name) => typeof members?.[name] === "function");
}

function invalidOption(problem: string): RememError {
  return new RememError("INVALID_OPTION", `keyvStore: ${problem}`);
}
