import { STATUS_CODES } from "node:http";
import type { Fault } from "../fault.ts";
import type { JsonObject } from "../json.ts";
import type { Reply } from "../server/reply.ts";

/** https://platform.claude.com/docs/en/api/errors */
const TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  500: "api_error",
  504: "timeout_error",
  529: "overloaded_error",
};

/** An error in the form of the Messages API. */
export function messageError(status: number, message: string = STATUS_CODES[status] ?? "Overloaded"): JsonObject {
  const type = TYPES[status] ?? (status < 500 ? "invalid_request_error" : "api_error");
  return { type: "error", error: { type, message } };
}

export function refusal(status: number, message: string): Reply {
  return { status, body: messageError(status, message) };
}

/** A fault with the error that its status has here. */
export function refusing(fault: Fault): Fault {
  const { status = 200 } = fault;
  return status < 400 ? fault : { body: messageError(status) as Fault["body"], ...fault };
}
