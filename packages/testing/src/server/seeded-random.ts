import { hash } from "node:crypto";

/** A pseudo-random generator: equal seeds make equal choices. */
export interface SeededRandom {
  /** A whole number from 0 to `limit - 1`. */
  integer(limit: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
}

export function seededRandom(seed: string): SeededRandom {
  let count = 0;
  function integer(limit: number): number {
    return Number.parseInt(hash("sha256", `${seed} ${count++}`).slice(0, 12), 16) % limit;
  }
  return {
    integer,
    pick(items) {
      return items[integer(items.length)] ?? items[0];
    },
  };
}
