import { ProviderError } from "@remem/core";
import { errorIn, isTooDeep, retryAfterMs, retryDelayMs, usedUpMs } from "@remem/core/plugin";

/** What the server has answered instead of an answer: an error, or a body of another kind. Callers get it as it came. */
export interface Refusal {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly body: ArrayBuffer;
}

const refusals = new WeakMap<object, Refusal>();
const failures = new WeakMap<object, { readonly thrown: unknown }>();

/** An error that carries what the server has answered through the cache. `said` is the JSON of the body. */
export function refused(provider: string, refusal: Refusal, said: unknown): ProviderError {
  const { status, headers } = refusal;
  // No wait fills a quota that is used up.
  const rateLimited = status === 429 && errorIn(isTooDeep(said) ? undefined : said, provider)?.retryable !== false;
  const retryAfter = rateLimited ? (retryAfterMs(headers) ?? retryDelayMs(said) ?? usedUpMs(headers)) : undefined;
  const message = `"${provider}" answered with the status ${status}.`;
  const error = new ProviderError(message, { provider, status, rateLimited, retryAfterMs: retryAfter });
  refusals.set(error, refusal);
  return error;
}

/** An error that carries what `fetch` has thrown: a client knows how to handle that. */
export function failed(provider: string, thrown: unknown): ProviderError {
  const error = new ProviderError(`"${provider}" could not be reached.`, { provider, cause: thrown, retryable: true });
  failures.set(error, { thrown });
  return error;
}

/** What the server has answered, where this carries it: a call that waits no longer for a rate limit has the last refusal. */
export const refusalIn = (error: unknown): Refusal | undefined =>
  refusals.get(error as object) ?? refusals.get((error as Error | undefined)?.cause as object);

/** What `fetch` has thrown, where this carries it. */
export const failureIn = (error: unknown): { readonly thrown: unknown } | undefined => failures.get(error as object);

/** A response of the caller's own. */
export function refusalResponse({ status, statusText, headers, body }: Refusal): Response {
  const isBodiless = status === 204 || status === 205 || status === 304;
  return new Response(isBodiless ? null : body.slice(0), { status, statusText, headers: new Headers(headers) });
}
