import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createHolders } from "../../src/locks/holders.ts";
import type { LockFiles } from "../../src/locks/lock-files.ts";
import { createLockWaiter } from "../../src/locks/lock-waiter.ts";
import { createIsDead } from "../../src/locks/process-liveness.ts";
import { TIMINGS } from "../../src/locks/timings.ts";
import { makeToken } from "../../src/locks/token.ts";
import { type Directories, memoryFiles } from "./memory-files.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const LONGEST_TICK_MS = TIMINGS.tickMs * 1.2;
const SHORTEST_TICK_MS = TIMINGS.tickMs * 0.8;

function waiting(begin: Directories, override: Partial<LockFiles> = {}) {
  const state = { directories: begin };
  const list = vi.fn((path: string) => memoryFiles(state.directories).list(path));
  const touchedAt = vi.fn(() => 1);
  const files: LockFiles = { ...memoryFiles({}), list, touchedAt, ...override };
  const isDead = vi.fn(createIsDead(files.isLifeLocked));
  const holders = createHolders(files, TIMINGS, isDead);
  const waiter = createLockWaiter(files, holders, TIMINGS);
  const outcomes: string[] = [];
  return {
    state,
    list,
    touchedAt,
    holders,
    isDead,
    waiter,
    outcomes,
    wait(lock: string, signal: AbortSignal = new AbortController().signal): void {
      waiter.changed(lock, signal).then(
        (end) => void outcomes.push(`${lock} ${end === "released" ? end : "changed"}`),
        (error: Error) => void outcomes.push(`${lock} failed: ${error.message}`),
      );
    },
  };
}
const tick = () => vi.advanceTimersByTimeAsync(LONGEST_TICK_MS);

test("waiters are woken within a tick of the release of their lock, and no others", async () => {
  const { state, outcomes, wait } = waiting({ a: [makeToken()], b: [makeToken()] });
  wait("a");
  wait("a");
  wait("b");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(outcomes).toEqual([]);
  const { b } = state.directories;
  state.directories = { b: b! };
  await tick();
  expect(outcomes).toEqual(["a changed", "a changed"]);
});

test("the directory is read once per tick, each holder once per check, and there is no timer without waiters", async () => {
  const locks = Array.from({ length: 50 }, (_, index) => `lock ${index}`);
  const { list, touchedAt, wait, state } = waiting(Object.fromEntries(locks.map((lock) => [lock, [makeToken()]])));
  expect(vi.getTimerCount()).toBe(0);
  for (const lock of locks) wait(lock);
  expect(vi.getTimerCount()).toBe(1);
  await tick();
  list.mockClear();
  touchedAt.mockClear();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(new Set(list.mock.calls.flat())).toEqual(new Set(["."]));
  expect(list.mock.calls.length).toBeGreaterThan(10_000 / LONGEST_TICK_MS - 1);
  expect(list.mock.calls.length).toBeLessThan(10_000 / SHORTEST_TICK_MS + 1);
  const checks = touchedAt.mock.calls.length / locks.length;
  expect(checks).toBeGreaterThan(10_000 / (TIMINGS.checkMs + LONGEST_TICK_MS) - 1);
  expect(checks).toBeLessThan(10_000 / TIMINGS.checkMs + 1);
  state.directories = {};
  await tick();
  expect(vi.getTimerCount()).toBe(0);
});

test("concurrent waiters that wait again immediately are woken again", async () => {
  const { state, waiter: lockWaiter } = waiting({ lock: [makeToken()] });
  const { signal } = new AbortController();
  const woken = { once: 0, twice: 0 };
  for (let waiter = 0; waiter < 3; waiter++) {
    void (async () => {
      await lockWaiter.changed("lock", signal);
      woken.once++;
      await lockWaiter.changed("lock", signal);
      woken.twice++;
    })();
  }
  state.directories = {};
  await vi.advanceTimersByTimeAsync(SHORTEST_TICK_MS - 1);
  await vi.advanceTimersToNextTimerAsync();
  expect(woken).toEqual({ once: 3, twice: 0 });
  await tick();
  expect(woken).toEqual({ once: 3, twice: 3 });
});

