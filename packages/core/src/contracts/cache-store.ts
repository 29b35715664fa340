/**
 * Moves opaque strings. It knows nothing of requests, hashing or entry formats: whoever writes one needs `get`, `set`,
 * `delete`, `clear` and `close`, and leaves out what its backend cannot do. A backend that fails makes the call reject;
 * it is never answered as a miss, because a miss costs money.
 */
export interface CacheStore {
  readonly specVersion: 1;
  /** Names the store in errors, events and warnings. */
  readonly name: string;
  /** The value, or `undefined` for a key that is unknown or past its `expiresAt`. */
  get(key: string): Promise<string | undefined>;
  /** The values in the order of the keys, with `undefined` in the gaps. Left out: the client calls `get` for each. */
  getMany?(keys: readonly string[]): Promise<ReadonlyArray<string | undefined>>;
  /**
   * Resolves once the value is kept. Replaces an older value, unless `ifAbsent`.
   * `expiresAt` is in Unix milliseconds and may lie in the past: then nothing is served for this key.
   */
  set(key: string, value: string, options?: StoreSetOptions): Promise<void>;
  /** Whether there was something to delete. */
  delete(key: string): Promise<boolean>;
  /** Removes what this store has set, and nothing that belongs to others in the same backend. */
  clear(): Promise<void>;
  /** Everything that `get` would serve, in no particular order, without holding it all in memory. */
  entries?(): AsyncIterable<readonly [key: string, value: string]>;
  /** Makes one call out of equal ones in several processes. Left out: they are joined within a process alone. */
  readonly flights?: Flights;
  /**
   * Names the part of the backend that holds the key now, for backends whose parts fail apart, such as the nodes of a
   * cluster: the client then goes on asking the others, and asks for the keys of one part at a time.
   */
  shardOf?(key: string): string;
  /** Afterwards every call rejects. Closing twice is fine. */
  close(): Promise<void>;
}

export interface StoreSetOptions {
  readonly expiresAt?: number;
  readonly ifAbsent?: boolean;
}

/**
 * One leader a key, across processes, and across hosts where the store spans them. Coordination that fails rejects, and
 * the client goes on alone: it costs a call, never an answer.
 */
export interface Flights {
  /** The lead, or `undefined` while somebody else has it. A leader that is dead is somebody else no longer. */
  enter(key: string): Promise<Lease | undefined>;
  /**
   * Resolves when it is worth looking again: the lead was given up, or its holder is dead; too often does no harm.
   * Rejects with the signal's reason. It may tell how the lead ended.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: whoever has nothing to tell need not return anything.
  changed(key: string, options: { readonly signal: AbortSignal }): Promise<FlightEnd | void>;
}

/** `"released"`: its holder gave the lead up, so what is not stored by now never will be by that one. */
export type FlightEnd = "released" | "unknown";

/** The lead. Disposing of it gives it up and wakes those who wait. */
export interface Lease extends AsyncDisposable {
  /** Aborted when the lead was taken over by another, for instance after this process was stopped for too long. */
  readonly lost: AbortSignal;
}
