/** The exit status of a process ended by Ctrl-C, by shell convention. */
export const INTERRUPTED = 130;

/**
 * Calls `stop` on the first Ctrl-C or SIGTERM, and ends the process on the second. Returns a function that removes the
 * listeners.
 */
export function onInterrupt(stop: () => void): () => void {
  let interrupted = false;
  function interrupt(): void {
    if (interrupted) process.exit(INTERRUPTED);
    interrupted = true;
    stop();
  }
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  return () => void process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
}
