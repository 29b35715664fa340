import { type CacheEntry, decodeEntry, decodeHead, type JsonObject } from "@remem/core/plugin";
import type { Loaded } from "./scan.ts";

/** An entry that is not damaged. */
export interface SoundReading {
  readonly kind: "entry";
  readonly key: string;
  readonly bytes: number;
  readonly entry: CacheEntry<object, JsonObject>;
  /** Whether the entry has its request. `"lost"`: its store has lost it. `"left out"`: the client does not keep requests. */
  readonly requestIs: "kept" | "lost" | "left out";
}

/** An entry that cannot be used. */
export interface UnreadableEntry {
  /** `"newer"`: a later version of remem has written it. */
  readonly kind: "damaged" | "newer";
  /** The key under which the store has it. */
  readonly key: string;
  /** Its size in the store in bytes. */
  readonly bytes: number;
  /** The reason, as a clause: `it was changed since it was written`. */
  readonly problem: string;
}

export type Reading = SoundReading | UnreadableEntry;

/** Reads an entry and checks its digests. */
export function readingOf({ key, bytes, value, sidecar }: Loaded): Reading {
  const damaged = (problem: string): UnreadableEntry => ({ kind: "damaged", key, bytes, problem });
  if (/^remem\/(?!1 )\d+ /.test(value)) {
    return { kind: "newer", key, bytes, problem: "a later version of remem has written it" };
  }
  const head = decodeHead(value.slice(0, value.indexOf("\n")));
  if (head === undefined) return damaged("it is no entry of remem");
  const entry = decoded(value, sidecar);
  if (entry === undefined) return damaged("it was changed since it was written");
  if (entry.key !== key) return damaged(`it is the entry of another key, ${entry.key}`);
  const requestIs = entry.request !== undefined ? "kept" : head.hasRequest ? "lost" : "left out";
  return { kind: "entry", key, bytes, entry, requestIs };
}

/** A digest proves that nothing was changed, but not that JSON was written. */
function decoded(value: string, sidecar: string | undefined): CacheEntry<object, JsonObject> | undefined {
  try {
    const entry = decodeEntry<object, JsonObject>(value, sidecar);
    return typeof entry?.answer === "object" && entry.answer !== null ? entry : undefined;
  } catch {
    return undefined;
  }
}
