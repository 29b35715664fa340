import type { ChatParams } from "../chat/chat-completion.ts";
import { withExtraBody } from "../chat/request/extra-body.ts";
import type { MessageInput } from "../chat/request/message-input.ts";
import type { CallParams, ClientParams } from "../chat/request/params.ts";
import { InvalidRequestError, RememError } from "../errors/errors.ts";
import { plainJson } from "../json/plain-json.ts";
import type { BatchOptions, StreamOptions } from "./options.ts";

/** The messages of a request. A string stands for one message of the user. */
export type Prompt = string | readonly MessageInput[];

/** A request as one object: the messages, and parameters that override the client's. */
export interface InferRequest extends CallParams {
  /** The conversation, or one message of the user as a string. */
  readonly messages: Prompt;
}

/** The parameters of `stream`, which may say `stream: true`, as on the wire. */
export interface StreamParams extends Omit<CallParams, "stream"> {
  /** Has no effect, and is not in the key. */
  readonly stream?: boolean | null | undefined;
}

/** A request of `stream` as one object. */
export interface StreamRequest extends StreamParams {
  /** The conversation, or one message of the user as a string. */
  readonly messages: Prompt;
}

/** Whether the caller passed a request rather than its messages. */
export function isRequest(input: Prompt | InferRequest | StreamRequest): input is InferRequest {
  return typeof input === "object" && input !== null && !Array.isArray(input);
}

/**
 * Merges a request over parameters, and reads each member once.
 * @throws {InvalidRequestError} if a member cannot be read, or is an option of remem
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
  if (params === undefined && !isRequest(input)) return merged;
  const whole = withExtraBody(merged);
  checkForOptions(whole);
  return whole;
}

const OPTIONS = [
  "cache",
  "sample",
  "samples",
  "ttlMs",
  "timeoutMs",
  "signal",
  "schema",
  "retries",
  "replay",
] as const satisfies Array<keyof BatchOptions | keyof StreamOptions>;

/**
 * Refuses an option among the parameters: the client would send it to the server, and it would have no effect.
 * @throws {InvalidRequestError}
 */
function checkForOptions(request: Record<string, unknown>): void {
  for (const name of OPTIONS) {
    if (request[name] !== undefined) throw new InvalidRequestError(`/${name}`, misplaced(name));
  }
}

const CALLS: Readonly<Record<string, string>> = {
  samples: "batchInfer(list, params, { samples })",
  replay: "stream(request, { replay })",
};

function misplaced(name: string): string {
  const call = CALLS[name] ?? `infer(request, { ${name} })`;
  return `is an option, not a parameter: pass it in the last argument, as in ${call}.`;
}

/**
 * The parameters of a client.
 * @throws {RememError} with code `INVALID_OPTION` if an option is among them
 */
export function clientParams(where: string, params: ClientParams): ChatParams {
  const whole = withExtraBody(plainJson(params) as Record<string, unknown>);
  const name = OPTIONS.find((name) => whole[name] !== undefined);
  if (name !== undefined) throw new RememError("INVALID_OPTION", `${where}: \`params.${name}\` ${misplaced(name)}`);
  return Object.freeze(whole) as ChatParams;
}
