import { raceSignal } from "./race-signal.ts";

/** Resolves after a time, or rejects with the signal's reason. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    // A timer may end a little early.
    await raceSignal(new Promise<void>((resolve) => (timer = setTimeout(resolve, Math.ceil(ms) + 1))), signal);
  } finally {
    clearTimeout(timer);
  }
}
