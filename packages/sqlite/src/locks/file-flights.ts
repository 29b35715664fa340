import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, statfsSync } from "node:fs";
import { resolve } from "node:path";
import { type Flights, type Lease, RememError, StoreError } from "@remem/core/plugin";
import { reasonOf } from "../file/denied.ts";
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

/** Unused files older than this were left behind by a process that died. */
const ABANDONED_MS = 3_600_000;

/**
 * Creates the flights of all processes on this machine that use the same directory: one leader per key. A leader that
 * is killed, or whose worker thread is terminated, is succeeded within some 250 ms, even from another container. A
 * leader that is suspended is succeeded after 30 s. The first `enter` creates the directory, accessible to the owner
 * only. A relative path is resolved against the working directory at the time of this call.
 *
 * `enter` and `changed` reject with a `StoreError` if the directory cannot be used or is on a network file system.
 * @throws {RememError} with code `INVALID_OPTION` if `directory` is not a path
 */
export function fileFlights(directory: string): Flights {
  if (typeof directory !== "string" || directory === "") {
    throw new RememError("INVALID_OPTION", "fileFlights: `directory` must be the path of a directory for lock files.");
  }
  const path = resolve(directory);
  return flightsIn(path, lockFiles(path), TIMINGS);
}

/** The same, with dependencies that tests replace. @internal */
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

  /** Runs the operation in the directory, which is created on first use and again if it was removed. */
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
    if (isNew) chmodSync(directory, 0o700); // Regardless of the umask.
    const network = findNetwork(statfsSync(directory).type);
    if (network !== undefined) throw new Error(`it is on a network file system (${network}); use a local disk`);
    run(sweep(makeToken, isOld), files);
    for (const name of (files.list(".") ?? []).filter(isLifeFile)) {
      if (isOld(name) && files.isLifeLocked(name.slice(1)) === false) files.unlink(name);
    }
    isOpen = true;
  }
  /** The wall clock is good enough: sweeping too early never breaks a lock that is held. */
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
    /** A lock that is left behind would block others until its lease expires, although no process leads. */
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
    return lockError(
      `cannot be used, so calls are not coalesced across processes: ${reasonOf(cause, directory)}.`,
      cause,
    );
  }
  function lostError(): StoreError {
    return lockError("lost a lock of this process: it was removed, or taken over while the process was suspended.");
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

/** Keys may contain any characters, so the name of a lock is a digest in hex. */
const lockOf = (key: string): string => createHash("sha256").update(key).digest("hex");
