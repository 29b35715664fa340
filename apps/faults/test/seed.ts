/** A source of random test data. To repeat a failure, set `REMEM_SEED` to the seed that the test printed. */
export interface Luck {
  readonly seed: number;
  /** From 0 inclusive to 1 exclusive. */
  roll(): number;
  /** From 0 inclusive to `count` exclusive. */
  pick(count: number): number;
  oneOf<T>(choices: readonly T[]): T;
}

/** Mulberry32: small, and good enough to draw test data. */
export function luck(seed: number = Number(process.env.REMEM_SEED ?? Math.floor(Math.random() * 2 ** 32))): Luck {
  let state = seed;
  function roll(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const pick = (count: number): number => Math.floor(roll() * count);
  return { seed, roll, pick, oneOf: (choices) => choices[pick(choices.length)]! };
}
