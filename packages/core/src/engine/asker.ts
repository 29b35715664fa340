import { raceSignal } from "../concurrency/race-signal.ts";
import type { Call } from "../contracts/call.ts";
import type { TokenCount } from "../contracts/surface.ts";
import { separateKept } from "../entry/kept.ts";
import { asRememError, malformedAnswer, messageOf, ProviderError } from "../errors/errors.ts";
import { announce, begin, commit, type Flight, publish, remainingMs, signalOf } from "../flight/single-flight.ts";
import { isTooDeep, MAX_DEPTH, plainJson } from "../json/plain-json.ts";
import type { Report } from "../observe/events.ts";
import type { Stats } from "../observe/stats.ts";
import type { Received } from "./entries.ts";
import { wasSent } from "./was-sent.ts";

/** Asks the provider, and reports the call. */
export interface Asker {
  /** The answer, read through JSON, and so equal to what a hit will give. */
  ask<Request extends object, Answer extends object>(
    call: Call<Request, Answer>,
    flight: Flight<unknown>,
  ): Promise<Received<Answer>>;
}

export function createAsker(stats: Stats, report: Report): Asker {
  return {
    async ask(call, flight) {
      const { key, provider } = call;
      const signal = signalOf(flight);
      signal.throwIfAborted();
      begin(flight);
      stats.count("misses");
      report({ type: "miss", key });
      const startedAt = performance.now();
      flight.startedAt = startedAt;
      let isSent = true;
      try {
        // A copy: a change by the provider must not reach the entry or a result.
        const asked = call.ask(plainJson(call.request) as object as typeof call.request, {
          signal,
          remainingMs: () => remainingMs(flight),
          sent: (value) => {
            isSent = value;
          },
          report,
          announce: (head) => announce(flight, head),
          publish: (chunk) => publish(flight, chunk),
          commit: () => commit(flight),
        });
        const received = throughJson(call, await raceSignal(asked, signal));
        commit(flight);
        stats.count("providerCalls");
        flight.paid = tokensOf(call, received.answer);
        stats.addTokens("paid", flight.paid);
        return received;
      } catch (cause) {
        if (isSent && wasSent(cause)) stats.count("providerCalls");
        if (signal.aborted && !ProviderError.is(signal.reason)) throw signal.reason;
        const error = asRememError(signal.aborted ? signal.reason : cause, provider);
        report({ type: "provider-error", key, provider, error, durationMs: performance.now() - startedAt });
        throw error;
      }
    },
  };
}

/** Returns the tokens of the answer, if the surface can tell. */
export function tokensOf<Answer extends object>(
  { surface }: Pick<Call<never, Answer>, "surface">,
  answer: Answer,
): TokenCount | undefined {
  try {
    return surface.tokens?.(answer);
  } catch {
    return undefined; // An invalid usage must not lose an answer that is paid for.
  }
}

/**
 * The answer as a hit will give it.
 * @throws {ProviderError} if it is not an answer of the surface
 */
export function throughJson<Request extends object, Answer extends object>(
  { surface, provider }: Pick<Call<Request, Answer>, "surface" | "provider">,
  answer: Answer,
): Received<Answer> {
  if (!surface.isAnswer(answer))
    throw malformedAnswer(provider, `it does not have the shape of a "${surface.name}" answer`);
  let json: string;
  try {
    json = JSON.stringify(answer);
  } catch (cause) {
    throw malformedAnswer(provider, messageOf(cause));
  }
  const parsed = JSON.parse(json) as Answer;
  if (isTooDeep(parsed)) throw malformedAnswer(provider, `it is nested deeper than ${MAX_DEPTH} levels`);
  return { ...separateKept(parsed), json };
}
