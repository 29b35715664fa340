export type Slot = <T>(work: () => Promise<T>) => Promise<T>;

/** Runs at most `limit` pieces of work at a time, first come, first served. */
export function createLimiter(limit: number): Slot {
  const queue: Array<() => void> = [];
  let free = limit;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
