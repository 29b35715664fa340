type Read = (key: string) => Promise<string | undefined>;

/** Reads one key at a time for its callers, and all that are asked for in one turn of the event loop at once from the store. */
export function bulkReader(getMany: (keys: readonly string[]) => Promise<ReadonlyArray<string | undefined>>): Read {
  let asked: Array<{ readonly key: string; resolve(value: string | undefined): void; reject(error: unknown): void }> =
    [];

  async function flush(): Promise<void> {
    const batch = asked;
    asked = [];
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
