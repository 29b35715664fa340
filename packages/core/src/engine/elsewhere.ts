import type { AnswerSource, Call } from "../contracts/call.ts";
import type { TokenCount } from "../contracts/surface.ts";
import { ownAnswer } from "../entry/entry-reader.ts";
import { notify, type Report } from "../observe/events.ts";
import type { Stats } from "../observe/stats.ts";
import type { GuardedStore } from "../store/guarded-store.ts";
import { throughJson, tokensOf } from "./asker.ts";
import type { Entries } from "./entries.ts";
import type { ReadThrough } from "./read-through-options.ts";
import { giveTo, type Recorders } from "./recorder.ts";

interface ElsewhereOptions {
  readonly store: GuardedStore;
  readonly entries: Entries;
  readonly stats: Stats;
  readonly report: Report;
  readonly recorders: Recorders;
  /** @throws {RememError} once the cache is closed */
  assertOpen(): void;
}

/** The operations for answers that come from elsewhere than a call. */
export function createElsewhere(options: ElsewhereOptions): Pick<ReadThrough, "find" | "put" | "account" | "record"> {
  const { store, entries, stats, report, recorders, assertOpen } = options;
  const give = giveTo(recorders);
  return {
    async find(calls) {
      assertOpen();
      const texts = await store.getMany(calls.map(({ key }) => key));
      return calls.map((call, index) => {
        const stored = entries.decode(call, texts[index]);
        return stored && ownAnswer(stored);
      });
    },
    async put(call, answer) {
      assertOpen();
      return entries.store(call, throughJson(call, answer), { ifAbsent: false });
    },
    account: (call, answer, source) => accountFor(stats, report, call, answer, source),
    record(call, { answer, ...facts }) {
      const { key, surface, request, mode } = call;
      const tokens = answer && tokensOf(call, answer);
      const model = surface.model?.(request);
      notify("journal", give, { at: Date.now(), key, surface: surface.name, model, mode, tokens, ...facts });
    },
  };
}

/** Counts an answer by its source, and returns the tokens that it cost. */
export function accountFor<Answer extends object>(
  stats: Stats,
  report: Report,
  call: Pick<Call<never, Answer>, "key" | "surface">,
  answer: Answer,
  source: AnswerSource,
): TokenCount | undefined {
  const tokens = tokensOf(call, answer);
  const { key } = call;
  if (source === "provider") {
    stats.count("misses");
    stats.count("providerCalls");
    stats.addTokens("paid", tokens);
    report({ type: "miss", key });
    return tokens;
  }
  stats.count(source === "store" ? "hits" : "joined");
  stats.addTokens("saved", tokens);
  report({ type: source === "store" ? "hit" : "joined", key });
  return tokens;
}
