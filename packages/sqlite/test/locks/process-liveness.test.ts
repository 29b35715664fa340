import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { createIsDead, createLivenessCache } from "../../src/locks/process-liveness.ts";
import { processStatus } from "../../src/locks/process-status.ts";
import { parseToken, type Token, thisThread, UNKNOWN_START } from "../../src/locks/token.ts";

const onLinux = test.runIf(process.platform === "linux");

function start(script: string) {
  const child = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}
function tokenOf(pid: number): Token {
  return { ...here, thread: pid, start: processStatus(pid)?.start ?? here.start };
}
const here: Token = { ...thisThread(), life: "00000000" };
const unknown = () => undefined;
const isDead = createIsDead(unknown);

test("a process is alive until it ends, even while it is suspended", async () => {
  expect(isDead(here)).toBe(false);
  const child = start("exec sleep 60");
  const token = tokenOf(child.pid!);
  expect(isDead(token)).toBe(false);
  child.kill("SIGSTOP");
  expect(isDead(token)).toBe(false);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(isDead(token)).toBe(true);
});

onLinux("a zombie process is dead", async () => {
  const parent = start("sleep 60 & echo $!; exec sleep 60");
  const pid = Number(await once(parent.stdout!, "data"));
  // Not before `exec`: the shell would wait for it.
  await vi.waitFor(() => expect(readFileSync(`/proc/${parent.pid}/comm`, "utf8")).toBe("sleep\n"), { timeout: 10_000 });
  process.kill(pid, "SIGKILL");
  await vi.waitFor(() => expect(processStatus(pid)?.state).toBe("Z"), { timeout: 10_000 });
  expect(isDead(tokenOf(pid))).toBe(true);
});

onLinux("a later process with the same pid is a different one", () => {
  expect(isDead({ ...here, start: "1" })).toBe(true);
});

onLinux("a process is identified by its start time whatever its command is named", async () => {
  const child = start(`exec node -e 'process.title = "a) S 1 (b"; console.log("ready"); setInterval(() => {}, 1000)'`);
  await once(child.stdout!, "data");
  const status = processStatus(child.pid!);
  expect(status?.state).toMatch(/^[RSD]$/);
  expect(Number(status?.start)).toBeGreaterThanOrEqual(Number(here.start));
});

test("it is unknown whether a process of another boot or namespace is dead", () => {
  for (const other of ["boot", "namespace"]) {
    expect([other, isDead({ ...here, start: "1", [other]: "000000" })]).toEqual([other, false]);
  }
});

test("for another namespace the lock on the life file decides, and for another boot not even that", () => {
  const life = "01234567";
  const elsewhere = { ...here, life, namespace: "000000" };
  for (const isLocked of [true, false]) {
    const isDead = createIsDead((name) => (name === life ? isLocked : undefined));
    expect(isDead(elsewhere)).toBe(!isLocked);
    expect(isDead({ ...elsewhere, boot: "000000" })).toBe(false);
    expect(isDead({ ...elsewhere, life: "00000000" })).toBe(false);
  }
});

test("a thread of another boot is dead once the lock on its life file, which was seen, is gone", () => {
  const locked = new Map<string, boolean>([["01234567", true]]);
  const isDead = createIsDead((life) => locked.get(life));
  const elsewhere = { ...here, boot: "000000", namespace: "000000" };
  const seen = { ...elsewhere, life: "01234567" };
  expect(isDead(seen)).toBe(false);
  locked.set("01234567", false);
  locked.set("89abcdef", false);
  expect(isDead(seen)).toBe(true);
  expect(isDead({ ...elsewhere, life: "89abcdef" })).toBe(false);
  locked.delete("01234567");
  expect(isDead(seen)).toBe(false);
});

onLinux("a thread has a token of its own, which is dead once the thread is", async () => {
  const source = `
    import { parentPort, workerData } from "node:worker_threads";
    const { makeToken } = await import(workerData);
    parentPort.postMessage(makeToken());
    setInterval(() => {}, 1_000);`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
    workerData: new URL("../../src/locks/token.ts", import.meta.url).href,
    execArgv: ["--conditions=remem-source"],
  });
  const [token] = (await once(worker, "message")) as [string];
  const anything = { thread: expect.any(Number), start: expect.any(String), life: expect.any(String) };
  expect(parseToken(token)).toEqual({ ...here, ...anything });
  expect(parseToken(token)?.thread).not.toBe(here.thread);
  expect(isDead(parseToken(token)!)).toBe(false);
  await worker.terminate();
  expect(isDead(parseToken(token)!)).toBe(true);
  expect(isDead(here)).toBe(false);
});

test("without start times the pid alone decides", async () => {
  const child = start("exit");
  await once(child, "exit");
  expect(isDead({ ...here, start: UNKNOWN_START })).toBe(false);
  expect(isDead({ ...here, start: UNKNOWN_START, thread: child.pid! })).toBe(true);
});

describe("a liveness cache", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const MAX_AGE_MS = 50;
  const one = { ...here, thread: 1 };
  function caching() {
    const lookUp = vi.fn((_: Token) => false);
    return { lookUp, cache: createLivenessCache(MAX_AGE_MS, lookUp) };
  }

  test("looks a process up once, however many ask, until the result is too old", () => {
    const { lookUp, cache } = caching();
    for (let lock = 0; lock < 50; lock++) expect(cache.isDead({ ...one })).toBe(false);
    vi.advanceTimersByTime(MAX_AGE_MS - 1);
    lookUp.mockReturnValue(true);
    expect(cache.isDead(one)).toBe(false);
    expect(lookUp).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    expect(cache.isDead(one)).toBe(true);
  });

  test("looks a process up again once it was cleared", () => {
    const { lookUp, cache } = caching();
    expect(cache.isDead(one)).toBe(false);
    lookUp.mockReturnValue(true);
    cache.clear();
    expect(cache.isDead(one)).toBe(true);
  });

  test("tells processes apart by their thread, their start, their boot and their namespace", () => {
    const { lookUp, cache } = caching();
    const others = [
      { ...one, thread: 2 },
      { ...one, start: "2" },
      { ...one, boot: "000000" },
      { ...one, namespace: "000000" },
    ];
    lookUp.mockImplementation((token) => token !== one);
    expect([one, ...others].map((token) => cache.isDead(token))).toEqual([false, true, true, true, true]);
  });
});
