import { atMost } from "../concurrency/at-most.ts";
import type { FlightEnd } from "../contracts/cache-store.ts";
import type { GuardedFlights } from "../store/guarded-store.ts";

/** Watches the lease of another process. Disposing of it ends the watch. */
export interface LeaseWatch extends Disposable {
  /** How the lease ended; undefined while it is held. */
  readonly end: FlightEnd | "broken" | undefined;
  /** Resolves when the lease has ended, or after `atMostMs` milliseconds. Rejects with the signal's reason. */
  wait(atMostMs: number): Promise<void>;
}

export function watchLease(flights: GuardedFlights, key: string, signal: AbortSignal): LeaseWatch {
  const stop = new AbortController();
  let end: FlightEnd | "broken" | undefined;
  const ended = flights.changed(key, AbortSignal.any([signal, stop.signal])).then((how) => {
    end = how;
  });
  ended.catch(() => {}); // It rejects when the watch ends, too.
  return {
    get end() {
      return end;
    },
    wait: (atMostMs) => atMost(atMostMs, ended),
    [Symbol.dispose]: () => stop.abort(),
  };
}
