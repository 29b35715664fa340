import type { InferResult } from "remem";
import { loadPrices, type PriceOf, type TokenCounts } from "./prices.ts";

/** What the answers of a run have cost, by list prices. */
export interface Cost {
  add(result: InferResult): Promise<void>;
  /** Undefined where no price is known, and where nothing was paid. */
  dollars(): number | undefined;
  /** How many paid answers have no known price, by model. */
  unknown(): ReadonlyMap<string, number>;
}

export function createCost(baseURL: string | undefined): Cost {
  let priceOf: PriceOf | undefined;
  let sum: number | undefined;
  const unknown = new Map<string, number>();

  return {
    async add({ source, completion }) {
      if (source !== "provider") return;
      priceOf ??= await loadPrices(baseURL);
      const { model, usage } = completion;
      const price = usage ? priceOf(model, countsOf(usage)) : undefined;
      if (price === undefined) unknown.set(model, (unknown.get(model) ?? 0) + 1);
      else sum = (sum ?? 0) + price;
    },
    dollars: () => sum,
    unknown: () => unknown,
  };
}

type Usage = NonNullable<InferResult["completion"]["usage"]>;

export function countsOf({
  prompt_tokens: input,
  completion_tokens: output,
  prompt_tokens_details,
}: Usage): TokenCounts {
  const details = prompt_tokens_details as { readonly cached_tokens?: number } | null | undefined;
  return { input, output, cached: details?.cached_tokens };
}
