export {
  type CacheStats,
  cacheStats,
  type PricedEntry,
  type StatsGroup,
  type StatsOptions,
} from "./cache-stats.ts";
export {
  byLabel,
  type CallAmount,
  type CallSum,
  type CallTally,
  type CostOf,
  callsOf,
  createTally,
  DEFERRED_SHARE,
  hitRateOf,
} from "./calls/tally.ts";
export { entryRecord } from "./entry-record.ts";
export type { Difference, WordChange } from "./explain/differences.ts";
export {
  type AskedRequest,
  type ExplainOptions,
  type Explanation,
  explain,
  type NearestEntry,
} from "./explain/explain.ts";
export type { EntryFilter } from "./filter.ts";
export { type ListOptions, listEntries } from "./list-entries.ts";
export { type Neighbour, type Neighbours, neighbours } from "./neighbours.ts";
export { partOfStore, type RecordedFacts } from "./part-of-store.ts";
export { type PruneCount, type PruneOptions, pruneEntries } from "./prune-entries.ts";
export type { UnreadableEntry } from "./reading.ts";
export { type EntryCount, type RemoveOptions, removeEntries } from "./remove-entries.ts";
export { type EntryDetails, showEntry, type UnreadableDetails } from "./show-entry.ts";
export type { EntrySummary, ListedEntry } from "./summary.ts";
export type { AnySurface, InspectOptions } from "./surfaces.ts";
export {
  type EntryProblem,
  type UncheckedKeys,
  type VerifyOptions,
  type VerifyReport,
  verifyEntries,
} from "./verify-entries.ts";
