import type { AnswerSource, Call, Outcome } from "../contracts/call.ts";
import type { Flight } from "../flight/single-flight.ts";
import { copyJson } from "../json/copy-json.ts";
import type { Report } from "../observe/events.ts";
import type { Stats } from "../observe/stats.ts";
import { tokensOf } from "./asker.ts";
import type { Found } from "./misses.ts";
import type { Recorder } from "./recorder.ts";

/** Gives each caller its outcome, and counts, reports and records it. */
export interface Outcomes {
  /** The outcome of a flight for one of its callers. */
  of<Request extends object, Answer extends object>(
    call: Call<Request, Answer>,
    flight: Flight<Found>,
    found: Found,
    joinedAs: AnswerSource,
    startedAt: number,
  ): Outcome<Answer>;
  /** The outcome of a call that was not paid for. */
  saved<Request extends object, Answer extends object>(
    call: Call<Request, Answer>,
    answer: Answer,
    source: AnswerSource,
    startedAt: number,
  ): Outcome<Answer>;
  /** Counts a call that failed in a flight. */
  failed<Request extends object, Answer extends object>(
    call: Call<Request, Answer>,
    flight: Flight<Found>,
    joinedAs: AnswerSource,
    error: unknown,
    startedAt: number,
  ): void;
}

/** The times are those of the recorder, and unused without one. */
export function createOutcomes(stats: Stats, report: Report, recorder: Recorder | undefined): Outcomes {
  function saved<Request extends object, Answer extends object>(
    call: Call<Request, Answer>,
    answer: Answer,
    source: AnswerSource,
    startedAt: number,
  ): Outcome<Answer> {
    const tokens = tokensOf(call, answer);
    stats.count(source === "store" ? "hits" : "joined");
    stats.addTokens("saved", tokens);
    report({ type: source === "store" ? "hit" : "joined", key: call.key });
    recorder?.saved(call, source, tokens, startedAt);
    return { answer, source };
  }
  return {
    of<Request extends object, Answer extends object>(
      call: Call<Request, Answer>,
      flight: Flight<Found>,
      { answer, source }: Found,
      joinedAs: AnswerSource,
      startedAt: number,
    ) {
      const own = (flight.isShared ? copyJson(answer) : answer) as Answer;
      if (source === "store") return saved(call, own, source, startedAt);
      if (joinedAs !== "provider") return saved(call, own, joinedAs, startedAt);
      recorder?.paid(call, flight, startedAt);
      return { answer: own, source };
    },
    saved,
    failed(call, flight, joinedAs, error, startedAt) {
      if (joinedAs !== "provider") stats.count("joined");
      recorder?.failed(call, flight, joinedAs, error, startedAt);
    },
  };
}
