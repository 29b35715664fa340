/** Finds headers by their names in lower case, as `Headers` does. */
export interface HeaderLookup {
  /** Returns the value of a header, or null if there is none. */
  get(name: string): string | null;
}

/** A request that a server has read, as plain data. */
export interface PlainRequest {
  /** The address that it would be sent to. */
  readonly url: URL;
  /** The headers that would be sent. */
  readonly headers: HeaderLookup;
  /** The whole body. */
  readonly body: Uint8Array;
  /** Aborted when the caller leaves. */
  readonly signal: AbortSignal | undefined;
  /** The other arguments of `fetch`, with the method and all headers. Called only if the server is asked. */
  init(): RequestInit;
}
