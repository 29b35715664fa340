export interface Timings {
  /** A leader that is not heard of for this long, by the clock of Redis, leads no longer. It renews the lead every third. */
  readonly leaseMs: number;
  /** How often a waiter looks whether leads are there, ±25 %, for those that end unannounced. */
  readonly tickMs: number;
}

/** No options: a host that is too busy for a shorter lease would pay twice. */
export const TIMINGS: Timings = { leaseMs: 15_000, tickMs: 400 };
