import { withoutCredentials } from "@remem/core/plugin";
import type { Vendor } from "./upstreams.ts";

/** An error that the gateway itself answers instead of a server. */
export class GatewayError extends Error {
  readonly status: number;
  /** A name for programs. */
  readonly code: string;
  /** The time until the same request may be answered. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, code: string, message: string, retryAfterMs?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** An error in the form that the vendor's clients read. They repeat a request only after 429 and statuses from 500 up. */
export function errorResponse(error: GatewayError, vendor: Vendor | undefined): Response {
  const { status, code, message, retryAfterMs } = error;
  const headers: Record<string, string> = status < 500 && status !== 429 ? { "x-should-retry": "false" } : {};
  if (retryAfterMs !== undefined) headers["retry-after"] = `${Math.ceil(retryAfterMs / 1_000)}`;
  // The rest of the data of such a caller is not read.
  if (status === 401) Object.assign(headers, { "www-authenticate": "Bearer", connection: "close" });
  const text = withoutCredentials(`remem: ${message}`);
  return Response.json(bodyOf(status, code, text, vendor), { status, headers });
}

function bodyOf(status: number, code: string, message: string, vendor: Vendor | undefined): object {
  if (vendor === "anthropic") return { type: "error", error: { type: code, message } };
  if (vendor === "gemini") return { error: { code: status, message, status: code.toUpperCase() } };
  return vendor === "ollama" ? { error: message } : { error: { message, type: code, param: null, code } };
}
