import type { TokenCount } from "../contracts/surface.ts";

/**
 * What a client has done so far. `hits + joined + misses` is the number of calls that were answered or attempted; every miss
 * is one call of the provider. A call that ends before that (refused, aborted while reading, or `"only-if-cached"` without an
 * entry) is not counted.
 */
export interface ClientStats {
  /** Calls that the store answered. */
  readonly hits: number;
  /** Calls that joined an identical running call, and were not paid for. */
  readonly joined: number;
  /** Calls that asked the provider: nothing was stored, or their mode said so. */
  readonly misses: number;
  /** Requests that the provider has sent and that have ended; its own retries are not counted. */
  readonly providerCalls: number;
  /** Answers that were stored. */
  readonly stored: number;
  /** Answers that were not worth storing, or too large. */
  readonly notAdmitted: number;
  /**
   * Answers that were paid for and are not stored, by reason: the same requests will be paid for again. The reasons are those
   * of the event `not-admitted`, and `"store-error"`.
   */
  readonly notStored: Readonly<Record<string, number>>;
  /** Operations of the store that failed. */
  readonly storeErrors: number;
  /** As the provider counted them when they were paid for. */
  readonly tokens: { readonly paid: TokenCount; readonly saved: TokenCount };
}

export type Counter = Exclude<keyof ClientStats, "tokens" | "notStored">;

export interface Stats {
  count(counter: Counter): void;
  countNotStored(reason: string): void;
  addTokens(kind: "paid" | "saved", tokens: TokenCount | undefined): void;
  read(): ClientStats;
}

export function createStats(): Stats {
  const counters: Record<Counter, number> = {
    hits: 0,
    joined: 0,
    misses: 0,
    providerCalls: 0,
    stored: 0,
    notAdmitted: 0,
    storeErrors: 0,
  };
  const notStored: Record<string, number> = {};
  const tokens = { paid: { prompt: 0, completion: 0 }, saved: { prompt: 0, completion: 0 } };
  return {
    count(counter) {
      counters[counter] += 1;
    },
    countNotStored(reason) {
      notStored[reason] = (notStored[reason] ?? 0) + 1;
    },
    addTokens(kind, added) {
      if (added === undefined) return;
      tokens[kind].prompt += added.prompt;
      tokens[kind].completion += added.completion;
    },
    read: () => ({ ...counters, notStored: { ...notStored }, tokens: structuredClone(tokens) }),
  };
}
