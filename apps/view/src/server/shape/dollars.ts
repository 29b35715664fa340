import type { EntrySummary } from "@remem/inspect";
import type { ShownCache } from "../options.ts";

/** The cost of the answer of an entry. Undefined if it is unknown. */
export function dollarsOf(
  { model, tokens, createdAt = Date.now() }: Pick<EntrySummary, "model" | "tokens" | "createdAt">,
  { priceOf }: ShownCache,
): number | undefined {
  return model === undefined || tokens === undefined ? undefined : priceOf?.(model, tokens, createdAt);
}
