/** The exit status of a process ended by Ctrl-C, by shell convention. */
export const INTERRUPTED = 130;

/**
 * Calls `stop` on the first Ctrl-C or SIGTERM, and `again` on later ones, which ends the process by default. Returns a function that
 * removes the listeners.
 */
export function onInterrupt(stop: () => void, again: () => void = () => process.exit(INTERRUPTED)): () => void {
  let interrupted = false;
  function interrupt(): void {
    if (interrupted) again();
    else {
      interrupted = true;
      stop();
    }
  }
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  return () => void process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
}
