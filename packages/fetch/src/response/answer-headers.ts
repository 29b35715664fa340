import type { AnswerSource, CacheMode, Outcome } from "@remem/core";
import type { Kept } from "../upstream/ask.ts";

/** The headers of an answer: the server's kept headers, how the cache has handled the request, and its age. */
export function answerHeaders(
  { source, kept }: Pick<Outcome<object>, "source" | "kept">,
  mode: CacheMode,
): Record<string, string> {
  const { headers, at } = (kept ?? {}) as Partial<Kept>;
  const seconds =
    at === undefined || source !== "store" ? undefined : Math.max(0, Math.floor((Date.now() - at) / 1_000));
  return { ...headers, ...cacheStatus(source, mode), ...(seconds !== undefined && { age: `${seconds}` }) };
}

/** How the cache has handled a request (RFC 9211). */
function cacheStatus(source: AnswerSource, mode: CacheMode): Record<string, string> {
  return { "cache-status": `remem; ${parameters(source, mode)}` };
}

function parameters(source: AnswerSource, mode: CacheMode): string {
  if (source === "store") return "hit";
  if (source === "flight") return "fwd=miss; collapsed";
  if (mode === "no-store") return "fwd=bypass";
  return mode === "reload" ? "fwd=request" : "fwd=miss";
}
