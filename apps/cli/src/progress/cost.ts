import type { InferResult } from "remem";

/** What the answers of a run have cost, by list prices. */
export interface Cost {
  add(result: InferResult): Promise<void>;
  /** Undefined where no price is known, and where nothing was paid. */
  dollars(): number | undefined;
  /** How many paid answers have no known price, by model. */
  unknown(): ReadonlyMap<string, number>;
}

export type Prices = typeof import("@pydantic/genai-prices");

/** `baseURL` tells the provider. Where it does not, as for a proxy, the model's name does. */
export function createCost(baseURL: string | undefined): Cost {
  let prices: Prices | undefined;
  let sum: number | undefined;
  const unknown = new Map<string, number>();

  return {
    async add({ source, completion }) {
      if (source !== "provider") return;
      prices ??= await import("@pydantic/genai-prices"); // Loading it takes as long as a thousand hits.
      const price = priceOf(prices, completion, baseURL);
      if (price === undefined) unknown.set(completion.model, (unknown.get(completion.model) ?? 0) + 1);
      else sum = (sum ?? 0) + price;
    },
    dollars: () => sum,
    unknown: () => unknown,
  };
}

/** What an answer cost by list prices, in dollars. */
export function priceOf(
  { calcPrice, findProvider }: Prices,
  { model, usage }: InferResult["completion"],
  baseURL: string | undefined,
): number | undefined {
  if (usage === undefined || usage === null) return undefined;
  const { prompt_tokens, completion_tokens } = usage;
  const cached = (usage.prompt_tokens_details as { cached_tokens?: number } | null | undefined)?.cached_tokens;
  const provider = baseURL === undefined ? undefined : findProvider({ providerApiUrl: baseURL });
  const counts = {
    input_tokens: prompt_tokens,
    output_tokens: completion_tokens,
    cache_read_tokens: cached,
  };
  const own = provider && calcPrice(counts, model, { provider });
  return (own ?? calcPrice(counts, model))?.total_price;
}
