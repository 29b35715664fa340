import type { FlightEnd } from "@remem/core";
import type { LockFiles } from "./lock-files.ts";
import { isDead } from "./process-life.ts";
import type { Timings } from "./timings.ts";
import { parseToken } from "./token.ts";

/** What this process has seen of those who hold locks that it wants. */
export interface Holders {
  /** Whether this holder's lead is over: it was given up, its process is dead, or it has not stirred for a whole lease. */
  isOver(lock: string, holder: string): boolean;
  /** How a lead that is over has ended: a holder that lives, and whose file is gone, has given it up. */
  endOf(lock: string, holder: string | undefined): FlightEnd;
  /** Forgets the holders of all other locks. */
  keepOnly(locks: ReadonlySet<string>): void;
}

interface Sighting {
  readonly holder: string;
  readonly beat: number;
  readonly stillMs: number;
  readonly at: number;
}

export function createHolders(files: LockFiles, { checkMs, leaseMs }: Pick<Timings, "checkMs" | "leaseMs">): Holders {
  const sightings = new Map<string, Sighting>();

  /** By our own steady clock: heartbeats are compared with each other alone. */
  function see(lock: string, holder: string, beat: number): Sighting {
    const at = performance.now();
    const last = sightings.get(lock);
    const isStill = last?.holder === holder && last.beat === beat;
    // A longer pause than that was ours: while we were stopped the holder may have been, too.
    const stillMs = isStill ? last.stillMs + Math.min(at - last.at, 2 * checkMs) : 0;
    const sighting = { holder, beat, stillMs, at };
    sightings.set(lock, sighting);
    return sighting;
  }

  return {
    isOver(lock, holder) {
      const token = parseToken(holder);
      if (token !== undefined && isDead(token)) return true;
      const beat = files.touchedAt(`${lock}/${holder}`);
      return beat === undefined || see(lock, holder, beat).stillMs >= leaseMs;
    },
    endOf(lock, holder) {
      const token = holder === undefined ? undefined : parseToken(holder);
      const isGone = token !== undefined && files.touchedAt(`${lock}/${holder}`) === undefined;
      return isGone && !isDead(token) ? "released" : "unknown";
    },
    keepOnly(locks) {
      for (const lock of sightings.keys()) if (!locks.has(lock)) sightings.delete(lock);
    },
  };
}
