import { processStatus } from "./process-status.ts";
import { type Token, thisProcess, UNKNOWN_START } from "./token.ts";

/** Whether the process behind a token is dead for sure. False also where nobody can say: then its heartbeat tells. */
export function isDead({ pid, start, home }: Token): boolean {
  const here = thisProcess();
  if (home !== here.home) return false;
  const canCompare = start !== UNKNOWN_START && here.start !== UNKNOWN_START;
  const status = canCompare ? processStatus(pid) : undefined;
  // The second opinion is for other systems than Linux, and for a /proc that hides processes.
  return status === undefined ? !exists(pid) : status.start !== start || "ZX".includes(status.state);
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
