import { STATUS_CODES } from "node:http";
import type { JsonObject } from "../json.ts";

const BY_STATUS: Readonly<Record<number, { readonly type?: string; readonly code?: string }>> = {
  401: { code: "invalid_api_key" },
  404: { code: "model_not_found" },
  429: { type: "requests", code: "rate_limit_exceeded" },
};

/** An error in the API's format. Omitted parts default to what the status usually has. */
export function apiError(
  status: number,
  message: string = STATUS_CODES[status] ?? "Unknown error",
  { param = null, code = BY_STATUS[status]?.code ?? null }: { param?: string | null; code?: string | null } = {},
): JsonObject {
  const type = BY_STATUS[status]?.type ?? (status < 500 ? "invalid_request_error" : "server_error");
  return { error: { message, type, param, code } };
}
