import type { JsonValue } from "@remem/core/plugin";
import { isObject, type JsonObject, listOf } from "../json.ts";
import { apiError } from "./api-error.ts";

export interface ErrorReply {
  readonly status: number;
  readonly body: JsonObject;
}

/** The API's error for a request without a key. */
export function missingKey(authorization: string | undefined): ErrorReply | undefined {
  if (isBearer(authorization)) return undefined;
  return errorReply(
    401,
    "You didn't provide an API key. Send it in an Authorization header: Authorization: Bearer KEY.",
  );
}

export function isBearer(authorization: string | undefined): boolean {
  return /^Bearer \S/iu.test(authorization ?? "");
}

/** The API's error for an invalid body. `undefined` for a valid one. */
export function badRequest(request: JsonValue | undefined): ErrorReply | undefined {
  if (!isObject(request)) return errorReply(400, "We could not parse the JSON body of your request.");
  if (typeof request.model !== "string" || request.model === "")
    return errorReply(400, "You must provide a model parameter.", "model", "missing_required_parameter");
  if (request.messages === undefined)
    return errorReply(400, "Missing required parameter: 'messages'.", "messages", "missing_required_parameter");
  const messages = listOf(request.messages);
  if (messages.length === 0 || !messages.every((message) => isObject(message) && typeof message.role === "string"))
    return errorReply(400, "Invalid 'messages': expected one message or more, each with a role.", "messages");
  if (typeof (request.stream ?? false) !== "boolean")
    return errorReply(400, "Invalid 'stream': expected a boolean.", "stream");
  for (const [param, most] of INTEGERS) {
    const value = request[param] ?? 1;
    if (!(typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= most))
      return errorReply(400, `Invalid '${param}': expected a whole number from 1 to ${most}.`, param);
  }
  return undefined;
}

const INTEGERS = [
  ["n", 128],
  ["max_tokens", 2 ** 31 - 1],
  ["max_completion_tokens", 2 ** 31 - 1],
] as const;

function errorReply(status: number, message: string, param?: string, code?: string): ErrorReply {
  return { status, body: apiError(status, message, { ...(param && { param }), ...(code && { code }) }) };
}
