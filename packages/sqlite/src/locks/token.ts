import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { processStatus } from "./process-status.ts";

/**
 * Identifies the creator of a lock file. It is encoded in the file's name, so that it exists as soon as the file does:
 * `<thread>-<start>-<boot><namespace>-<life><random>`.
 */
export interface Token extends Thread {
  /** The name of the life file, which is locked as long as the thread is alive, if it could create one. */
  readonly life: string;
}

export interface Thread {
  /** The thread id on Linux, from the same numbers as process ids; elsewhere the process id. */
  readonly thread: number;
  /** As in `ProcessStatus`, or `UNKNOWN_START`. */
  readonly start: string;
  /** Identifies a boot of a kernel. Locks of another kernel are not visible. */
  readonly boot: string;
  /** Identifies the namespaces in which `thread` and `start` are valid. Each container has its own. */
  readonly namespace: string;
}

export const UNKNOWN_START = "0";

const FORM = /^([1-9]\d{0,9})-(\d{1,20})-([0-9a-f]{6})([0-9a-f]{6})-([0-9a-f]{8})[0-9a-f]{8}$/;

/** Makes a name that is unique, now and later. */
export function makeToken(life: string = randomLife()): string {
  const { thread, start, boot, namespace } = thisThread();
  return `${thread}-${start}-${boot}${namespace}-${life}${randomLife()}`;
}

export const randomLife = (): string => randomBytes(4).toString("hex");

/** Returns undefined for a name that is not a token. */
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
  // A sandbox may show the /proc of its host, where our process id belongs to another process.
  const start = process_ === String(process.pid) ? processStatus(Number(thread))?.start : undefined;
  return start === undefined ? { thread: process.pid, start: UNKNOWN_START } : { thread: Number(thread), start };
}

function ownBoot(): string {
  return digest([attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1")) ?? hostname()]);
}

function ownNamespace(): string {
  return digest([
    attempt(() => readlinkSync("/proc/self/ns/pid")),
    attempt(() => readlinkSync("/proc/self/ns/time")), // Has its own boot time, which `start` counts from.
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
