/** The exit status that shells give to what Ctrl-C has ended. */
export const INTERRUPTED = 130;

/**
 * Calls `wind` at the first Ctrl-C or SIGTERM, and ends the process at the second. The result stops listening, so that
 * nothing of ours keeps the process alive.
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
