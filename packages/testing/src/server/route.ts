import type { IncomingHttpHeaders } from "node:http";
import type { ChatCompletion, JsonValue } from "@remem/core/plugin";
import { type ErrorReply, missingKey } from "./bad-request.ts";

/** A path that answers requests for a completion, and its peculiarities. */
export interface Route {
  /** The error for a request, before its body is read. */
  precheck(headers: IncomingHttpHeaders): ErrorReply | undefined;
  /** The request that the model receives. */
  toRequest(body: JsonValue | undefined): JsonValue | undefined;
  /** The answer that the client receives. */
  decorate(completion: ChatCompletion): ChatCompletion;
}

/** OpenAI's own path. */
export const openaiRoute: Route = {
  precheck: ({ authorization }) => missingKey(authorization),
  toRequest: (body) => body,
  decorate: (completion) => completion,
};
