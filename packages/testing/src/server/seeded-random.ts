import { hash } from "node:crypto";

/** Choices that look random and are the same whenever the seed is. */
export interface Dice {
  /** A whole number from 0 to `sides - 1`. */
  roll(sides: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
}

export function dice(seed: string): Dice {
  let rolls = 0;
  function roll(sides: number): number {
    return Number.parseInt(hash("sha256", `${seed} ${rolls++}`).slice(0, 12), 16) % sides;
  }
  return {
    roll,
    pick(items) {
      return items[roll(items.length)] ?? items[0];
    },
  };
}
