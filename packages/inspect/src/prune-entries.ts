import { type CacheStore, RememError } from "@remem/core";
import { checkOptions, decodeHead } from "@remem/core/plugin";
import type { EntryCount } from "./remove-entries.ts";
import { scan } from "./scan.ts";

/** The options of `pruneEntries`: at least one limit. */
export interface PruneOptions {
  /** Removes entries that are older, in milliseconds. Entries whose age is unknown stay. */
  readonly maxAgeMs?: number | undefined;
  /** Removes the least recently written until the rest takes no more bytes. Entries whose age is unknown go first. */
  readonly maxBytes?: number | undefined;
  /** Counts what would be removed, and removes nothing. False by default. */
  readonly dryRun?: boolean | undefined;
}

/** The result of `pruneEntries`. */
export interface PruneCount {
  /** Entries that were removed, or would be. */
  readonly removed: EntryCount;
  /** The rest. */
  readonly kept: EntryCount;
}

interface Place {
  readonly createdAt: number;
  readonly bytes: number;
  readonly key: string;
}

/**
 * Removes entries, the least recently written first, until the store is within the limits. It holds the keys of all entries in
 * memory. No store knows when an entry was last read.
 * @throws {StoreError} if the store cannot list its entries or cannot be written
 * @throws {RememError} with code `INVALID_OPTION`
 */
export async function pruneEntries(store: CacheStore, options: PruneOptions): Promise<PruneCount> {
  checkPruneOptions(options);
  const { maxAgeMs = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY, dryRun = false } = options;
  const places: Place[] = [];
  const kept = { entries: 0, bytes: 0 };
  for await (const { key, bytes, head } of scan(store, { sampleAbove: 0 })) {
    places.push({ createdAt: decodeHead(head)?.createdAt ?? 0, bytes, key });
    kept.entries += 1;
    kept.bytes += bytes;
  }
  places.sort((one, other) => one.createdAt - other.createdAt);
  const oldest = Date.now() - maxAgeMs;
  const removed = { entries: 0, bytes: 0 };
  for (const { createdAt, bytes, key } of places) {
    const isTooOld = createdAt > 0 && createdAt < oldest;
    if (!isTooOld && kept.bytes <= maxBytes) {
      if (createdAt > 0) break; // Those that follow are younger.
      continue;
    }
    if (!dryRun) await store.delete(key);
    kept.entries -= 1;
    kept.bytes -= bytes;
    removed.entries += 1;
    removed.bytes += bytes;
  }
  return { removed, kept };
}

const KNOWN = { maxAgeMs: true, maxBytes: true, dryRun: true } as const satisfies Record<keyof PruneOptions, true>;

function checkPruneOptions(options: PruneOptions): void {
  checkOptions("pruneEntries", options, KNOWN);
  const limits = [
    ["maxAgeMs", options.maxAgeMs],
    ["maxBytes", options.maxBytes],
  ] as const;
  if (limits.every(([, limit]) => limit === undefined)) {
    throw new RememError("INVALID_OPTION", "pruneEntries: give `maxAgeMs`, `maxBytes`, or both.");
  }
  for (const [name, limit] of limits) {
    if (limit === undefined || (Number.isFinite(limit) && limit >= 0)) continue;
    throw new RememError("INVALID_OPTION", `pruneEntries: \`${name}\` must be a number from 0.`);
  }
}
