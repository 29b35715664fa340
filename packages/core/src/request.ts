import type { CallParams, ChatMessage, ChatRequest } from "./chat/chat-completion.ts";
import { InvalidRequestError } from "./errors/errors.ts";
import { plainJson } from "./json/plain-json.ts";

/** A request for one of many calls: its own parameters over the client's. */
export interface BatchItem extends CallParams {
  readonly messages: readonly ChatMessage[];
}

/**
 * The request as it will be keyed and sent: the caller's own copy of what `merge` gives, checked for what every server
 * needs. What a server makes of the rest is the server's business.
 * @throws {InvalidRequestError}
 */
export function makeRequest(merge: () => object): ChatRequest {
  const request = plainJson(merged(merge)) as ChatRequest;
  const { model, messages } = request as { model?: unknown; messages?: unknown };
  if (typeof model !== "string" || model === "")
    throw new InvalidRequestError("/model", "must be the name of a model.");
  if (!Array.isArray(messages)) throw new InvalidRequestError("/messages", "must be a list of messages.");
  for (let index = 0; index < messages.length; index++) {
    if (typeof messages[index]?.role !== "string") {
      throw new InvalidRequestError(`/messages/${index}`, "must be a message: an object with a `role`.");
    }
  }
  if (request.stream === true) {
    throw new InvalidRequestError("/stream", "cannot be true: the answer is given whole. Leave it out.");
  }
  return request;
}

/** One object over another, each member read once. A getter may throw. */
export function merged<T>(merge: () => T): T {
  try {
    return merge();
  } catch (cause) {
    throw new InvalidRequestError("", "cannot be read: it threw an error.", cause);
  }
}
