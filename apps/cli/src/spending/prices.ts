/** Tokens of one call. */
export interface TokenCounts {
  readonly input: number;
  readonly output: number;
  /** Those of the input that the server had cached. */
  readonly cached?: number | undefined;
}

/** The price of a call in dollars, by list prices. Undefined where the price of the model is unknown. */
export type PriceOf = (model: string, counts: TokenCounts) => number | undefined;

/**
 * Loads the list of prices that comes with the command; nothing is fetched. `baseURL` tells the provider. Where it does not, as for a
 * proxy, the model's name does.
 */
export async function loadPrices(baseURL: string | undefined): Promise<PriceOf> {
  // Loading it takes as long as thousands of hits.
  const { calcPrice, findProvider } = await import("@pydantic/genai-prices");
  const provider = baseURL === undefined ? undefined : findProvider({ providerApiUrl: baseURL });
  return (model, { input, output, cached }) => {
    const usage = { input_tokens: input, output_tokens: output, cache_read_tokens: cached };
    const own = provider && calcPrice(usage, model, { provider });
    return (own ?? calcPrice(usage, model))?.total_price;
  };
}
