import { isMembers, ProviderError, type Redact } from "@remem/core/plugin";
import { isText } from "../json/members.ts";

/** The name of the provider in errors, and the function that removes secrets from them. */
export interface Named {
  readonly provider: string;
  readonly redact: Redact;
}

/** https://platform.claude.com/docs/en/api/errors */
const STATUSES: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

const HINTS: Readonly<Record<number, string>> = {
  401: "Check `apiKey`.",
  404: "Check `baseURL`.",
};

/** The error in a body, or in the result of a request. The status of the latter is that of a direct call. */
export function refusedBy(
  { provider, redact }: Named,
  body: unknown,
  answered?: { readonly status: number; readonly retryAfterMs?: number | undefined; readonly text: string },
): ProviderError {
  const inner = isMembers(body) && isMembers(body.error) ? body.error : body;
  const { type, message } = isMembers(inner) ? inner : {};
  const known = isText(type) ? STATUSES[type] : undefined;
  const status = answered?.status ?? known;
  const words = isText(message) ? message : answered?.text.slice(0, EXCERPT_LENGTH) || "it gave no reason";
  const said = [status, isText(type) ? type : undefined].filter(Boolean).join(" ");
  const text = redact(`"${provider}" answered ${said === "" ? "" : `${said}: `}${words}`);
  const hint = answered === undefined ? undefined : HINTS[answered.status];
  const cause = Object.assign(new Error(redact(words)), {
    ...(status !== undefined && { status }),
    ...(isText(type) && { type: redact(type) }),
  });
  return new ProviderError(hint === undefined ? text : `${text.replace(/(?<![.!?])$/, ".")} ${hint}`, {
    provider,
    status,
    retryable: status !== undefined && isRetryable(status),
    ...(answered?.retryAfterMs !== undefined && { retryAfterMs: answered.retryAfterMs }),
    cause,
  });
}

const EXCERPT_LENGTH = 200;

function isRetryable(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}
