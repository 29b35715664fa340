import { withoutCredentials } from "@remem/core/plugin";
import { shownOn } from "./terminal.ts";

/** Prints an error without passwords: messages quote mistyped arguments, such as addresses, and may end up in a log. */
export function complain(text: string): void {
  process.stderr.write(shownOn(process.stderr, withoutCredentials(text)));
}

/** Prints one line of an error. */
export function tell(text: string): void {
  complain(`${text}\n`);
}
