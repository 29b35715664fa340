import { readFileSync } from "node:fs";

export interface ProcessStatus {
  /** One letter, as `ps` shows it. */
  readonly state: string;
  /** The start time in clock ticks since boot. Together with the process id it identifies a process uniquely. */
  readonly start: string;
}

/**
 * Reads the status of a process from `/proc` (proc_pid_stat(5)); undefined if it is not there, as on systems other than
 * Linux.
 */
export function processStatus(pid: number): ProcessStatus | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // The second field is the command in parentheses, which may itself contain parentheses and spaces.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, start] = [fields[0], fields[19]];
  return state === undefined || start === undefined ? undefined : { state, start };
}
