import { invalidOption } from "../errors/errors.ts";
import type { CacheMode } from "./call.ts";

const MODES: readonly unknown[] = ["default", "reload", "no-store", "only-if-cached"] satisfies CacheMode[];

/** Refuses an option that is not a cache mode. It may be left out. */
export function checkCacheMode(where: string, cache: CacheMode | undefined): void {
  if (cache !== undefined && !MODES.includes(cache)) throw invalidOption(where, "cache", `one of ${MODES.join(", ")}`);
}
