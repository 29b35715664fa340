import type { ChatCompletion } from "../chat/chat-completion.ts";

export interface TokenCount {
  readonly prompt: number;
  readonly completion: number;
}

/**
 * What a client has done so far. `hits + joined + misses` is the number of calls that were answered or tried;
 * every miss is one call of the provider. A call that ends before that (refused, aborted while reading, or
 * `"only-if-cached"` without an entry) counts nowhere.
 */
export interface ClientStats {
  readonly hits: number;
  readonly joined: number;
  readonly misses: number;
  readonly providerCalls: number;
  readonly stored: number;
  readonly notAdmitted: number;
  readonly storeErrors: number;
  /** As the provider counted them when they were paid for. */
  readonly tokens: { readonly paid: TokenCount; readonly saved: TokenCount };
}

export type Counter = "hits" | "joined" | "misses" | "providerCalls" | "stored" | "notAdmitted" | "storeErrors";

export interface Tally {
  count(counter: Counter): void;
  paid(completion: ChatCompletion): void;
  saved(completion: ChatCompletion): void;
  read(): ClientStats;
}

export function createTally(): Tally {
  const counters: Record<Counter, number> = {
    hits: 0,
    joined: 0,
    misses: 0,
    providerCalls: 0,
    stored: 0,
    notAdmitted: 0,
    storeErrors: 0,
  };
  const tokens = { paid: { prompt: 0, completion: 0 }, saved: { prompt: 0, completion: 0 } };
  function add(sum: { prompt: number; completion: number }, { usage }: ChatCompletion): void {
    sum.prompt += usage?.prompt_tokens ?? 0;
    sum.completion += usage?.completion_tokens ?? 0;
  }
  return {
    count(counter) {
      counters[counter] += 1;
    },
    paid: (completion) => add(tokens.paid, completion),
    saved: (completion) => add(tokens.saved, completion),
    read: () => ({ ...counters, tokens: structuredClone(tokens) }),
  };
}
