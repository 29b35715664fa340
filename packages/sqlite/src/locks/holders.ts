import type { FlightEnd } from "@remem/core/plugin";
import type { LockFiles } from "./lock-files.ts";
import { createIsDead, createLivenessCache, type IsDead } from "./process-liveness.ts";
import type { Timings } from "./timings.ts";
import { parseToken } from "./token.ts";

/** Tracks the holders of the locks that this process waits for. */
export interface Holders {
  /**
   * Whether the holder no longer leads: it released the lock, its thread is dead, or it sent no heartbeat for a whole
   * lease.
   */
  isOver(lock: string, holder: string): boolean;
  /** Returns how a lead ended: a live holder whose file no longer exists released it. */
  findEnd(lock: string, holder: string | undefined): FlightEnd;
  /**
   * To be called before checking the existing locks: forgets the holders of all other locks, and which threads were
   * alive.
   */
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
  lookUp: IsDead = createIsDead(files.isLifeLocked),
): Holders {
  // A stale "alive" costs at most one tick: liveness is checked again on the next.
  const liveness = createLivenessCache(tickMs, lookUp);
  const sightings = new Map<string, Sighting>();

  /** Measures with our own monotonic clock: the time of a heartbeat is only compared with that of the one before. */
  function recordSighting(lock: string, holder: string, beat: number): Sighting {
    const at = performance.now();
    const last = sightings.get(lock);
    const isIdle = last?.holder === holder && last.beat === beat;
    // A longer gap means that this process was suspended, and the holder may have been as well.
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
