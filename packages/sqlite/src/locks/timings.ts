export interface Timings {
  /** How often a holder shows that it is alive. */
  readonly beatMs: number;
  /** A holder that does not for this long loses its lock. */
  readonly leaseMs: number;
  /** How often a waiter looks whether locks are gone, ±20 %. */
  readonly tickMs: number;
  /** How often a waiter looks whether holders are alive. */
  readonly checkMs: number;
}

/** Part of the format: all processes over one directory have to agree, so these are no options. */
export const TIMINGS: Timings = { beatMs: 5_000, leaseMs: 30_000, tickMs: 50, checkMs: 250 };
