import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { processStatus } from "./process-status.ts";

/**
 * Who has made a lock file. It is all in the file's name, so that it is there as soon as the file is:
 * `<pid>-<start>-<home>-<random>`.
 */
export interface Token {
  readonly pid: number;
  /** As `processStatus` has it, or `UNKNOWN_START`. */
  readonly start: string;
  /** Tells apart the boots and the namespaces within which a pid and its start mean something. */
  readonly home: string;
}

export const UNKNOWN_START = "0";

const FORM = /^([1-9]\d{0,9})-(\d{1,20})-([0-9a-f]{12})-[0-9a-f]{16}$/;

/** A name that no one else has made or will make. */
export function makeToken(): string {
  const { pid, start, home } = thisProcess();
  return `${pid}-${start}-${home}-${randomBytes(8).toString("hex")}`;
}

/** Undefined for a name that is no token. */
export function parseToken(name: string): Token | undefined {
  const [, pid, start, home] = FORM.exec(name) ?? [];
  if (pid === undefined || start === undefined || home === undefined) return undefined;
  return { pid: Number(pid), start, home };
}

let known: Token | undefined;

export function thisProcess(): Token {
  known ??= { pid: process.pid, start: ownStart(), home: ownHome() };
  return known;
}

function ownStart(): string {
  // A sandbox may show the /proc of its host, where our pid is another process.
  const isOurs = attempt(() => readlinkSync("/proc/self")) === String(process.pid);
  return (isOurs ? processStatus(process.pid)?.start : undefined) ?? UNKNOWN_START;
}

function ownHome(): string {
  const facts = [
    attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1")) ?? hostname(),
    attempt(() => readlinkSync("/proc/self/ns/pid")),
    attempt(() => readlinkSync("/proc/self/ns/time")), // It has a boot time of its own, from which starts are counted.
  ];
  return createHash("sha256").update(facts.join("\n")).digest("hex").slice(0, 12);
}

function attempt(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
