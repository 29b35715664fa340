import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createBusyRetry } from "../src/busy-retry.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const busy = (errcode = 5) => Object.assign(new Error("database is locked"), { code: "ERR_SQLITE_ERROR", errcode });

/** A database that can be locked and counts the attempts. */
function lockable() {
  const state = { locked: true, attempts: 0 };
  const attempt = <T>(result: T): T => {
    state.attempts++;
    if (state.locked) throw busy();
    return result;
  };
  return { state, attempt };
}

const retry = (busyMs = 30_000) =>
  createBusyRetry({ busyMs }, (waitedMs, cause) => new Error(`gave up after ${waitedMs} ms`, { cause }));

test("without contention the attempt runs inside the call", async () => {
  const order: string[] = [];
  const result = retry()(() => order.push("attempt"));
  order.push("called");
  await result;
  expect(order).toEqual(["attempt", "called"]);
});

test("a busy database is retried until it is free, and other failures are not retried", async () => {
  const { state, attempt } = lockable();
  const run = retry();
  const result = run(() => attempt("done"));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(state.attempts).toBeGreaterThan(4);
  state.locked = false;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await result).toBe("done");

  let attempts = 0;
  const failing = run(() => {
    attempts++;
    throw new Error("disk I/O error");
  });
  await expect(failing).rejects.toThrow("disk I/O error");
  expect(attempts).toBe(1);
});

test("SQLite's extended busy codes, and a lost race while opening, count as busy too", async () => {
  for (const code of [5, 261, 517, 773, 15]) {
    let attempts = 0;
    const result = retry()(() => {
      if (++attempts === 1) throw busy(code);
      return attempts;
    });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await result).toBe(2);
  }
  await expect(
    retry()(() => {
      throw busy(11);
    }),
  ).rejects.toThrow();
});

test("while one caller pauses the others make no attempt, and each pause ends in one attempt for all", async () => {
  const { state, attempt } = lockable();
  const run = retry();
  const done: number[] = [];
  const results = Array.from({ length: 100 }, (_, index) => run(() => attempt(index)).then((it) => done.push(it)));
  expect(state.attempts).toBe(1);
  let pauses = 0;
  while (pauses < 20) {
    await vi.advanceTimersToNextTimerAsync();
    expect(state.attempts).toBe(1 + ++pauses);
  }
  state.locked = false;
  await vi.advanceTimersToNextTimerAsync();
  await Promise.all(results);
  expect(state.attempts).toBe(1 + pauses + 100);
  expect(done).toEqual(Array.from({ length: 100 }, (_, index) => index));
});

test("pauses grow, are jittered, and stay below a quarter of a second", async () => {
  const pausesOf = async () => {
    const { attempt } = lockable();
    retry()(() => attempt(0)).catch(() => {});
    const pauses: number[] = [];
    for (let at = performance.now(); pauses.length < 12; at = performance.now()) {
      await vi.advanceTimersToNextTimerAsync();
      pauses.push(performance.now() - at);
    }
    return pauses;
  };
  const first = await pausesOf();
  expect(first[0]).toBeLessThanOrEqual(10);
  expect(first.at(-1)).toBeGreaterThanOrEqual(100);
  expect(Math.max(...first)).toBeLessThan(250);
  vi.clearAllTimers();
  expect(await pausesOf()).not.toEqual(first);
});

test("after busyMs each caller rejects, queued ones without an attempt of their own", async () => {
  const { state, attempt } = lockable();
  const run = retry(5_000);
  const results = Array.from({ length: 50 }, () => run(() => attempt(0)).catch((error: Error) => error));
  await vi.advanceTimersByTimeAsync(4_900);
  const before = state.attempts;
  await vi.advanceTimersByTimeAsync(400);
  for (const error of await Promise.all(results)) {
    expect(error).toMatchObject({
      message: expect.stringMatching(/^gave up after 5\d\d\d/),
      cause: { message: "database is locked" },
    });
  }
  expect(state.attempts - before).toBeLessThanOrEqual(4);
});

test("a caller waits longer while others go on, until longestMs", async () => {
  const { attempt } = lockable();
  let written = 0;
  const run = createBusyRetry(
    { busyMs: 500, progress: () => written, longestMs: 5_000 },
    (waitedMs) => new Error(`gave up after ${waitedMs} ms`),
  );
  const outcomes: string[] = [];
  const wait = (name: string) => run(() => attempt(0)).catch(() => outcomes.push(name));
  void wait("idle");
  await vi.advanceTimersByTimeAsync(900);
  expect(outcomes).toEqual(["idle"]);
  void wait("with writers");
  for (let ms = 0; ms < 4_600; ms += 100) {
    written += 1;
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(outcomes).toEqual(["idle"]);
  void wait("late");
  await vi.advanceTimersByTimeAsync(800);
  expect(outcomes).toEqual(["idle", "with writers", "late"]);
  void wait("to the end");
  for (let ms = 0; ms < 5_400; ms += 100) {
    written += 1;
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(outcomes.at(-1)).toBe("to the end");
});

test("a later caller has its full budget", async () => {
  const { state, attempt } = lockable();
  const run = retry(5_000);
  const early = run(() => attempt("early")).catch((error: Error) => error);
  await vi.advanceTimersByTimeAsync(3_000);
  const late = run(() => attempt("late"));
  await vi.advanceTimersByTimeAsync(2_500);
  expect(await early).toBeInstanceOf(Error);
  state.locked = false;
  await vi.advanceTimersByTimeAsync(500);
  expect(await late).toBe("late");
});

test("flushing makes an attempt for all that wait, and leaves no timer once none is busy", async () => {
  const { state, attempt } = lockable();
  const run = retry();
  const results = Array.from({ length: 3 }, (_, index) => run(() => attempt(index)));
  expect(vi.getTimerCount()).toBe(1);
  run.flush();
  expect(vi.getTimerCount()).toBe(1);
  state.locked = false;
  run.flush();
  expect(vi.getTimerCount()).toBe(0);
  expect(await Promise.all(results)).toEqual([0, 1, 2]);
});

test("queued callers yield to the event loop once the database is free", async () => {
  vi.useRealTimers();
  const run = retry();
  let turns = 0;
  let counting = true;
  const count = () => {
    turns++;
    if (counting) setImmediate(count);
  };
  let locked = true;
  const results = Array.from({ length: 30 }, () =>
    run(() => {
      if (locked) throw busy();
      if (turns === 0) count();
      for (const end = performance.now() + 4; performance.now() < end; );
    }),
  );
  locked = false;
  await Promise.all(results);
  counting = false;
  expect(turns).toBeGreaterThanOrEqual(9);
});

test("separate queues do not wait for each other", async () => {
  const { attempt } = lockable();
  retry()(() => attempt(0)).catch(() => {});
  expect(await retry()(() => "read")).toBe("read");
});
