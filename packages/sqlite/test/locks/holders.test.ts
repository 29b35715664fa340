import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createHolders } from "../../src/locks/holders.ts";
import type { LockFiles } from "../../src/locks/lock-files.ts";
import { createIsDead } from "../../src/locks/process-liveness.ts";
import { TIMINGS } from "../../src/locks/timings.ts";
import { makeToken } from "../../src/locks/token.ts";
import { memoryFiles } from "./memory-files.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const { leaseMs, checkMs } = TIMINGS;

/** A lock whose holder is a live process that can send heartbeats. */
function held() {
  const beats = { at: 1 as number | undefined };
  const files: LockFiles = { ...memoryFiles({}), touchedAt: () => beats.at };
  const isDead = vi.fn(createIsDead(files.isLifeLocked));
  const holders = createHolders(files, TIMINGS, isDead);
  const holder = makeToken();
  return {
    beats,
    holders,
    holder,
    isDead,
    /** Checks as often as a waiter does. Returns true as soon as the lead is over. */
    watch(ms: number): boolean {
      const until = performance.now() + ms;
      while (performance.now() < until) {
        vi.advanceTimersByTime(checkMs);
        if (holders.isOver("lock", holder)) return true;
      }
      return false;
    },
  };
}

test("a live holder without a heartbeat for a whole lease has lost the lead", () => {
  const { watch } = held();
  expect(watch(leaseMs)).toBe(false);
  expect(watch(checkMs)).toBe(true);
});

test("every heartbeat restarts the lease, whatever its time", () => {
  const { watch, beats } = held();
  for (const at of [2, 1_000_000_000_000, -5, 2]) {
    expect(watch(leaseMs - checkMs)).toBe(false);
    beats.at = at;
  }
  expect(watch(leaseMs)).toBe(false);
});

test("a later holder of the same lock has a lease of its own", () => {
  const { watch, holders } = held();
  expect(watch(leaseMs)).toBe(false);
  expect(holders.isOver("lock", makeToken())).toBe(false);
  expect(watch(leaseMs)).toBe(false);
});

test("time in which this process was suspended does not count against the holder", () => {
  const { watch, holders, holder } = held();
  expect(watch(leaseMs - 4 * checkMs)).toBe(false);
  vi.advanceTimersByTime(100 * leaseMs);
  expect(holders.isOver("lock", holder)).toBe(false);
  expect(watch(leaseMs)).toBe(true);
});

test("observations outlast a wait, so short waits add up", () => {
  const { watch, holders, holder } = held();
  let waits = 0;
  for (; waits < 10 && !watch(leaseMs / 4); waits++) {
    vi.advanceTimersByTime(10 * leaseMs);
    holders.refresh(new Set(["lock"]));
    if (holders.isOver("lock", holder)) break;
  }
  expect(waits).toBeGreaterThan(2);
  expect(waits).toBeLessThan(5);
});

test("locks that no longer exist are forgotten", () => {
  const { watch, holders } = held();
  expect(watch(leaseMs)).toBe(false);
  holders.refresh(new Set());
  expect(watch(leaseMs)).toBe(false);
});

test("a holder whose file is missing, or whose process is dead, no longer leads", () => {
  const { beats, holders, holder } = held();
  expect(holders.isOver("lock", holder)).toBe(false);
  expect(holders.isOver("lock", holder.replace(/^\d+-\d+/, "1-1"))).toBe(true);
  beats.at = undefined;
  expect(holders.isOver("lock", holder)).toBe(true);
});

test("refreshing detects a dead holder, however recently it was alive", () => {
  const { holders, holder, beats, isDead } = held();
  expect(holders.isOver("lock", holder)).toBe(false);
  isDead.mockReturnValueOnce(true);
  holders.refresh(new Set(["lock"]));
  beats.at = undefined;
  expect(holders.findEnd("lock", holder)).toBe("unknown");
});
