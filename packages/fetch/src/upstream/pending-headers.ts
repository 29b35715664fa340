/** The headers of streams that run, which are there before the first chunk, for all callers of a stream. */
export interface PendingHeaders {
  /** Gives the headers of the stream that is asked for under this key. */
  resolve(key: string, headers: Headers): void;
  /** Forgets the stream: a later one has headers of its own. */
  end(key: string): void;
  /** The headers, or undefined if `first` settles before. Rejects if `first` does. */
  before(key: string, first: Promise<unknown>): Promise<Headers | undefined>;
}

export function createPendingHeaders(): PendingHeaders {
  const waiting = new Map<string, PromiseWithResolvers<Headers>>();
  return {
    resolve: (key, headers) => waiting.get(key)?.resolve(headers),
    end: (key) => void waiting.delete(key),
    async before(key, first) {
      const headers = waiting.get(key) ?? Promise.withResolvers<Headers>();
      waiting.set(key, headers);
      try {
        return await Promise.race([headers.promise, first.then(() => undefined)]);
      } finally {
        if (waiting.get(key) === headers) waiting.delete(key);
      }
    },
  };
}
