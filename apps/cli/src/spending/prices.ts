import type { Prices } from "../flags/configured-flags.ts";

/** Tokens of one call. */
export interface TokenCounts {
  readonly input: number;
  readonly output: number;
  /** The tokens of the input that the server had cached. */
  readonly cached?: number | undefined;
}

/**
 * The price of a call in dollars, by list prices. Undefined if the price of the model is unknown. `server` is the address of
 * the server, and by default that of the list. `at` is the time of the call in Unix milliseconds, and now by default.
 */
export type PriceOf = (model: string, counts: TokenCounts, server?: string, at?: number) => number | undefined;

/**
 * Loads the list of prices that comes with the command; nothing is fetched. The address of the server tells the provider. If it
 * does not, as for a proxy, the model's name does. The user's own prices take precedence. `share` is the part of them that is
 * paid.
 */
export async function loadPrices(address?: string, prices: Prices = {}, share = 1): Promise<PriceOf> {
  // Loading it takes as long as thousands of hits.
  const { calcPrice, findProvider } = await import("@pydantic/genai-prices");
  const providers = new Map<string, ReturnType<typeof findProvider>>();

  function providerAt(address: string): ReturnType<typeof findProvider> {
    if (!providers.has(address)) providers.set(address, findProvider({ providerApiUrl: address }));
    return providers.get(address);
  }
  return (model, { input, output, cached }, server = address, at) => {
    const agreed = ownPrice(prices, model);
    if (agreed !== undefined) return (share * (input * agreed.input + output * agreed.output)) / 1e6;
    const usage = { input_tokens: input, output_tokens: output, cache_read_tokens: cached };
    const provider = server === undefined ? undefined : providerAt(server);
    const time = at === undefined ? {} : { timestamp: new Date(at) };
    const own = provider && calcPrice(usage, model, { provider, ...time });
    const price = (own ?? calcPrice(usage, model, time))?.total_price;
    return price === undefined ? undefined : share * price;
  };
}

/** A server answers with a dated name of the model that it was asked for: `gpt-4o-mini-2024-07-18`. */
function ownPrice(prices: Prices, model: string): Prices[string] | undefined {
  const name = [model, model.replace(/-\d{4}-\d\d-\d\d$/, "")].find((name) => Object.hasOwn(prices, name));
  return name === undefined ? undefined : prices[name];
}