test("holders of locks that no longer exist are forgotten", async () => {
  const { state, holders, wait } = waiting({ a: [makeToken()], b: [makeToken()] });
  const refresh = vi.spyOn(holders, "refresh");
  for (const lock of ["a", "b"]) wait(lock);
  state.directories = { b: state.directories.b! };
  await tick();
  expect(refresh.mock.calls).toEqual([[new Set(["b"])]]);
});

test("a process that holds many locks is looked up once per check", async () => {
  const locks = Array.from({ length: 50 }, (_, index) => `lock ${index}`);
  const { wait, isDead } = waiting(Object.fromEntries(locks.map((lock) => [lock, [makeToken()]])));
  for (const lock of locks) wait(lock);
  await tick();
  isDead.mockClear();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(isDead.mock.calls.length).toBeGreaterThan(10_000 / (TIMINGS.checkMs + LONGEST_TICK_MS) - 1);
  expect(isDead.mock.calls.length).toBeLessThan(10_000 / TIMINGS.checkMs + 1);
});

test("a dead holder, another holder and an empty lock are noticed within a check", async () => {
  const token = makeToken();
  const dead = token.replace(/^\d+-\d+/, "1-1");
  const gone = new Set<string>();
  const touchedAt = (path: string) => (gone.has(path) ? undefined : 1);
  const { outcomes, wait } = waiting({ dead: [dead], empty: [], other: [token] }, { touchedAt });
  for (const lock of ["dead", "empty", "other"]) wait(lock);
  await tick();
  expect(outcomes).toEqual(["dead changed", "empty changed"]);
  gone.add(`other/${token}`);
  await vi.advanceTimersByTimeAsync(TIMINGS.checkMs + LONGEST_TICK_MS);
  // The holder is alive and its file is missing, so it released the lock.
  expect(outcomes.slice(2)).toEqual(["other released"]);
});

test("a holder without a heartbeat for a lease is abandoned", async () => {
  const { outcomes, wait } = waiting({ lock: [makeToken()] });
  wait("lock");
  await vi.advanceTimersByTimeAsync(TIMINGS.leaseMs);
  expect(outcomes).toEqual([]);
  await vi.advanceTimersByTimeAsync(2 * TIMINGS.checkMs);
  expect(outcomes).toEqual(["lock changed"]);
});

test("an abort ends one wait with its reason, and the last one stops the timer", async () => {
  const { outcomes, wait } = waiting({ lock: [makeToken()] });
  const [first, second] = [new AbortController(), new AbortController()];
  wait("lock", first.signal);
  wait("lock", second.signal);
  await tick();
  first.abort(new Error("enough"));
  await tick();
  expect(outcomes).toEqual(["lock failed: enough"]);
  expect(vi.getTimerCount()).toBe(1);
  second.abort(new Error("enough, too"));
  wait("lock", first.signal);
  await vi.advanceTimersByTimeAsync(0);
  expect(outcomes.slice(1).sort()).toEqual(["lock failed: enough", "lock failed: enough, too"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("an unreadable directory fails all waiters once, and an unreadable lock those that wait for it", async () => {
  const { outcomes, wait, list } = waiting({ a: [makeToken()], b: [makeToken()], c: ["notes.txt"] });
  for (const lock of ["a", "a", "b", "c"]) wait(lock);
  await tick();
  expect(outcomes).toEqual([expect.stringMatching(/^c failed: c holds notes.txt, which is not ours/)]);
  list.mockImplementationOnce(() => {
    throw new Error("EMFILE");
  });
  await tick();
  expect(outcomes.slice(1)).toEqual(["a failed: EMFILE", "a failed: EMFILE", "b failed: EMFILE"]);
  expect(vi.getTimerCount()).toBe(0);
  wait("a");
  await tick();
  expect(vi.getTimerCount()).toBe(1);
});
