import { createGrowth } from "./growth.ts";

/** A counting semaphore, first come, first served. */
export interface Limiter {
  /** Resolves with a permit. Disposing of the permit releases it. */
  acquire(): Promise<Disposable>;
}

/** With `"auto"`, the limit grows as long as that makes calls end faster. */
export function createLimiter(limit: number | "auto"): Limiter {
  const queue: Array<(permit: Disposable) => void> = [];
  const growth = limit === "auto" ? createGrowth() : undefined;
  let free = growth?.first ?? (limit as number);

  function createPermit(): Disposable {
    let isHeld = true;
    return {
      [Symbol.dispose]() {
        if (!isHeld) return;
        isHeld = false;
        free += 1 + (growth?.ended(queue.length > 0) ?? 0);
        while (free > 0 && queue.length > 0) {
          free -= 1;
          queue.shift()!(createPermit());
        }
      },
    };
  }

  return {
    async acquire() {
      if (free === 0) return new Promise((resolve) => queue.push(resolve));
      free -= 1;
      return createPermit();
    },
  };
}

const PERMIT: Disposable = { [Symbol.dispose]() {} };

/** Grants every permit at once. */
export const unlimited: Limiter = { acquire: async () => PERMIT };
