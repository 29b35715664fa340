import { type DeferredAnswer, isMembers, ProviderError, type RememError } from "@remem/core/plugin";
import { checkCompletion } from "../answer/check-answer.ts";
import { parseOr } from "../body/parse-body.ts";
import { type AnswerContext, redactedFacts } from "../errors/answer-errors.ts";
import { wrappedError } from "../errors/error-body.ts";
import { withHint } from "../errors/error-hint.ts";
import { isRetryable } from "../errors/retry-policy.ts";

/** Codes of requests that were not executed: https://platform.openai.com/docs/api-reference/batch/request-output */
const UNASKED: readonly unknown[] = ["batch_expired", "batch_cancelled"];

/** Reads a line of a file of answers or errors. Undefined if it is not such a line. */
export function answerIn(line: string, context: Omit<AnswerContext, "status">): DeferredAnswer | undefined {
  const value = parseOr(line);
  if (!isMembers(value) || typeof value.custom_id !== "string") return undefined;
  const { custom_id: id, response, error } = value;
  if (isMembers(response) && typeof response.status_code === "number" && response.status_code > 0) {
    const status = response.status_code;
    const body = typeof response.body === "string" ? (parseOr(response.body) ?? response.body) : response.body;
    if (status >= 300) return { id, error: refused(status, body, context), isUnasked: false };
    try {
      return { id, completion: checkCompletion(body, { ...context, status }) };
    } catch (thrown) {
      return { id, error: thrown as ProviderError, isUnasked: false };
    }
  }
  const { code, message } = isMembers(error) ? error : {};
  return { id, error: notAnswered(code, message, context), isUnasked: UNASKED.includes(code) };
}

/** The error with which a direct call would reject. */
function refused(
  status: number,
  received: unknown,
  { provider, address, redact, hint }: Omit<AnswerContext, "status">,
): ProviderError {
  const { body, said } = wrappedError(typeof received === "string" ? received : JSON.stringify(received), address);
  const error = parseOr(body);
  const { message, code, type, param } = said ?? { message: body };
  const cause = Object.assign(
    new Error(redact(`${status} ${message}`)),
    redactedFacts({ status, code, type, param }, redact),
  );
  const advice = hint(status, { code, error: isMembers(error) ? error.error : undefined });
  return new ProviderError(withHint(redact(`"${provider}" answered ${cause.message}`), advice), {
    provider,
    status,
    retryable: isRetryable(status, said),
    cause,
  });
}

function notAnswered(
  code: unknown,
  message: unknown,
  { provider, redact }: Omit<AnswerContext, "status">,
): RememError & ProviderError {
  const words = redact(typeof message === "string" && message !== "" ? message : String(code ?? "it gave no reason"));
  const cause = Object.assign(new Error(words), redactedFacts({ code }, redact));
  return new ProviderError(`"${provider}" did not answer within its batch: ${words}`, { provider, cause });
}
