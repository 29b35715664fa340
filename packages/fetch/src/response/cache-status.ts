import type { AnswerSource, CacheMode } from "@remem/core";

/** How the cache has handled a request (RFC 9211). */
export function cacheStatus(source: AnswerSource, mode: CacheMode): Record<string, string> {
  return { "cache-status": `remem; ${parameters(source, mode)}` };
}

function parameters(source: AnswerSource, mode: CacheMode): string {
  if (source === "store") return "hit";
  if (source === "flight") return "fwd=miss; collapsed";
  if (mode === "no-store") return "fwd=bypass";
  return mode === "reload" ? "fwd=request" : "fwd=miss";
}
