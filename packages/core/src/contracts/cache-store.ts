/**
 * Moves opaque strings. A store knows nothing about requests, hashing or entry formats. It needs `get`, `set`, `delete`,
 * `clear` and `close`, and leaves out the members that its backend cannot support. When the backend fails, the operation
 * rejects: a miss instead would cost money.
 */
export interface CacheStore {
  /** The version of this contract. */
  readonly specVersion: 1;
  /** Names the store in errors, events and warnings. */
  readonly name: string;
  /**
   * Set if the store was created read-only: writes reject with `STORE_READ_ONLY`, and `tieredStore` then writes to the other
   * store.
   */
  readonly readOnly?: true;
  /** The value, or `undefined` for a key that is unknown or past its `expiresAt`. */
  get(key: string): Promise<string | undefined>;
  /**
   * The values in the order of the keys, with `undefined` for a key without a value. If left out, the client calls `get` for
   * each.
   */
  getMany?(keys: readonly string[]): Promise<ReadonlyArray<string | undefined>>;
  /**
   * Resolves once the value is stored. Replaces an older value and its sidecar, unless `ifAbsent`.
   * `expiresAt` is in Unix milliseconds and may lie in the past: then nothing is served for this key.
   */
  set(key: string, value: string, options?: StoreSetOptions): Promise<void>;
  /**
   * The sidecar that was stored with the value, if any. If left out, the store keeps no sidecars, and the client puts
   * everything into the value. A backend that evicts on its own may lose a sidecar before its value.
   */
  getSidecar?(key: string): Promise<string | undefined>;
  /** Returns whether there was a value to delete. */
  delete(key: string): Promise<boolean>;
  /** Removes the values that this store has set, and nothing else in the same backend. */
  clear(): Promise<void>;
  /**
   * Iterates over all entries that `get` would serve, with sidecars, in no particular order. It does not hold all of them in
   * memory.
   */
  entries?(): AsyncIterable<StoredEntry>;
  /**
   * The same entries with only the head of each value, for lists. If left out, callers read `entries`. A store that has `heads`
   * has `entries`, too.
   */
  heads?(options?: HeadsOptions): AsyncIterable<StoredHead>;
  /** Coalesces identical calls across processes. If left out, calls are coalesced only within a process. */
  readonly flights?: Flights;
  /**
   * Names the part of the backend that holds the key now, for backends whose parts fail separately, such as the nodes of a
   * cluster. When one part fails, the client still asks the others, and it reads the keys of one part at a time.
   */
  shardOf?(key: string): string;
  /** Closes the store: afterwards every operation rejects. Closing it twice is allowed. */
  close(): Promise<void>;
}

/** An entry as a store lists it. */
export type StoredEntry = readonly [key: string, value: string, sidecar?: string | undefined];

/** The options of `heads`. */
export interface HeadsOptions {
  /**
   * Whether the entry that was set last comes first. A key that was set again may keep its place. In no particular order by
   * default.
   */
  readonly newestFirst?: boolean | undefined;
  /** Only keys that begin with this text. All by default. */
  readonly prefix?: string | undefined;
  /** If a sidecar has more bytes, a store may return a sample of it: see `StoredHead.isSample`. By default all are whole. */
  readonly sampleAbove?: number | undefined;
}

/** An entry without its whole value. */
export interface StoredHead {
  /** The key of the value. */
  readonly key: string;
  /** The value up to its first line break, or its first `MAX_HEAD_LENGTH` characters if that is shorter. */
  readonly head: string;
  /** The size of key, value and sidecar in the store, in bytes. */
  readonly bytes: number;
  /** The sidecar, as `getSidecar` gives it. */
  readonly sidecar?: string | undefined;
  /** Whether `sidecar` is a sample: some pieces of it, evenly spaced and in order, each in a line. */
  readonly isSample?: true;
}

/** The options of `set`. */
export interface StoreSetOptions {
  /** When the value expires, in milliseconds since 1970. Never by default. */
  readonly expiresAt?: number | undefined;
  /** Writes only where the key has no value. False by default. */
  readonly ifAbsent?: boolean | undefined;
  /**
   * A second string that belongs to the value: it is replaced, deleted and expires with it, and `get` does not read it.
   * Given only to stores that have `getSidecar`.
   */
  readonly sidecar?: string | undefined;
}

/**
 * Elects one leader per key, across processes, and across hosts if the store spans them. When coordination fails the
 * operation rejects, and the client goes on alone, which may cost a call, but never an answer.
 */
export interface Flights {
  /** Acquires the lease, or returns `undefined` while another leader holds it. The lease of a dead leader can be acquired. */
  enter(key: string): Promise<Lease | undefined>;
  /**
   * Resolves when it is worth trying again: the lease was released, or its holder is dead. Resolving too often is harmless.
   * Rejects with the signal's reason. The result tells how the lease ended.
   */
  changed(key: string, options: { readonly signal: AbortSignal }): Promise<FlightEnd>;
}

/** `"released"`: the leader released the lease, so an answer that is not stored by now never will be. */
export type FlightEnd = "released" | "unknown";

/** The leader's right to ask the provider. Disposing of it releases it and wakes the followers. */
export interface Lease extends AsyncDisposable {
  /** Aborted when another process has taken the lease over, for instance after this process was stopped for too long. */
  readonly lost: AbortSignal;
}
