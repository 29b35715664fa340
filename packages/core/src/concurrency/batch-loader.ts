import type { Read } from "../store/guarded-store.ts";

/** What a store that blocks the event loop while it reads may be asked for at once. */
const MOST = 128;

/** Reads one key at a time for its callers, and what is asked for in one turn of the event loop together from the store. */
export function bulkReader(
  getMany: (keys: readonly string[]) => Promise<readonly Read[]>,
): (key: string) => Promise<Read> {
  const asked: Array<{ readonly key: string; resolve(value: Read): void; reject(error: unknown): void }> = [];

  async function flush(): Promise<void> {
    const batch = asked.splice(0, MOST);
    if (asked.length > 0) setImmediate(flush);
    try {
      const values = await getMany(batch.map(({ key }) => key));
      for (const [index, { resolve }] of batch.entries()) resolve(values[index]);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  return (key) =>
    new Promise((resolve, reject) => {
      if (asked.length === 0) setImmediate(flush);
      asked.push({ key, resolve, reject });
    });
}
