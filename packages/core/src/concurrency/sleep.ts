import { raceSignal } from "./race-signal.ts";

/** Resolves after a time or when `sooner` resolves. Rejects with the signal's reason. */
export async function sleep(ms: number, signal: AbortSignal | undefined, sooner?: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  // A timer may end a little early.
  const later = new Promise<void>((resolve) => (timer = setTimeout(resolve, Math.ceil(ms) + 1)));
  try {
    await raceSignal(sooner === undefined ? later : Promise.race([later, sooner]), signal);
  } finally {
    clearTimeout(timer);
  }
}
