import { atMost } from "../concurrency/at-most.ts";
import { clientClosed } from "../errors/errors.ts";
import { cancel, type Flight } from "../flight/single-flight.ts";

const GRACE_MS = 5_000;
/** How long a cancelled call may take to release its lease, and a closed store to reject pending writes. */
export const RELEASE_MS = 1_000;

/** Lets running flights finish for a while once `idle` resolves, and cancels the rest. */
export async function endFlights(running: () => Array<Flight<unknown>>, idle: Promise<void>): Promise<void> {
  // A flight may go on without its callers, to store an answer that is paid for.
  await atMost(
    GRACE_MS,
    idle.then(() => settled(running())).then(() => allStored(running())),
  );
  const left = Map.groupBy(running(), ({ hasGuests }) => hasGuests);
  const cancelled = left.get(false) ?? [];
  for (const flight of cancelled) cancel(flight, clientClosed());
  // Those that hold a lease release it. Those that still read the store hold none.
  await atMost(RELEASE_MS, settled(cancelled.filter(({ hasBegun }) => hasBegun)));
  // Callers of other clients wait for these.
  await settled(left.get(true) ?? []);
}

/** Resolves when these flights have stored their answers, or cannot. */
export function allStored(flights: ReadonlyArray<Flight<unknown>>): Promise<unknown> {
  return Promise.all(flights.map(({ storing }) => storing));
}

async function settled(flights: ReadonlyArray<Flight<unknown>>): Promise<void> {
  await Promise.allSettled(flights.map(({ outcome }) => outcome));
}
