/** The price of tokens in dollars. Undefined where that of the model is unknown. */
export type PriceOf = (
  model: string,
  tokens: { readonly input: number; readonly output: number },
) => number | undefined;
