import type { IncomingHttpHeaders } from "node:http";
import type { ChatCompletion, JsonValue } from "@remem/core";
import { keyRefusalOf, type Refusal } from "./bad-request.ts";

/** A place where requests for a completion come in, and what is special about it. */
export interface Route {
  /** What is wrong with a request before anybody has read its body. */
  refusalOf(headers: IncomingHttpHeaders): Refusal | undefined;
  /** The body as it reaches the model. */
  asked(body: JsonValue | undefined): JsonValue | undefined;
  /** The answer as it is sent. */
  answered(completion: ChatCompletion): ChatCompletion;
}

/** OpenAI's own: nothing is special. */
export const openaiRoute: Route = {
  refusalOf: ({ authorization }) => keyRefusalOf(authorization),
  asked: (body) => body,
  answered: (completion) => completion,
};
