import { CacheMissError, type Call, type Outcome } from "@remem/core";
import type { Fetched } from "../request/fetched.ts";
import type { Kept } from "../upstream/ask.ts";

/**
 * Returns the call that asks again, if a stored answer is older than its caller's `max-age`. The age of an answer that `infer`
 * has stored is unknown.
 * @throws {CacheMissError} if the caller accepts only stored answers
 */
export function callIfTooOld(
  call: Call<object, object>,
  { source, kept }: Pick<Outcome<object>, "source" | "kept">,
  { control: { maxAgeMs } }: Fetched,
): Call<object, object> | undefined {
  if (maxAgeMs === undefined || source !== "store") return undefined;
  const { at } = (kept ?? {}) as Partial<Kept>;
  if (at !== undefined && Date.now() - at <= maxAgeMs) return undefined;
  if (call.mode === "only-if-cached") throw new CacheMissError(call.key);
  return { ...call, mode: "reload" };
}
