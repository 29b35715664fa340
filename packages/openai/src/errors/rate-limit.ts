import { ProviderError, type RememError } from "@remem/core/plugin";

/** Returns a rate limit as an error that the client waits out, and any other error unchanged. An exhausted quota is not a rate limit. */
export function asRateLimit(error: RememError, waitMs: number | undefined): RememError {
  if (!ProviderError.is(error) || error.status !== 429 || !error.retryable) return error;
  const { message, provider, status, retryable, cause } = error;
  return new ProviderError(message, { provider, status, retryable, cause, rateLimited: true, retryAfterMs: waitMs });
}
