import type { IncomingHttpHeaders } from "node:http";
import type { ChatCompletion, JsonValue } from "@remem/core";
import { type ErrorReply, missingKey } from "./bad-request.ts";

/** A place where requests for a completion come in, and what is special about it. */
export interface Route {
  /** What is wrong with a request before anybody has read its body. */
  precheck(headers: IncomingHttpHeaders): ErrorReply | undefined;
  /** The body as it reaches the model. */
  toRequest(body: JsonValue | undefined): JsonValue | undefined;
  /** The answer as it is sent. */
  decorate(completion: ChatCompletion): ChatCompletion;
}

/** OpenAI's own: nothing is special. */
export const openaiRoute: Route = {
  precheck: ({ authorization }) => missingKey(authorization),
  toRequest: (body) => body,
  decorate: (completion) => completion,
};
