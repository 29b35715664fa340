import type { InferResult } from "remem";
import type { Prices } from "../flags/configured-flags.ts";
import { loadPrices, type PriceOf, type TokenCounts } from "./prices.ts";

/** The cost of the answers of a run, by list prices. */
export interface Cost {
  add(result: InferResult): Promise<void>;
  /** Undefined if no price is known, or nothing was paid. */
  dollars(): number | undefined;
  /** How many paid answers have no known price, by model. */
  unknown(): ReadonlyMap<string, number>;
}

/** `share` is the part of the list prices that is paid. */
export function createCost(baseURL: string | undefined, prices: Prices | undefined, share = 1): Cost {
  let priceOf: PriceOf | undefined;
  let sum: number | undefined;
  const unknown = new Map<string, number>();

  return {
    async add({ source, completion }) {
      if (source !== "provider") return;
      priceOf ??= await loadPrices(baseURL, prices, share);
      const { model } = completion;
      const price = answerPrice(completion, priceOf);
      if (price === undefined) unknown.set(model, (unknown.get(model) ?? 0) + 1);
      else sum = (sum ?? 0) + price;
    },
    dollars: () => sum,
    unknown: () => unknown,
  };
}

/** The price of a chat completion. */
export function answerPrice({ model, usage }: Completion, priceOf: PriceOf, server?: string): number | undefined {
  return usage ? priceOf(model, countsOf(usage), server) : undefined;
}

type Completion = Pick<InferResult["completion"], "model" | "usage">;
type Usage = NonNullable<InferResult["completion"]["usage"]>;

export function countsOf({
  prompt_tokens: input,
  completion_tokens: output,
  prompt_tokens_details,
}: Usage): TokenCounts {
  const details = prompt_tokens_details as { readonly cached_tokens?: number } | null | undefined;
  return { input, output, cached: details?.cached_tokens };
}
