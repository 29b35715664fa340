import { ProviderError } from "@remem/core";

/** What the server has answered instead of an answer: an error, or a body of another kind. Callers get it as it came. */
export interface Refusal {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly body: ArrayBuffer;
}

const refusals = new WeakMap<object, Refusal>();
const failures = new WeakMap<object, { readonly thrown: unknown }>();

/** An error that carries what the server has answered through the cache. */
export function refused(provider: string, refusal: Refusal): ProviderError {
  const { status } = refusal;
  const error = new ProviderError(`"${provider}" answered with the status ${status}.`, { provider, status });
  refusals.set(error, refusal);
  return error;
}

/** An error that carries what `fetch` has thrown: a client knows how to handle that. */
export function failed(provider: string, thrown: unknown): ProviderError {
  const error = new ProviderError(`"${provider}" could not be asked.`, { provider, cause: thrown, retryable: true });
  failures.set(error, { thrown });
  return error;
}

export const refusalIn = (error: unknown): Refusal | undefined => refusals.get(error as object);

/** What `fetch` has thrown, where this carries it. */
export const failureIn = (error: unknown): { readonly thrown: unknown } | undefined => failures.get(error as object);

/** A response of the caller's own. */
export function refusalResponse({ status, statusText, headers, body }: Refusal): Response {
  const isBodiless = status === 204 || status === 205 || status === 304;
  return new Response(isBodiless ? null : body.slice(0), { status, statusText, headers: new Headers(headers) });
}
