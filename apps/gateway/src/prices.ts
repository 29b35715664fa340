/** The price of tokens in dollars. Undefined if the price of the model is unknown. */
export type PriceOf = (
  model: string,
  tokens: { readonly input: number; readonly output: number },
) => number | undefined;
