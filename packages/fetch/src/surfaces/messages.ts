import { isMembers, type JsonObject, type JsonValue } from "@remem/core/plugin";
import { checkBy, countOf, isText, modelOf, modelProblem, type Problem } from "../json/members.ts";
import { omitNested } from "../json/omit-nested.ts";
import { messagesTexts } from "../texts/messages.ts";
import { eventStream } from "../wire/event-stream.ts";
import type { HttpSurface } from "./http-surface.ts";
import { keyedHeaders } from "./keyed-headers.ts";
import { whyMessageNotAdmitted } from "./messages/admit.ts";
import { passesThrough } from "./messages/passes.ts";
import { createMessageAggregate, messageEvents, withoutEarlyCount } from "./messages/stream.ts";
import { scopeOf } from "./scope.ts";

const PATH = "/messages";

/** Members that mark prefixes for the prompt cache, or control how the arguments of a call are streamed. */
const MARKS = {
  names: new Set(["cache_control", "eager_input_streaming"]),
  within: new Set(["system", "messages", "content", "source", "tools"]),
};

/** Anthropic's Messages, also in compatible servers. */
export const messagesSurface: HttpSurface<JsonObject, Message> = {
  surface: {
    specVersion: 1,
    name: "messages",
    model: modelOf,
    // Members that identify the caller, or decide how the answer is billed, routed or delivered.
    unkeyed: new Set(["metadata", "service_tier", "speed", "stream", "diagnostics", "cache_control"]),
    check: checkBy(problemOf),
    isAnswer: isMessage,
    admit: (answer, request) => whyMessageNotAdmitted(answer, request) === undefined,
    whyNotAdmitted: whyMessageNotAdmitted,
    tokens: ({ usage }) => ({ prompt: promptTokens(usage ?? {}), completion: countOf(usage?.output_tokens) }),
    finishReason: ({ stop_reason: reason }) => (isText(reason) ? reason : undefined),
    texts: messagesTexts,
    aggregate: createMessageAggregate,
    chunksOf: messageEvents,
  },
  // The address of a thread in OpenAI's Assistants has the same ending.
  matches: ({ pathname }) => pathname.endsWith(PATH) && !pathname.includes("/threads/"),
  find({ url, headers, body }) {
    if (problemOf(body) !== undefined) return { passes: "no request for a message" };
    const passes = passesThrough(body);
    if (passes !== undefined) return { passes };
    return {
      request: { ...omitNested(body, MARKS), ...keyedHeaders(headers, ["anthropic-version", "anthropic-beta"]) },
      scope: scopeOf(url, PATH),
      isStream: body.stream === true,
    };
  },
  stream: eventStream({ isNamed: true }),
  view: () => withoutEarlyCount,
  errorBody: (message, code) => ({ type: "error", error: { type: code, message } }),
};

/** The answer to a `POST /messages`. */
export interface Message extends JsonObject {
  /** The blocks of the answer: texts, calls of tools, thoughts. */
  readonly content: readonly JsonObject[];
  /** Why the model has stopped, such as `end_turn`. */
  readonly stop_reason?: JsonValue;
  /** The tokens that it took. */
  readonly usage?: JsonObject | null;
}

function problemOf(request: JsonObject): Problem | undefined {
  const problem = modelProblem(request);
  if (problem !== undefined) return problem;
  if (!Array.isArray(request.messages)) return ["/messages", "must be a list of messages."];
  return typeof request.max_tokens === "number" ? undefined : ["/max_tokens", "must be a number."];
}

function isMessage(value: unknown): value is Message {
  return isMembers(value) && value.type === "message" && Array.isArray(value.content) && value.content.every(isMembers);
}

/** Tokens that were read from the prompt cache or written to it are counted apart. */
function promptTokens(usage: JsonObject): number {
  const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens } = usage;
  return countOf(input_tokens) + countOf(cache_creation_input_tokens) + countOf(cache_read_input_tokens);
}
