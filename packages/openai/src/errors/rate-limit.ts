import { ProviderError, type RememError } from "@remem/core/plugin";

/** The same error, as a refusal that the client waits out, if it is one: a quota that is exhausted is none. */
export function asRateLimit(error: RememError, waitMs: number | undefined): RememError {
  if (!ProviderError.is(error) || error.status !== 429 || !error.retryable) return error;
  const { message, provider, status, retryable, cause } = error;
  return new ProviderError(message, { provider, status, retryable, cause, rateLimited: true, retryAfterMs: waitMs });
}
