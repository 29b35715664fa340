import type { CallBudget } from "../concurrency/call-budget.ts";
import type { AnswerSource, CacheMode } from "../contracts/call.ts";
import type { TokenCount } from "../contracts/surface.ts";
import { RememError } from "../errors/errors.ts";
import type { Flight } from "../flight/single-flight.ts";
import { notify } from "../observe/events.ts";
import type { Journal, JournalCall } from "../observe/journal.ts";
import type { Found } from "./misses.ts";

/** One caller's part in a call. */
export interface Trip {
  /** Undefined if the call only reads the store. */
  flight: Flight<Found> | undefined;
  readonly budget: CallBudget;
  /** The start of the call, by `performance.now()`. Undefined without a journal. */
  readonly startedAt: number | undefined;
  /** Where the answer comes from for this caller. Before the answer arrives: where it comes from if the provider gives it. */
  source: AnswerSource;
  /** The tokens of an answer that this call has not paid for. */
  tokens: TokenCount | undefined;
  /** The error of the call; true for a caller that leaves, and undefined once the call is answered. */
  error: unknown;
}

/** The part of a call that is recorded. */
interface Recorded {
  readonly key: string;
  readonly surface: { readonly name: string; model?(request: never): string | undefined };
  readonly request: object;
  readonly mode: CacheMode;
}

export interface Recorders {
  readonly journal?: Journal | undefined;
  readonly onCall?: ((call: JournalCall) => void) | undefined;
}

/**
 * Records calls as they end. A call that has failed, or whose answer is still being stored, is recorded when the facts of its
 * flight are known. A call that failed before it asked is not recorded, unless it is a miss of `only-if-cached`. Undefined if
 * there is neither a journal nor `onCall`.
 */
export function createRecord({ journal, onCall }: Recorders): ((call: Recorded, trip: Trip) => void) | undefined {
  if (journal === undefined && onCall === undefined) return undefined;
  const give = giveTo({ journal, onCall });
  return ({ key, surface, request, mode }, { flight, startedAt, source, tokens, error: thrown }) => {
    const error = RememError.is(thrown) ? thrown.code : thrown === undefined ? undefined : "ABORTED";
    const at = Date.now();
    // Only the call that has started the flight has paid. In a batch it may have waited for its turn.
    const own = source === "provider" ? flight : undefined;
    const durationMs = performance.now() - (own?.startedAt ?? startedAt!);
    function record(): void {
      if (error !== undefined && error !== "CACHE_MISS" && flight?.startedAt === undefined) return;
      give({
        at,
        key,
        surface: surface.name,
        model: surface.model?.(request as never),
        mode,
        source: flight === undefined ? "store" : source,
        tokens: tokens ?? own?.paid,
        durationMs,
        notStored: own?.notStored,
        error,
      });
    }
    const pending = error === undefined ? flight?.storing : flight && stored(flight);
    if (pending) void pending.then(() => notify("journal", record, undefined));
    else notify("journal", record, undefined);
  };
}

/** Gives a record to the journal and to `onCall`. */
export function giveTo({ journal, onCall }: Recorders): (call: JournalCall) => void {
  return (call) => {
    if (onCall !== undefined) notify("onCall", onCall, call);
    journal?.record(call);
  };
}

/** Resolves when the flight has ended, and its answer is stored or cannot be. */
const stored = (flight: Flight<unknown>): Promise<void> =>
  Promise.allSettled([flight.outcome]).then(() => flight.storing);
