/** OpenAI's own endpoint, whose models have no scope. */
const OPENAI = "https://api.openai.com/v1";

/**
 * Whose model it is: the address without the path of the surface. The providers of `@remem/openai` and `@remem/azure` compute the
 * same.
 */
export function scopeAt({ origin }: URL, path: string): string | undefined {
  const address = `${origin}${path.replace(/\/+$/, "")}`;
  return address === OPENAI ? undefined : address;
}
