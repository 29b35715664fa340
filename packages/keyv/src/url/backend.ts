import type { StorageAdapter } from "../keyv-like.ts";

/** How long a server may take to accept a connection. */
export const CONNECT_MS = 5_000;
/** How long a server may take to answer: less than the client allows a store by default. */
export const ANSWER_MS = 30_000;
/** How long `close` waits for a server before it closes the sockets itself. */
export const CLOSE_MS = 1_000;

/**
 * The table or collection, in databases that have them. Only this package uses it, so that clearing it deletes no data of
 * others. It is not the table of `@remem/sqlite`, which the adapter for SQLite would convert.
 */
export const TABLE = "remem_keyv";
/** How many rows a query of a listing returns. Adapters ask for ten by default. */
export const LISTED_AT_ONCE = 100;
/** The namespace of the keys in servers without tables. The keys of `@remem/redis` begin with `remem:`. */
export const NAMESPACE = "remem-keyv";

/** The module of an adapter. */
export interface AdapterModule<Adapter> {
  readonly default: Adapter;
}

/** A storage adapter with its dependencies. */
export interface LoadedAdapter {
  /** The path of its module. */
  readonly path: string;
  /** Requires a package that the adapter depends on, or its own module by `path`. */
  readonly requireBeside: NodeJS.Require;
}

/** An adapter whose connection may still be being established. */
export interface Connected {
  readonly adapter: StorageAdapter;
  /** The prefix of every key, if the adapter does not add one itself. None by default. */
  readonly prefix?: string;
  /** Settles once the adapter has connected or failed. By default the store reads a key to find out. */
  readonly ready?: Promise<unknown>;
  /** Returns the cause of an error, if the adapter knows more than the error says. */
  explain?(error: unknown): unknown;
  /** Closes the connection, by force if the server does not answer. */
  end(): Promise<unknown>;
}

/** How a storage adapter becomes a store. */
export interface Backend {
  /** The packages to install, as npm takes them. Some adapters import the Keyv that they are for. */
  readonly packages: readonly [keyv: string, adapter: string];
  /** The text after the scheme, for error messages. */
  readonly address: `://${string}` | `<${string}>`;
  /** Whether the adapter can read many keys at once, and list its entries. */
  readonly lists: boolean;
  /** A further limitation of such a store, besides that it does not coordinate processes. */
  readonly lacks?: string;
  /** @throws if the URL cannot be used. The reason does not contain the URL. */
  connect(loaded: LoadedAdapter, url: string): Connected | Promise<Connected>;
}
