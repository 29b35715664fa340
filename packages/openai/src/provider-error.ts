import { MAX_DEPTH, ProviderError, type Redact, RememError } from "@remem/core/plugin";
import { isRetryable } from "./retry-policy.ts";

export interface ErrorContext {
  readonly provider: string;
  readonly timedOut: boolean;
  readonly timeoutMs: number;
  readonly redact: Redact;
  readonly hint: ErrorHint;
}

/** Says what to do about an answer with this status. `error` is the SDK's error with the body, absent for a 200. */
export type ErrorHint = (status: number, error?: unknown) => string | undefined;

const HINTS: Readonly<Record<number, string>> = {
  200: "Check `baseURL`.",
  401: "Check `apiKey`, or the environment variable it is read from.",
  404: "Check `model` and `baseURL`.",
};

export const defaultHint: ErrorHint = (status) => HINTS[status];

/** Converts an error of the SDK into a `ProviderError` without secrets. */
export function toProviderError(
  error: unknown,
  { provider, timedOut, timeoutMs, redact, hint }: ErrorContext,
): RememError {
  // The SDK wraps errors thrown by the functions passed to it.
  const own = [error, (error as Error | undefined)?.cause].find(RememError.is);
  if (own !== undefined) return own;
  const cause = sanitized(error, redact);
  const status = numericMember(error, "status");
  if (status !== undefined) {
    const message = [`"${provider}" answered ${cause.message}`, hint(status, error)].filter(Boolean).join(" ");
    return new ProviderError(redact(message), { provider, status, retryable: isRetryable(status, error), cause });
  }
  if (error instanceof SyntaxError) {
    const message = `"${provider}" answered 200 with invalid JSON: ${cause.message}`;
    return new ProviderError(message, { provider, code: "MALFORMED_ANSWER", status: 200, cause });
  }
  if (timedOut) {
    const message = `"${provider}" did not complete its answer within ${timeoutMs} ms (\`timeoutMs\`, per attempt).`;
    return new ProviderError(message, { provider, code: "PROVIDER_TIMEOUT", retryable: true, cause });
  }
  return new ProviderError(`"${provider}" could not be reached: ${messageChain(cause)}`, {
    provider,
    retryable: true,
    cause,
  });
}

/** The error for an answer nested too deep to be copied, stringified or printed. */
export function tooDeep(provider: string): ProviderError {
  const message = `"${provider}" answered 200 with JSON nested deeper than ${MAX_DEPTH} levels.`;
  return new ProviderError(message, { provider, code: "MALFORMED_ANSWER", status: 200 });
}

/** Copies the harmless members of an error and its causes. The SDK's errors also hold headers and body, and so secrets. */
function sanitized(error: unknown, redact: Redact, depth = 0): Error {
  if (!(error instanceof Error)) return new Error(redact(String(error)));
  const copy = new Error(redact(error.message));
  const facts: Record<string, unknown> = { name: error.constructor.name };
  for (const fact of ["status", "code", "type", "param", "requestID"]) {
    const value = (error as unknown as Record<string, unknown>)[fact];
    if (typeof value === "string") facts[fact] = redact(value);
    else if (typeof value === "number") facts[fact] = value;
  }
  if (error.cause !== undefined && depth < 3) copy.cause = sanitized(error.cause, redact, depth + 1);
  return Object.assign(copy, facts);
}

/** Joins the messages of an error and its causes: "Connection error" alone does not name the reason. */
function messageChain(error: Error): string {
  const { message, cause } = error;
  const code = (error as { code?: unknown }).code;
  const own = message !== "" ? message : String(code ?? error.name);
  return cause instanceof Error ? `${own.replace(/\.$/, "")}: ${messageChain(cause)}` : own;
}

function numericMember(value: unknown, member: string): number | undefined {
  const found = (value as Record<string, unknown> | null)?.[member];
  return typeof found === "number" ? found : undefined;
}
