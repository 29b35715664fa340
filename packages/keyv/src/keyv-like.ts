import { RememError } from "@remem/core";

/** What is used of a Keyv, 5.6 or 6.1, whose types exclude each other. */
export interface KeyvLike {
  /** Its storage adapter. */
  readonly store: unknown;
  readonly namespace?: string | undefined;
  /** Keyv 5 alone. */
  readonly useKeyPrefix?: boolean;
  readonly ttl?: unknown;
  readonly compression?: unknown;
  /** Keyv 6 alone. */
  readonly encryption?: unknown;
  on(event: "error", listener: (error: unknown) => void): unknown;
  disconnect(): Promise<void>;
}

/** A storage adapter of either version. That of a Keyv 5 may be a Map. */
export interface StorageAdapter {
  readonly namespace?: string | undefined;
  /** In Keyv 6. With `expires` the third parameter of `set` is a time in Unix milliseconds; else it is a duration. */
  readonly capabilities?: {
    readonly expires?: boolean;
    readonly methods?: { readonly iterator: { readonly exists: boolean } };
  };
  /** What Keyv 6 has made an adapter of. */
  readonly store?: unknown;
  get(key: string): unknown;
  getMany?(keys: readonly string[]): Promise<readonly unknown[]>;
  set(key: string, value: string, expiry?: number): unknown;
  delete(key: string): unknown;
  clear(): unknown;
  iterator?(namespace?: string): AsyncIterable<readonly [key: string, value: unknown]>;
  on?(event: "error", listener: (error: unknown) => void): unknown;
}

/** Values go to the adapter as they are, so what a Keyv was told to do to them would be left undone, in silence. */
const NOT_APPLIED = {
  ttl: "Set `ttlMs` of the client instead.",
  compression: "Leave it out.",
  encryption: "Leave it out, and encrypt where the adapter stores.",
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
