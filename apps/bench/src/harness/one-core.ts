import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * Keeps a process on the first core that this one may use. A client and its server that are on one core at one moment, and
 * on two at the next, take three times as long now and then: a core that has to be woken is slow. Only where there is
 * `taskset`, as on most Linux.
 */
export function keepOnOneCore(pid: number): void {
  const core = firstCore();
  if (core !== undefined) spawnSync("taskset", ["--all-tasks", "--cpu-list", "--pid", core, `${pid}`]);
}

function firstCore(): string | undefined {
  try {
    return /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  } catch {
    return undefined; // No Linux.
  }
}
