/**
 * Starts work on each item as it can be had and gives the outcomes in the order of the items. At most `window` items
 * are started and not yet given, so a source of any length stays out of memory, and one slow item holds back the
 * outcomes behind it, not the work on them. `start` must not reject.
 */
export async function* inOrder<Item, Outcome>(
  source: Iterable<Item> | AsyncIterable<Item>,
  window: number,
  start: (item: Item) => Promise<Outcome>,
): AsyncGenerator<Outcome, void, undefined> {
  const started: Array<Promise<Outcome>> = [];
  let sourceFailure: { readonly error: unknown } | undefined;
  let ended = false;
  let abandoned = false;
  let changed = Promise.withResolvers<void>();

  function change(): void {
    changed.resolve();
    changed = Promise.withResolvers();
  }

  async function pull(): Promise<void> {
    try {
      for await (const item of source) {
        if (abandoned) return;
        started.push(start(item));
        change();
        while (started.length >= window && !abandoned) await changed.promise;
      }
    } catch (error) {
      sourceFailure = { error };
    } finally {
      ended = true;
      change();
    }
  }

  void pull();
  try {
    while (true) {
      const next = started[0];
      if (next !== undefined) {
        const outcome = await next;
        started.shift();
        change();
        yield outcome;
      } else if (!ended) {
        await changed.promise;
      } else if (sourceFailure !== undefined) {
        throw sourceFailure.error;
      } else {
        return;
      }
    }
  } finally {
    abandoned = true;
    change();
  }
}
