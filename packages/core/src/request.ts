import type { CallParams, ChatMessage, ChatParams, MessageInput } from "./chat/chat-completion.ts";
import { InvalidRequestError } from "./errors/errors.ts";
import type { InferOptions } from "./options.ts";

/** The messages of a request. A string stands for one message of the user. */
export type Prompt = string | readonly MessageInput[];

/** A request as one object: the messages, and parameters of its own over the client's. */
export interface InferRequest extends CallParams {
  readonly messages: string | readonly ChatMessage[];
}

/** Whether the caller gave a request rather than its messages. */
export function isRequest(input: Prompt | InferRequest): input is InferRequest {
  return typeof input === "object" && input !== null && !Array.isArray(input);
}

/**
 * Merges a request over parameters, each member read once.
 * @throws {InvalidRequestError} where a member cannot be read, or is an option of ours in the wrong place
 */
export function mergeRequest(
  defaults: ChatParams,
  params: CallParams | undefined,
  input: Prompt | InferRequest,
): Record<string, unknown> {
  let merged: Record<string, unknown>;
  try {
    merged = isRequest(input) ? { ...defaults, ...params, ...input } : { ...defaults, ...params, messages: input };
  } catch (cause) {
    throw new InvalidRequestError("", "cannot be read: it threw an error.", cause);
  }
  const { messages } = merged;
  if (typeof messages === "string") merged.messages = [{ role: "user", content: messages }];
  if (params !== undefined || isRequest(input)) checkForOptions(merged);
  return merged;
}

const OPTIONS: readonly string[] = ["ttlMs", "timeoutMs", "signal"] satisfies Array<keyof InferOptions>;

/** Parameters are sent and options are not, so an option among the parameters would be paid for, and have no effect. */
function checkForOptions(request: Record<string, unknown>): void {
  for (const name of OPTIONS) {
    if (request[name] !== undefined) {
      throw new InvalidRequestError(`/${name}`, "is an option, not a parameter: pass it in the last argument.");
    }
  }
}
