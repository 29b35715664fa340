import type { AnswerSource, CacheMode } from "../contracts/call.ts";
import type { TokenCount } from "../contracts/surface.ts";
import { RememError, type RememErrorCode } from "../errors/errors.ts";
import type { Flight } from "../flight/single-flight.ts";
import { notify } from "../observe/events.ts";
import type { Journal, JournalCall } from "../observe/journal.ts";
import { release, retain } from "../store/shared-use.ts";

/** The part of a call that is recorded. */
interface Recorded {
  readonly key: string;
  readonly surface: { readonly name: string; model?(request: never): string | undefined };
  readonly request: object;
  readonly mode: CacheMode;
}

/** Records calls in a journal. A call began at `startedAt`, by `performance.now()`. */
export interface Recorder {
  /** Records a call that was answered and not paid for. */
  saved(call: Recorded, source: AnswerSource, tokens: TokenCount | undefined, startedAt: number): void;
  /** Records the call that has started a flight, once the answer is stored or cannot be. */
  paid(call: Recorded, flight: Flight<unknown>, startedAt: number): void;
  /** Records a call that failed, if its flight has asked the provider. */
  failed(call: Recorded, flight: Flight<unknown>, source: AnswerSource, error: unknown, startedAt: number): void;
  /** Records a call with `only-if-cached` that found nothing. */
  missed(call: Recorded, startedAt: number): void;
  /** Closes the journal with its last user. */
  close(): Promise<void>;
}

export function createRecorder(journal: Journal): Recorder {
  const record = (call: JournalCall): void => journal.record(call);
  retain(journal);

  function write(
    call: Recorded,
    source: AnswerSource,
    startedAt: number,
    tokens?: TokenCount,
    notStored?: string,
    error?: RememErrorCode,
    at = Date.now(),
    endedAt = performance.now(),
  ): void {
    const { key, surface, mode } = call;
    const durationMs = endedAt - startedAt;
    const model = modelOf(call);
    notify("journal", record, {
      at,
      key,
      surface: surface.name,
      model,
      mode,
      source,
      tokens,
      durationMs,
      notStored,
      error,
    });
  }
  /** Records a call whose flight may go on. The times are those of now. */
  function writeAfter(
    ended: Promise<unknown>,
    call: Recorded,
    flight: Flight<unknown>,
    source: AnswerSource,
    startedAt: number,
    error?: RememErrorCode,
  ): void {
    const [at, endedAt] = [Date.now(), performance.now()];
    void ended.then(() => {
      const { asked } = flight;
      if (asked === undefined) return;
      // Only the call that has started the flight is paid for.
      const paid = source === "provider" ? asked : undefined;
      write(call, source, startedAt, paid?.tokens, paid?.notStored, error, at, endedAt);
    });
  }

  return {
    saved: (call, source, tokens, startedAt) => write(call, source, startedAt, tokens),
    paid(call, flight, startedAt) {
      if (flight.storing !== undefined) writeAfter(flight.storing, call, flight, "provider", startedAt);
      else write(call, "provider", startedAt, flight.asked?.tokens, flight.asked?.notStored);
    },
    failed(call, flight, source, error, startedAt) {
      const code = RememError.is(error) ? error.code : "ABORTED"; // The reason of the caller's signal.
      writeAfter(stored(flight), call, flight, source, startedAt, code);
    },
    missed: (call, startedAt) => write(call, "store", startedAt, undefined, undefined, "CACHE_MISS"),
    async close() {
      await nextTurn(); // The last calls are recorded by then.
      if (!release(journal)) return;
      try {
        await journal.close?.();
      } catch (error) {
        notify("journal", rethrow, error);
      }
    },
  };
}

/** Resolves when the flight has ended, and its answer is stored or cannot be. */
async function stored(flight: Flight<unknown>): Promise<void> {
  await flight.outcome.catch(() => {});
  await flight.storing;
}

function modelOf({ surface, request }: Recorded): string | undefined {
  try {
    return surface.model?.(request as never);
  } catch {
    return undefined; // A surface of the user's, whose answer is paid for.
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function rethrow(error: unknown): never {
  throw error;
}
