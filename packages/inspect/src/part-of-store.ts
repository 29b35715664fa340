import { type CacheStore, isReservedKey, StoreError, splitEntry } from "@remem/core/plugin";
import { parsedRequest, requestText } from "./requests.ts";
import { createSlices } from "./slices.ts";

/** The facts of an entry that decide who may see it. */
export interface RecordedFacts {
  /** The scope that is in its key. */
  readonly scope: string | undefined;
  /** The model that was asked. */
  readonly model: string | undefined;
}

/** The number of keys that are remembered after their entries were seen: a list reads the values of entries that it has just found. */
const RECENT = 1_024;
/** The minimum time of the answer for a missing or hidden key. */
const MISS_MS = 150;

/**
 * Returns a view of a store that contains only the entries that `isSeen` accepts, for a user who must not see the others. The
 * recorded facts are part of the key of an entry, so they cannot change. An entry without a stored request records no facts, so
 * the view does not contain it. Users can read and delete entries of the view. The owner closes the store itself. The view
 * delays the answer for a missing or hidden key, so that its time does not tell one from the other, except for entries that
 * take longer to read than this delay.
 */
export function partOfStore(store: CacheStore, isSeen: (recorded: RecordedFacts) => boolean): CacheStore {
  const recent = new Set<string>();

  function sees(key: string, text: string | undefined): boolean {
    if (recent.has(key)) return true;
    const request = isReservedKey(key) ? undefined : parsedRequest(text);
    if (request === undefined || !isSeen(recordedIn(request))) return false;
    const [oldest] = recent;
    if (recent.size >= RECENT) recent.delete(oldest!);
    recent.add(key);
    return true;
  }
  /** The value of a visible key. */
  async function seen(key: string): Promise<string | undefined> {
    if (isReservedKey(key)) return undefined;
    const [value, sidecar] = await Promise.all([store.get(key), recent.has(key) ? undefined : store.getSidecar?.(key)]);
    return value !== undefined && sees(key, sidecar ?? splitEntry(value).sidecar) ? value : undefined;
  }
  /** The same for a key that a user may have guessed. */
  async function guessed(key: string): Promise<string | undefined> {
    const startedAt = performance.now();
    const value = await seen(key);
    if (value === undefined) await until(startedAt + MISS_MS);
    return value;
  }
  const refused = (): Promise<never> =>
    Promise.reject(
      new StoreError("This store shows only some of the entries: it can read and delete them, but not write.", {
        store: store.name,
        code: "STORE_READ_ONLY",
      }),
    );
  return {
    specVersion: 1,
    name: store.name,
    readOnly: true,
    get: guessed,
    async getMany(keys) {
      const known = keys.every((key) => recent.has(key)) ? await store.getMany?.(keys) : undefined;
      return known ?? Promise.all(keys.map(seen));
    },
    ...(store.getSidecar !== undefined && {
      getSidecar: async (key) => ((await seen(key)) === undefined ? undefined : store.getSidecar!(key)),
    }),
    async delete(key) {
      return (await guessed(key)) === undefined ? false : store.delete(key);
    },
    set: refused,
    clear: refused,
    ...(store.heads !== undefined && {
      async *heads({ newestFirst, prefix } = {}) {
        // A sample of a request is not enough to tell whether it is visible.
        const nextSlice = createSlices();
        for await (const entry of store.heads!({ newestFirst, prefix })) {
          const pause = nextSlice();
          if (pause !== undefined) await pause;
          const { key, head, sidecar } = entry;
          if (isReservedKey(key)) continue;
          if (sees(key, sidecar ?? (await requestText(store, key, head, undefined)))) yield entry;
        }
      },
    }),
    ...(store.entries !== undefined && {
      async *entries() {
        const nextSlice = createSlices();
        for await (const entry of store.entries!()) {
          const pause = nextSlice();
          if (pause !== undefined) await pause;
          const [key, value, sidecar] = entry;
          if (sees(key, sidecar ?? splitEntry(value).sidecar)) yield entry;
        }
      },
    }),
    close: async () => {},
  };
}

function recordedIn({ model, remem }: NonNullable<ReturnType<typeof parsedRequest>>): RecordedFacts {
  const { scope } = (remem ?? {}) as { readonly scope?: unknown };
  return {
    scope: typeof scope === "string" ? scope : undefined,
    model: typeof model === "string" && model !== "" ? model : undefined,
  };
}

async function until(time: number): Promise<void> {
  const left = time - performance.now();
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
}
