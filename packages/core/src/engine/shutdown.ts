import { atMost } from "../concurrency/at-most.ts";
import { clientClosed } from "../errors/errors.ts";
import type { RunningFlights } from "../flight/running-flights.ts";
import { cancel, type Flight } from "../flight/single-flight.ts";

const GRACE_MS = 5_000;
/** How long a cancelled call may take to release its lease, and a closed store to refuse what it could not write. */
const RELEASE_MS = 1_000;

/** Lets the owner's flights finish for a while once `idle` resolves, and cancels the rest. */
export async function endFlights(flights: RunningFlights, owner: object, idle: Promise<void>): Promise<void> {
  const running = (): Array<Flight<unknown>> => flights.ownedBy(owner);
  // A flight may go on without its callers, to store what is paid for.
  await atMost(
    GRACE_MS,
    idle.then(() => settled(running())).then(() => storing(running())),
  );
  const left = Map.groupBy(running(), ({ hasGuests }) => hasGuests);
  const cancelled = left.get(false) ?? [];
  for (const flight of cancelled) cancel(flight, clientClosed());
  // Those that hold a lease release it. Those that still read the store hold none.
  await atMost(RELEASE_MS, settled(cancelled.filter(({ hasBegun }) => hasBegun)));
  // Callers of other clients wait for these.
  await settled(left.get(true) ?? []);
}

/** Waits shortly for what the owner's flights are storing. */
export function endStoring(flights: RunningFlights, owner: object): Promise<void> {
  return atMost(RELEASE_MS, storing(flights.ownedBy(owner)));
}

async function settled(flights: ReadonlyArray<Flight<unknown>>): Promise<void> {
  await Promise.allSettled(flights.map(({ outcome }) => outcome));
}

async function storing(flights: ReadonlyArray<Flight<unknown>>): Promise<void> {
  await Promise.all(flights.map(({ storing }) => storing));
}
