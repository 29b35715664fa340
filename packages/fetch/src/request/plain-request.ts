/** Finds headers by their names in lower case, as `Headers` does. */
export interface HeaderLookup {
  get(name: string): string | null;
}

/** A request that a server has read, as plain data. */
export interface PlainRequest {
  readonly url: URL;
  /** The headers that would be sent. */
  readonly headers: HeaderLookup;
  readonly body: Uint8Array;
  readonly signal: AbortSignal | undefined;
  /** The other arguments of `fetch`, with the method and all headers. Called where a server is asked. */
  init(): RequestInit;
}
