import { type CacheStore, type JsonObject, recomputedKey } from "@remem/core";
import { readingOf, type SoundReading } from "./reading.ts";
import { scan, withValues } from "./scan.ts";
import { isOfPython } from "./summary.ts";
import { type AnySurface, checkInspectOptions, type InspectOptions, surfaceFactsOf, surfacesOf } from "./surfaces.ts";

/** The options of `verifyEntries`. */
export interface VerifyOptions extends InspectOptions {
  /** Removes the damaged entries, which are never hits. False by default. */
  readonly repair?: boolean | undefined;
  /** Called for each problem as it is found. */
  readonly onProblem?: ((problem: EntryProblem) => void) | undefined;
}

/** A problem of an entry. */
export interface EntryProblem {
  /** The key under which the store has it. */
  readonly key: string;
  /** `"damaged"`: it is never a hit. `"misplaced"`: it is a hit for a key that is not that of its request. */
  readonly kind: "damaged" | "misplaced";
  /** The reason, as a clause: `it was changed since it was written`. */
  readonly problem: string;
}

/** Why the key of an entry that is intact was not recomputed. */
export interface UncheckedKeys {
  /** Rows of REMem's Python class, which do not tell their model. */
  readonly python: number;
  /** Entries whose client does not keep requests. */
  readonly withoutRequest: number;
  /** Entries whose store has lost the request. */
  readonly lostRequest: number;
  /** Entries of a surface that was not given. */
  readonly otherSurface: number;
  /** Entries that a later version of remem has written. They were not checked. */
  readonly newerVersion: number;
}

/** The result of `verifyEntries`. */
export interface VerifyReport {
  /** All entries. */
  readonly entries: number;
  /** Entries that are intact and have the key of their request. */
  readonly sound: number;
  /** Entries whose key was not recomputed. */
  readonly unchecked: UncheckedKeys;
  /** Entries that are never hits. */
  readonly damaged: number;
  /** Entries whose key is not that of their request. `repair` keeps them: the answers were paid for. */
  readonly misplaced: number;
  /** Damaged entries that `repair` has removed. */
  readonly removed: number;
}

/**
 * Checks every entry: its digests, its key, and that the key is that of its request.
 * @throws {StoreError} if the store cannot list its entries, or cannot be written when `repair` has something to remove
 * @throws {RememError} with code `INVALID_OPTION`
 */
export async function verifyEntries(store: CacheStore, options: VerifyOptions = {}): Promise<VerifyReport> {
  checkInspectOptions("verifyEntries", options, { surfaces: true, repair: true, onProblem: true });
  const { repair = false, onProblem } = options;
  const surfaces = surfacesOf(options);
  const count = { entries: 0, sound: 0, damaged: 0, misplaced: 0, removed: 0 };
  const unchecked = { python: 0, withoutRequest: 0, lostRequest: 0, otherSurface: 0, newerVersion: 0 };
  for await (const loaded of withValues(store, scan(store))) {
    count.entries += 1;
    const { key, value } = loaded;
    const reading = readingOf(loaded);
    const verdict = reading.kind === "entry" ? verdictOn(reading, surfaces) : reading;
    if (verdict === "sound") count.sound += 1;
    else if (typeof verdict === "string") unchecked[verdict] += 1;
    else if (verdict.kind === "newer") unchecked.newerVersion += 1;
    else {
      const { kind, problem } = verdict;
      count[kind] += 1;
      onProblem?.({ key, kind, problem });
      if (repair && kind === "damaged" && (await removeUnchanged(store, key, value))) count.removed += 1;
    }
  }
  return { ...count, unchecked };
}

type Verdict = "sound" | Exclude<keyof UncheckedKeys, "newerVersion"> | Pick<EntryProblem, "kind" | "problem">;

function verdictOn({ entry, requestIs }: SoundReading, surfaces: ReadonlyMap<string, AnySurface>): Verdict {
  if (isOfPython(entry)) return "python";
  const { name } = surfaceFactsOf(entry, surfaces);
  const surface = surfaces.get(name ?? "");
  if (surface !== undefined && !surface.isAnswer(entry.answer)) {
    return { kind: "damaged", problem: `it holds no answer of the surface "${name}"` };
  }
  if (requestIs === "lost") return "lostRequest";
  if (entry.request === undefined) return "withoutRequest";
  if (surface === undefined) return "otherSurface";
  const key = keyOf(surface, entry.request, entry.facts ?? {});
  if (key === entry.key) return "sound";
  return {
    kind: "misplaced",
    problem: key === undefined ? "its request has no key" : `its request has the key ${key}`,
  };
}

function keyOf(
  surface: AnySurface,
  request: JsonObject,
  facts: Parameters<typeof recomputedKey>[2],
): string | undefined {
  try {
    return recomputedKey(surface, request, facts);
  } catch {
    return undefined;
  }
}

/** Another process may have stored a new answer since the entry was read. */
async function removeUnchanged(store: CacheStore, key: string, value: string): Promise<boolean> {
  return (await store.get(key)) === value && (await store.delete(key));
}
