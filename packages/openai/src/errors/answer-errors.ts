import { MAX_DEPTH, ProviderError, type Redact, type ServerError } from "@remem/core/plugin";
import { tooLargeMessage } from "../body/read-text.ts";
import { type ErrorHint, withHint } from "./error-hint.ts";
import { isRetryable } from "./retry-policy.ts";

/** The data for errors of an answer with a status below 400. */
export interface AnswerContext {
  readonly provider: string;
  readonly status: number;
  /** The address of the server, which decides the meaning of its codes. */
  readonly address: string;
  readonly redact: Redact;
  readonly hint: ErrorHint;
}

/** The error that the server describes in a body that is not an answer. Its status is the one in the body, if any. */
export function saidIn(body: unknown, said: ServerError, context: AnswerContext): ProviderError {
  const { provider, redact, hint } = context;
  const status = said.status ?? context.status;
  const { message, code, type, param } = said;
  const facts = { name: "ServerError", status, code, type, param };
  const cause = Object.assign(new Error(redact(message)), redactedFacts(facts, redact));
  const { error } = (body ?? {}) as { error?: unknown };
  const text = `"${provider}" answered ${context.status} with an error: ${redact(message)}`;
  const advice = status < 400 ? undefined : hint(status, { code, error });
  return new ProviderError(withHint(text, advice), {
    provider,
    status,
    retryable: isRetryable(status, said),
    cause,
  });
}

export function malformed(body: string, { provider, status, redact, hint }: AnswerContext): ProviderError {
  const message = `"${provider}" answered ${status}, but not with a chat completion: the body ${redact(body)}.`;
  return new ProviderError(withHint(message, hint(200)), {
    provider,
    code: "MALFORMED_ANSWER",
    status,
  });
}

export function invalidJson(error: SyntaxError, { provider, status, redact }: AnswerContext): ProviderError {
  const cause = Object.assign(new Error(redact(error.message)), { name: "SyntaxError" });
  const message = `"${provider}" answered ${status} with invalid JSON: ${cause.message}`;
  return new ProviderError(message, { provider, code: "MALFORMED_ANSWER", status, cause });
}

/** The error for an answer nested too deep to be copied, stringified or printed. */
export function tooDeep({ provider, status }: AnswerContext): ProviderError {
  const message = `"${provider}" answered ${status} with JSON nested deeper than ${MAX_DEPTH} levels.`;
  return new ProviderError(message, { provider, code: "MALFORMED_ANSWER", status });
}

export function tooLarge(maxBytes: number, { provider, status }: AnswerContext): ProviderError {
  const message = `"${provider}" answered ${status} with an error: ${tooLargeMessage(maxBytes)}`;
  return new ProviderError(message, { provider, status });
}

export function incomplete({ provider, status }: AnswerContext): ProviderError {
  const message = `"${provider}" ended its stream before the answer was complete.`;
  return new ProviderError(message, { provider, status, retryable: true });
}

export function stalled(timeoutMs: number, timeoutOption: string, provider: string): ProviderError {
  const message = `"${provider}" sent nothing for ${timeoutMs} ms within its stream. Raise ${timeoutOption} if it needs longer.`;
  return new ProviderError(message, { provider, code: "PROVIDER_TIMEOUT", retryable: true });
}

/** The members that are texts, without secrets, or numbers. */
export function redactedFacts(facts: Readonly<Record<string, unknown>>, redact: Redact): Record<string, unknown> {
  const clean = Object.entries(facts).map(([name, value]) => [name, typeof value === "string" ? redact(value) : value]);
  return Object.fromEntries(clean.filter(([, value]) => ["string", "number"].includes(typeof value)));
}
