import type { JournalCall } from "remem";

/** The calls of one key that were paid for. */
export interface PaidKey {
  readonly key: string;
  readonly model: string | undefined;
  /** How often it was paid for. */
  times: number;
  prompt: number;
  completion: number;
  /** Undefined if the price is unknown. */
  dollars: number | undefined;
  durationMs: number;
  /** How often the answer was not stored, by reason; also `reload` and `no-store`, the modes that pay each time. */
  readonly reasons: Record<string, number>;
}

/** Finds the keys that have cost most. */
export interface Costly {
  add(call: JournalCall, dollars: number | undefined): void;
  /** The most expensive first: by money, then by tokens, then by time. */
  top(count: number): PaidKey[];
  /** Whether keys were dropped, so that the figures of a key may be too low. */
  readonly isCapped: boolean;
}

const MAX_KEYS = 50_000;

/**
 * Adds up by key. If there are more than `maxKeys` keys, the half that has cost the least is dropped. A dropped key that is
 * paid for again begins at zero. So the memory is bounded, figures are never too high, and a key that has cost more than the
 * keys around it stays.
 */
export function createCostly(maxKeys: number = MAX_KEYS): Costly {
  let keys = new Map<string, PaidKey>();
  let isCapped = false;

  return {
    add({ key, model, source, tokens, error, mode, notStored, durationMs }, dollars) {
      if (source !== "provider" || (error !== undefined && tokens === undefined)) return;
      let paid = keys.get(key);
      if (paid === undefined) {
        if (keys.size >= maxKeys) {
          keys = new Map(
            sorted(keys)
              .slice(0, Math.ceil(maxKeys / 2))
              .map((one) => [one.key, one]),
          );
          isCapped = true;
        }
        paid = { key, model, times: 0, prompt: 0, completion: 0, dollars: undefined, durationMs: 0, reasons: {} };
        keys.set(key, paid);
      }
      paid.times += 1;
      paid.prompt += tokens?.prompt ?? 0;
      paid.completion += tokens?.completion ?? 0;
      paid.durationMs += durationMs;
      if (dollars !== undefined) paid.dollars = (paid.dollars ?? 0) + dollars;
      const reason = notStored ?? (mode === "default" ? undefined : mode);
      if (reason !== undefined) paid.reasons[reason] = (paid.reasons[reason] ?? 0) + 1;
    },
    top: (count) => sorted(keys).slice(0, count),
    get isCapped() {
      return isCapped;
    },
  };
}

/** How often the answer was stored and later paid for again all the same: it had expired, or was removed. */
export function timesGone({ times, reasons }: PaidKey): number {
  const unstored = Object.values(reasons).reduce((sum, count) => sum + count, 0);
  return Math.max(0, times - unstored - 1);
}

function sorted(keys: ReadonlyMap<string, PaidKey>): PaidKey[] {
  return [...keys.values()].sort(
    (one, other) =>
      (other.dollars ?? 0) - (one.dollars ?? 0) ||
      other.prompt + other.completion - (one.prompt + one.completion) ||
      other.durationMs - one.durationMs,
  );
}
