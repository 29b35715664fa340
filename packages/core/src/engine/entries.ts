import type { Call } from "../contracts/call.ts";
import type { Surface } from "../contracts/surface.ts";
import { type EntryText, joinEntry, writeEntry } from "../entry/entry.ts";
import { createEntryReader, type StoredAnswer } from "../entry/entry-reader.ts";
import type { Separated } from "../entry/kept.ts";
import type { JsonObject } from "../json/json-value.ts";
import { withKeyFacts } from "../key/cache-key.ts";
import type { NotAdmitted, Report } from "../observe/events.ts";
import type { Stats } from "../observe/stats.ts";
import type { GuardedStore, Read } from "../store/guarded-store.ts";

/** An answer of the provider, and its JSON, which includes the kept data. */
export interface Received<Answer> extends Separated<Answer> {
  readonly json: string;
}

type AnyCall = Call<object, object>;

/** Converts stored texts to answers, and answers to stored texts. */
export interface Entries {
  /** Returns the answer in a text from the store, if the text is intact, is for this key and has not expired. Reports a damaged entry. */
  decode<Answer extends object>(
    call: Pick<Call<never, Answer>, "key" | "surface">,
    text: Read,
  ): StoredAnswer<Answer> | undefined;
  /** Stores the answer, if it is worth storing. Resolves with the reason if it is not stored. */
  store<Request extends object, Answer extends object>(
    call: Call<Request, Answer>,
    received: Received<Answer>,
    options: { readonly ifAbsent: boolean },
  ): Promise<string | undefined>;
}

export interface EntriesOptions {
  readonly store: GuardedStore;
  /** Whether the store keeps the request apart from the value that a hit reads. */
  readonly hasSidecars: boolean;
  readonly storeRequest: boolean;
  readonly maxEntryBytes: number;
  readonly stats: Stats;
  readonly report: Report;
}

export function createEntries(options: EntriesOptions): Entries {
  const { store, hasSidecars, storeRequest, maxEntryBytes, stats, report } = options;
  const read = createEntryReader();

  function whyNotAdmitted<Request extends object, Answer extends object>(
    { surface, request, key }: Call<Request, Answer>,
    answer: Answer,
  ): string | undefined {
    let error: unknown;
    let reason: string | undefined;
    try {
      if (surface.admit(answer, request)) return undefined;
      reason = surface.whyNotAdmitted?.(answer, request);
    } catch (thrown) {
      error = thrown; // The answer is paid for, so the caller gets it even if `admit` throws.
    }
    const finishReason = finishReasonOf(surface, answer);
    return notAdmitted({ key, reason: reason ?? "admit", finishReason, ...(error !== undefined && { error }) });
  }
  /** Counts and reports an answer that is not stored. Returns the reason. */
  function notAdmitted(why: Omit<NotAdmitted, "type">): string {
    stats.count("notAdmitted");
    stats.countNotStored(why.reason);
    report({ type: "not-admitted", ...why });
    return why.reason;
  }
  function encode(
    { surface, key, keyed, keyOptions }: AnyCall,
    json: string,
    expiresAt: number | undefined,
    createdAt: number,
  ): EntryText {
    const request = storeRequest ? JSON.stringify(withKeyFacts(surface, keyed as JsonObject, keyOptions)) : undefined;
    return writeEntry({ key, createdAt, expiresAt, answer: json, request });
  }

  return {
    decode({ key, surface }, text) {
      if (text === undefined || text === null) return undefined;
      const stored = read(key, text, surface.isAnswer);
      if (stored === undefined) {
        report({ type: "damaged-entry", key });
        return undefined;
      }
      const { expiresAt } = stored;
      return expiresAt !== undefined && expiresAt <= Date.now() ? undefined : stored;
    },
    async store(call, { answer, json }, { ifAbsent }) {
      const reason = whyNotAdmitted(call, answer);
      if (reason !== undefined) return reason;
      const { key, ttlMs } = call;
      const createdAt = Date.now();
      const expiresAt = ttlMs === undefined ? undefined : createdAt + ttlMs;
      const text = encode(call as unknown as AnyCall, json, expiresAt, createdAt);
      const bytes = Buffer.byteLength(text.value);
      if (bytes > maxEntryBytes) {
        const finishReason = finishReasonOf(call.surface, answer);
        return notAdmitted({ key, reason: "too-large", finishReason, bytes, maxEntryBytes });
      }
      const { value, sidecar } = hasSidecars ? text : { value: joinEntry(text) };
      const isStored = await store.set(key, value, {
        ...(expiresAt !== undefined && { expiresAt }),
        ...(sidecar !== undefined && { sidecar }),
        ifAbsent,
      });
      if (!isStored) {
        stats.countNotStored("store-error");
        return "store-error";
      }
      stats.count("stored");
      report({ type: "stored", key });
      return undefined;
    },
  };
}

function finishReasonOf<Answer extends object>(surface: Surface<never, Answer>, answer: Answer): string | undefined {
  try {
    return surface.finishReason?.(answer);
  } catch {
    return undefined; // An error of the surface must not lose an answer that is paid for.
  }
}
