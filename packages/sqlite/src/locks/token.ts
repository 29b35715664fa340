import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { processStatus } from "./process-status.ts";

/**
 * Who has made a lock file. It is all in the file's name, so that it is there as soon as the file is:
 * `<thread>-<start>-<boot><namespace>-<life><random>`.
 */
export interface Token extends Thread {
  /** Names the file on which there is a lock for as long as the thread lives, if it has made one. */
  readonly life: string;
}

export interface Thread {
  /** As Linux numbers threads and processes alike; elsewhere the process. */
  readonly thread: number;
  /** As `processStatus` has it, or `UNKNOWN_START`. */
  readonly start: string;
  /** Tells apart kernels, and their boots: nobody can see the locks of another one. */
  readonly boot: string;
  /** Tells apart the namespaces within which a thread and its start mean something, as containers have their own. */
  readonly namespace: string;
}

export const UNKNOWN_START = "0";

const FORM = /^([1-9]\d{0,9})-(\d{1,20})-([0-9a-f]{6})([0-9a-f]{6})-([0-9a-f]{8})[0-9a-f]{8}$/;

/** A name that no one else has made or will make. */
export function makeToken(life: string = randomLife()): string {
  const { thread, start, boot, namespace } = thisThread();
  return `${thread}-${start}-${boot}${namespace}-${life}${randomLife()}`;
}

export const randomLife = (): string => randomBytes(4).toString("hex");

/** Undefined for a name that is no token. */
export function parseToken(name: string): Token | undefined {
  const [, thread, start, boot, namespace, life] = FORM.exec(name) ?? [];
  if (thread === undefined) return undefined;
  return { thread: Number(thread), start: start!, boot: boot!, namespace: namespace!, life: life! };
}

let known: Thread | undefined;

export function thisThread(): Thread {
  known ??= { ...ownThread(), boot: ownBoot(), namespace: ownNamespace() };
  return known;
}

function ownThread(): Pick<Thread, "thread" | "start"> {
  const [, process_, thread] =
    /^(\d+)\/task\/(\d+)$/.exec(attempt(() => readlinkSync("/proc/thread-self")) ?? "") ?? [];
  // A sandbox may show the /proc of its host, where our pid is another process.
  const start = process_ === String(process.pid) ? processStatus(Number(thread))?.start : undefined;
  return start === undefined ? { thread: process.pid, start: UNKNOWN_START } : { thread: Number(thread), start };
}

function ownBoot(): string {
  return digest([attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1")) ?? hostname()]);
}

function ownNamespace(): string {
  return digest([
    attempt(() => readlinkSync("/proc/self/ns/pid")),
    attempt(() => readlinkSync("/proc/self/ns/time")), // It has a boot time of its own, from which starts are counted.
  ]);
}

function digest(facts: ReadonlyArray<string | undefined>): string {
  return createHash("sha256").update(facts.join("\n")).digest("hex").slice(0, 6);
}

function attempt(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
