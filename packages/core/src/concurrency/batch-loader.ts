/** The largest batch. It is limited because a source may block the event loop while it loads. */
const MAX_BATCH = 128;

/** Loads one item at a time for its callers. Items that are asked for in one turn of the event loop are loaded together. */
export function batchLoader<Item, Value>(
  load: (items: readonly Item[]) => Promise<readonly Value[]>,
): (item: Item) => Promise<Value> {
  const waiting: Array<{ readonly item: Item; resolve(value: Value): void; reject(error: unknown): void }> = [];

  async function flush(): Promise<void> {
    const batch = waiting.splice(0, MAX_BATCH);
    if (waiting.length > 0) setImmediate(flush);
    try {
      const values = await load(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(values[index]!);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ item, resolve, reject });
    });
}
