import { withoutCredentials } from "@remem/core/plugin";
import type { Vendor } from "./upstreams.ts";

/** Something that the gateway itself answers instead of a server. */
export class GatewayError extends Error {
  readonly status: number;
  /** A name for programs. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** An error in the form that the vendor's clients read. No client repeats these statuses, but for those from 500 up. */
export function errorResponse({ status, code, message }: GatewayError, vendor: Vendor | undefined): Response {
  const headers = status < 500 ? { "x-should-retry": "false" } : {};
  const text = withoutCredentials(`remem: ${message}`);
  return Response.json(bodyOf(status, code, text, vendor), { status, headers });
}

function bodyOf(status: number, code: string, message: string, vendor: Vendor | undefined): object {
  if (vendor === "anthropic") return { type: "error", error: { type: code, message } };
  if (vendor === "gemini") return { error: { code: status, message, status: code.toUpperCase() } };
  return vendor === "ollama" ? { error: message } : { error: { message, type: code, param: null, code } };
}
