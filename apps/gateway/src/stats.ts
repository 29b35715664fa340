import type { CachedFetch } from "@remem/fetch";

/** The figures of a cache. */
export type CacheStats = ReturnType<CachedFetch["stats"]>;

type Counts = { readonly [name: string]: number | Counts };

/** The sum of the figures of several caches. */
export function sumOf(all: readonly CacheStats[]): CacheStats {
  return all.reduce((sum, one) => added(sum, one as object as Counts), {} as Counts) as object as CacheStats;
}

function added(sum: Counts, more: Counts): Counts {
  const entries = Object.entries(more).map(([name, value]) => {
    const before = sum[name];
    const total =
      typeof value === "number"
        ? ((before as number | undefined) ?? 0) + value
        : added((before as Counts) ?? {}, value);
    return [name, total];
  });
  return { ...sum, ...Object.fromEntries(entries) };
}
