import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, statfsSync } from "node:fs";
import { resolve } from "node:path";
import { type Flights, type Lease, RememError, StoreError } from "@remem/core";
import { networkFileSystem } from "../file/network-file-system.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { createHolders } from "./holders.ts";
import { createLife, isLifeFile } from "./life.ts";
import { type LockFiles, lockFiles } from "./lock-files.ts";
import { remove, sweep, tryAcquire } from "./lock-protocol.ts";
import { createLockWaiter } from "./lock-waiter.ts";
import { run } from "./steps.ts";
import { TIMINGS, type Timings } from "./timings.ts";
import { makeToken } from "./token.ts";

/** What was made longer ago than this, and is of no use, was left by a process that died. */
const ABANDONED_MS = 3_600_000;

/**
 * Flights of all processes on this machine that use this directory: one leader a key. A leader that is killed, or whose
 * worker thread is terminated, is succeeded within some 250 ms, also in another container; one that is stopped after 30 s. The directory is made at the first `enter`, for the
 * owner alone; a relative path is taken from the working directory at the time of this call.
 *
 * A directory that cannot be used, or lies on a network file system, makes `enter` and `changed` reject with a
 * `StoreError`.
 * @throws {RememError} with code `INVALID_OPTION` where `directory` is no path
 */
export function fileFlights(directory: string): Flights {
  if (typeof directory !== "string" || directory === "") {
    throw new RememError("INVALID_OPTION", "fileFlights: `directory` must be the path of a directory for lock files.");
  }
  const path = resolve(directory);
  return flightsIn(path, lockFiles(path), TIMINGS);
}

/** The same, with files and timings that a test can choose. @internal */
export function flightsIn(
  directory: string,
  files: LockFiles,
  timings: Timings,
  findNetwork: typeof networkFileSystem = networkFileSystem,
): Flights {
  const holders = createHolders(files, timings);
  const waiter = createLockWaiter(files, holders, timings);
  const heartbeat = createHeartbeat(files.touch, timings.beatMs, lostError);
  const life = createLife(files);
  let isOpen = false;

  /** Within the directory, which is made at first, and again where it was removed. */
  function inDirectory<T>(operation: () => T): T {
    try {
      if (isOpen) return operation();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      isOpen = false;
    }
    open();
    return operation();
  }
  function open(): void {
    const isNew = mkdirSync(directory, { recursive: true, mode: 0o700 }) !== undefined;
    if (isNew) chmodSync(directory, 0o700); // Whatever the umask.
    const network = findNetwork(statfsSync(directory).type);
    if (network !== undefined) throw new Error(`it is on a network file system (${network}); use a local disk`);
    run(sweep(makeToken, isOld), files);
    for (const name of (files.list(".") ?? []).filter(isLifeFile)) {
      if (isOld(name) && files.isLifeLocked(name.slice(1)) === false) files.unlink(name);
    }
    isOpen = true;
  }
  /** By the wall clock, since sweeping too early takes the lock from nobody. */
  function isOld(path: string): boolean {
    const touchedAt = files.touchedAt(path);
    return touchedAt !== undefined && Date.now() - touchedAt > ABANDONED_MS;
  }
  function acquire(lock: string): string | undefined {
    const mine = makeToken(life.acquire());
    let isMine = false;
    try {
      isMine = run(
        tryAcquire(lock, mine, (holder) => holders.isOver(lock, holder)),
        files,
      );
    } finally {
      if (!isMine) life.release();
    }
    return isMine ? mine : undefined;
  }
  function leaseOn(lock: string, mine: string): Lease {
    const pulse = heartbeat.start(`${lock}/${mine}`);
    let isHeld = true;
    function release(): void {
      if (isHeld) life.release();
      isHeld = false;
    }
    function releaseLock(): void {
      if (isHeld) run(remove(lock, mine), files);
      release();
    }
    /** A lock that stays would hold up others, though nobody leads, until its lease is over. */
    function retryReleaseUntil(leaseEndsAt: number): void {
      setTimeout(() => {
        try {
          releaseLock();
        } catch {
          if (performance.now() < leaseEndsAt) retryReleaseUntil(leaseEndsAt);
          else release();
        }
      }, timings.checkMs).unref();
    }
    return {
      lost: pulse.lost,
      async [Symbol.asyncDispose]() {
        pulse.stop();
        try {
          releaseLock();
        } catch (cause) {
          retryReleaseUntil(performance.now() + timings.leaseMs);
          throw unusableError(cause);
        }
      },
    };
  }
  function orUnusable<T>(operation: () => T): T {
    try {
      return operation();
    } catch (cause) {
      throw unusableError(cause);
    }
  }
  function unusableError(cause: unknown): StoreError {
    return lockError(`cannot be used, so that calls are not joined across processes: ${reasonOf(cause)}.`, cause);
  }
  function lostError(): StoreError {
    return lockError("has lost a lock of this process: it was removed, or taken over while the process was stopped.");
  }
  function lockError(problem: string, cause?: unknown): StoreError {
    return new StoreError(`The lock directory ${directory} ${problem}`, { store: "sqlite", cause });
  }

  return {
    async enter(key) {
      const lock = lockOf(key);
      return orUnusable(() => {
        const mine = inDirectory(() => acquire(lock));
        return mine === undefined ? undefined : leaseOn(lock, mine);
      });
    },
    async changed(key, { signal }) {
      try {
        return await waiter.changed(lockOf(key), signal);
      } catch (error) {
        throw signal.aborted ? signal.reason : unusableError(error);
      }
    },
  };
}

/** Keys are opaque: whatever is in them, a lock's name is hex. */
const lockOf = (key: string): string => createHash("sha256").update(key).digest("hex");

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
