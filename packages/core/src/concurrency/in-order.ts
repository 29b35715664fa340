/**
 * Starts work on each item as soon as it arrives, and yields the outcomes in the order of the items. At most `window` items
 * are started but not yet yielded, which bounds the memory for a source of any length. A slow item delays the outcomes
 * behind it, but not the work on them. `start` must not reject.
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
  // Wakes the source, which waits for room, or the reader, which waits for an item. They never wait at the same time.
  let wake: (() => void) | undefined;

  function change(): void {
    wake?.();
    wake = undefined;
  }
  function changed(): Promise<void> {
    return new Promise((resolve) => {
      wake = resolve;
    });
  }
  function add(item: Item): void {
    started.push(start(item));
    change();
  }
  const isFull = (): boolean => started.length >= window && !abandoned;

  async function pull(): Promise<void> {
    try {
      if (Symbol.asyncIterator in source) {
        for await (const item of source) {
          if (abandoned) return;
          add(item);
          while (isFull()) await changed();
        }
      } else {
        for (const item of source) {
          add(item);
          while (isFull()) await changed();
          if (abandoned) return;
        }
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
        await changed();
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
