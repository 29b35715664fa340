import type { JsonValue } from "@remem/core";

/** OpenAI's own endpoint, whose models have no scope. */
const OPENAI = "https://api.openai.com/v1";
const AZURE = /\/openai(?:\/v1)?$/;

/** Whose model it is: the address without the path of the surface. */
export function scopeAt({ origin }: URL, path: string): string | undefined {
  const address = `${origin}${path.replace(/\/+$/, "")}`;
  return address === OPENAI ? undefined : address;
}

/**
 * The scope and the model of a request that OpenAI's servers take, as the providers of `@remem/openai` and `@remem/azure` compute
 * them. Azure's deployment answers whatever the body calls the model, and its name is the model where the body says no other.
 */
export function chatScope(
  url: URL,
  path: string,
  deployment: string | undefined,
  named: JsonValue | undefined,
): { readonly scope: string | undefined; readonly model: JsonValue | undefined } {
  if (deployment === undefined) {
    const isAzure = AZURE.test(path) && url.hostname.endsWith(".azure.com");
    return { scope: scopeAt(url, isAzure ? path.replace(AZURE, "") : path), model: named };
  }
  const model = decodeURIComponent(deployment);
  if (named !== undefined && named !== model) {
    return { scope: scopeAt(url, `${path}/deployments/${deployment}`), model: named };
  }
  return { scope: scopeAt(url, path.replace(/\/openai$/, "")), model };
}
