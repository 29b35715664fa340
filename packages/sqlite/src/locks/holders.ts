import type { FlightEnd } from "@remem/core";
import type { LockFiles } from "./lock-files.ts";
import { createLivenessCache, type IsDead, isDead } from "./process-liveness.ts";
import type { Timings } from "./timings.ts";
import { parseToken } from "./token.ts";

/** What this process has seen of those who hold locks that it wants. */
export interface Holders {
  /** Whether this holder's lead is over: it was given up, its thread is dead, or it has not stirred for a whole lease. */
  isOver(lock: string, holder: string): boolean;
  /** How a lead that is over has ended: a holder that lives, and whose file is gone, has given it up. */
  findEnd(lock: string, holder: string | undefined): FlightEnd;
  /** Before the locks that are there are looked at: forgets the holders of others, and who was alive. */
  refresh(locks: ReadonlySet<string>): void;
}

interface Sighting {
  readonly holder: string;
  readonly beat: number;
  readonly idleMs: number;
  readonly at: number;
}

export function createHolders(
  files: LockFiles,
  { tickMs, checkMs, leaseMs }: Pick<Timings, "tickMs" | "checkMs" | "leaseMs">,
  lookUp: IsDead = (token) => isDead(token, files.isLifeLocked),
): Holders {
  // Who finds somebody alive that has died meanwhile waits, and looks anew with the next tick.
  const liveness = createLivenessCache(tickMs, lookUp);
  const sightings = new Map<string, Sighting>();

  /** By our own steady clock: heartbeats are compared with each other alone. */
  function recordSighting(lock: string, holder: string, beat: number): Sighting {
    const at = performance.now();
    const last = sightings.get(lock);
    const isIdle = last?.holder === holder && last.beat === beat;
    // A longer pause than that was ours: while we were stopped the holder may have been, too.
    const idleMs = isIdle ? last.idleMs + Math.min(at - last.at, 2 * checkMs) : 0;
    const sighting = { holder, beat, idleMs, at };
    sightings.set(lock, sighting);
    return sighting;
  }

  return {
    isOver(lock, holder) {
      const token = parseToken(holder);
      if (token !== undefined && liveness.isDead(token)) return true;
      const beat = files.touchedAt(`${lock}/${holder}`);
      return beat === undefined || recordSighting(lock, holder, beat).idleMs >= leaseMs;
    },
    findEnd(lock, holder) {
      const token = holder === undefined ? undefined : parseToken(holder);
      const isGone = token !== undefined && files.touchedAt(`${lock}/${holder}`) === undefined;
      return isGone && !liveness.isDead(token) ? "released" : "unknown";
    },
    refresh(locks) {
      liveness.clear();
      for (const lock of sightings.keys()) if (!locks.has(lock)) sightings.delete(lock);
    },
  };
}
