import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * Pins a process to the first core that this process may use. When a client and its server move between sharing a core and using
 * two, some calls take three times as long, because waking a core is slow. Needs `taskset`, which most Linux systems have.
 */
export function keepOnOneCore(pid: number): void {
  const core = firstCore();
  if (core !== undefined) spawnSync("taskset", ["--all-tasks", "--cpu-list", "--pid", core, `${pid}`]);
}

function firstCore(): string | undefined {
  try {
    return /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  } catch {
    return undefined; // Not Linux.
  }
}
