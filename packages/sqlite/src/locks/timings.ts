export interface Timings {
  /** The interval of a holder's heartbeats. */
  readonly beatMs: number;
  /** A holder without a heartbeat for this long loses its lock. */
  readonly leaseMs: number;
  /** How often a waiter checks whether locks still exist, ±20 %. */
  readonly tickMs: number;
  /** How often a waiter checks whether holders are alive. */
  readonly checkMs: number;
}

/** Not options but part of the format: all processes that share a directory must agree on them. */
export const TIMINGS: Timings = { beatMs: 5_000, leaseMs: 30_000, tickMs: 50, checkMs: 250 };
