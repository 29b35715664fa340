import { ProviderError } from "@remem/core";
import { errorIn, isTooDeep, retryAfterMs, retryDelayMs, usedUpMs } from "@remem/core/plugin";

/** A response of the server that is not an answer: an error, or a body of another kind. Callers get it unchanged. */
export interface Refusal {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly body: ArrayBuffer;
}

const refusals = new WeakMap<object, Refusal>();
const failures = new WeakMap<object, { readonly thrown: unknown }>();

/** An error that carries a refusal through the cache. `said` is the JSON of the body. */
export function refused(provider: string, refusal: Refusal, said: unknown): ProviderError {
  const { status, headers } = refusal;
  // No wait refills an exhausted quota.
  const rateLimited = status === 429 && errorIn(isTooDeep(said) ? undefined : said, provider)?.retryable !== false;
  const retryAfter = rateLimited ? (retryAfterMs(headers) ?? retryDelayMs(said) ?? usedUpMs(headers)) : undefined;
  const message = `"${provider}" answered with the status ${status}.`;
  const error = new ProviderError(message, { provider, status, rateLimited, retryAfterMs: retryAfter });
  refusals.set(error, refusal);
  return error;
}

/** An error that carries the error of `fetch`, which a client knows how to handle. */
export function failed(provider: string, thrown: unknown): ProviderError {
  const error = new ProviderError(`"${provider}" could not be reached.`, { provider, cause: thrown, retryable: true });
  failures.set(error, { thrown });
  return error;
}

/** The refusal that an error carries, if any. A call that stops waiting for a rate limit has the last refusal. */
export const refusalIn = (error: unknown): Refusal | undefined =>
  refusals.get(error as object) ?? refusals.get((error as Error | undefined)?.cause as object);

/** The error of `fetch` that an error carries, if any. */
export const failureIn = (error: unknown): { readonly thrown: unknown } | undefined => failures.get(error as object);

/** Makes a response for one caller. */
export function refusalResponse({ status, statusText, headers, body }: Refusal): Response {
  const isBodiless = status === 204 || status === 205 || status === 304;
  return new Response(isBodiless ? null : body.slice(0), { status, statusText, headers: new Headers(headers) });
}
