import { errorIn, isTooDeep, ProviderError, type Redact, RememError, type ServerError } from "@remem/core/plugin";
import { redactedFacts, saidIn } from "./answer-errors.ts";
import { type ErrorHint, withHint } from "./error-hint.ts";
import { isRetryable } from "./retry-policy.ts";

export interface ErrorContext {
  readonly provider: string;
  /** The address of the server, which decides the meaning of its codes. */
  readonly address: string;
  readonly timedOut: boolean;
  readonly timeoutMs: number;
  /** The option that sets the timeout, as its owner knows it. */
  readonly timeoutOption: string;
  /** The error in the server's answer, if it answered with a failure. */
  readonly said: ServerError | undefined;
  readonly redact: Redact;
  readonly hint: ErrorHint;
}

/** Converts an error of the SDK into a `ProviderError` without secrets. */
export function toProviderError(error: unknown, context: ErrorContext): RememError {
  // The SDK wraps errors thrown by the functions passed to it.
  const own = [error, (error as Error | undefined)?.cause].find(RememError.is);
  if (own !== undefined) return own;
  const { provider, timedOut, timeoutMs, timeoutOption, redact, hint } = context;
  const cause = sanitized(error, redact);
  const status = numericMember(error, "status");
  const body = { error: (error as { error?: unknown } | undefined)?.error };
  const found = isTooDeep(body) ? undefined : errorIn(body, context.address);
  if (status !== undefined) {
    const { said = found } = context;
    const message = withHint(`"${provider}" answered ${cause.message}`, hint(status, error));
    return new ProviderError(redact(message), { provider, status, retryable: isRetryable(status, said), cause });
  }
  if (found !== undefined) return saidIn(body, found, { ...context, status: 200 }); // Thrown by the SDK's own stream.
  if (error instanceof SyntaxError) {
    const message = `"${provider}" answered 200 with invalid JSON: ${cause.message}`;
    return new ProviderError(message, { provider, code: "MALFORMED_ANSWER", status: 200, cause });
  }
  if (timedOut) {
    const message = `"${provider}" did not complete its answer within ${timeoutMs} ms, the timeout of an attempt. Raise ${timeoutOption} if it needs longer.`;
    return new ProviderError(message, { provider, code: "PROVIDER_TIMEOUT", retryable: true, cause });
  }
  return new ProviderError(`"${provider}" could not be reached: ${messageChain(cause)}`, {
    provider,
    retryable: true,
    cause,
  });
}

/** Copies the harmless members of an error and its causes. The SDK's errors also hold headers and body, and so secrets. */
function sanitized(error: unknown, redact: Redact, depth = 0): Error {
  if (!(error instanceof Error)) return new Error(redact(String(error)));
  const copy = new Error(redact(error.message));
  const { status, code, type, param, requestID } = error as unknown as Record<string, unknown>;
  if (error.cause !== undefined && depth < 3) copy.cause = sanitized(error.cause, redact, depth + 1);
  return Object.assign(copy, {
    name: error.constructor.name,
    ...redactedFacts({ status, code, type, param, requestID }, redact),
  });
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
