/** A counting semaphore, first come, first served. */
export interface Limiter {
  /** Resolves with a permit, which is given back by disposing of it. */
  acquire(): Promise<Disposable>;
}

export function createLimiter(limit: number): Limiter {
  const queue: Array<(permit: Disposable) => void> = [];
  let free = limit;

  function createPermit(): Disposable {
    let isHeld = true;
    return {
      [Symbol.dispose]() {
        if (!isHeld) return;
        isHeld = false;
        const next = queue.shift();
        if (next === undefined) free += 1;
        else next(createPermit());
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

/** Gives a permit to everybody. */
export const unlimited: Limiter = { acquire: async () => PERMIT };
