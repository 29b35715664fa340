import type { CostOf } from "@remem/inspect";
import type { PriceOf } from "../spending/prices.ts";

/** Some prices change at a time of day, all of them on the hour or half past. */
const PERIOD_MS = 30 * 60_000;
/** Below this many tokens no model has a higher price for longer prompts. */
const LINEAR_TOKENS = 100_000;
const MAX_MODELS = 1_000;

interface Rates {
  readonly period: number;
  /** Dollars for a token. Undefined if the price is unknown. */
  readonly prompt: number | undefined;
  readonly completion: number | undefined;
}

/** Looking up a price takes a quarter of a millisecond, so it is done once for each model and half hour. */
export function createCostOf(priceOf: PriceOf): CostOf {
  const known = new Map<string, Rates>();

  function ratesOf(model: string, at: number): Rates {
    const period = Math.floor(at / PERIOD_MS);
    const last = known.get(model);
    if (last?.period === period) return last;
    const rate = (input: number, output: number): number | undefined => {
      const price = priceOf(model, { input, output }, undefined, at);
      return price === undefined ? undefined : price / 1_000;
    };
    const rates = { period, prompt: rate(1_000, 0), completion: rate(0, 1_000) };
    if (known.size >= MAX_MODELS) known.clear();
    known.set(model, rates);
    return rates;
  }
  return (model, { prompt, completion }, at) => {
    if (prompt + completion >= LINEAR_TOKENS)
      return priceOf(model, { input: prompt, output: completion }, undefined, at);
    const rates = ratesOf(model, at);
    if (rates.prompt === undefined || rates.completion === undefined) return undefined;
    return prompt * rates.prompt + completion * rates.completion;
  };
}
