import { readFileSync } from "node:fs";

export interface ProcessStatus {
  /** One letter, as `ps` shows it. */
  readonly state: string;
  /** When the process began, in clock ticks since the boot: with the pid it names one process for good. */
  readonly start: string;
}

/** What `/proc` says of a process (proc_pid_stat(5)); undefined where it says nothing, as outside of Linux. */
export function processStatus(pid: number): ProcessStatus | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // The second field is the command in parentheses, and may have parentheses and spaces of its own.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, start] = [fields[0], fields[19]];
  return state === undefined || start === undefined ? undefined : { state, start };
}
