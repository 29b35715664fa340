import { type ChatCompletion, createChatAggregate, errorIn, isMembers, isTooDeep } from "@remem/core/plugin";

import { type Body, parseBody, parseOr } from "../body/parse-body.ts";
import { isBuffered, readText } from "../body/read-text.ts";
import type { Answer } from "../client/chat-client.ts";
import {
  type AnswerContext,
  incomplete,
  invalidJson,
  malformed,
  saidIn,
  tooDeep,
  tooLarge,
} from "../errors/answer-errors.ts";

/**
 * Reads a completion from the text of an answer, whatever its content type and whether or not a stream was asked for. The
 * SDK's versions differ in what they make of content types, and of errors in a stream.
 * @throws {ProviderError} if it is something else, has an error, or is a stream that ends before it is complete
 */
export async function readCompletion(
  answer: Answer,
  maxBytes: number,
  context: Omit<AnswerContext, "status">,
): Promise<ChatCompletion> {
  const response = typeof answer.asResponse === "function" ? await answer.asResponse() : undefined;
  const at = { ...context, status: response?.status ?? 200 };
  const text = response === undefined ? undefined : await textIn(response, maxBytes, at);
  if (text !== undefined) return checkCompletion(parsed(text, at), at);
  // An instrumentation has read the body. The SDK has parsed it, or taken it for text.
  const value = await answer;
  if (isStream(value)) return checkCompletion(await collected(value, at), at);
  return checkCompletion(typeof value === "string" ? parsed(value, at) : value, at);
}

/** The body as text; undefined if somebody else reads it. */
async function textIn(response: Response, maxBytes: number, context: AnswerContext): Promise<string | undefined> {
  if (!isBuffered(response) && (response.bodyUsed || response.body?.locked)) return undefined;
  const text = await readText(response, maxBytes);
  if (text === undefined) throw tooLarge(maxBytes, context);
  return text;
}

function parsed(text: string, context: AnswerContext): unknown {
  try {
    const body = parseBody(text);
    if ("json" in body) return body.json;
    return "text" in body ? body.text : assembled(body, text, context);
  } catch (error) {
    throw error instanceof SyntaxError ? invalidJson(error, context) : error;
  }
}

/** Assembles the events of a stream. */
function assembled({ events, cut }: Extract<Body, { events: unknown }>, text: string, context: AnswerContext): unknown {
  const stream = createAssembly(context);
  for (const { event, data } of events) {
    if (data === "[DONE]") break;
    if (event === "error") stream.fail(parseOr(data) ?? data);
    else stream.add(JSON.parse(data));
  }
  // A server that fails may not even end the event of its error.
  if (cut !== undefined && !stream.isComplete()) stream.throwIfFailed(parseOr(cut.data));
  return events.length === 0 ? text : stream.end();
}

/** Assembles the chunks of a stream that the SDK has parsed. */
async function collected(chunks: AsyncIterable<unknown>, context: AnswerContext): Promise<unknown> {
  const stream = createAssembly(context);
  for await (const chunk of chunks) stream.add(chunk);
  return stream.end();
}

interface Assembly {
  add(chunk: unknown): void;
  /** Throws if a chunk is an error, and ignores it otherwise. */
  throwIfFailed(chunk: unknown): void;
  /** Throws a chunk as an error, in whichever form it is one. An empty one is none. */
  fail(chunk: unknown): void;
  isComplete(): boolean;
  end(): ChatCompletion;
}

function createAssembly(context: AnswerContext): Assembly {
  const aggregate = createChatAggregate();
  function throwIfFailed(chunk: unknown): void {
    if (isTooDeep(chunk)) throw tooDeep(context);
    throwIfError(chunk, context);
  }
  return {
    add(chunk) {
      throwIfFailed(chunk);
      aggregate.add(chunk);
    },
    throwIfFailed,
    fail(chunk) {
      throwIfFailed(chunk);
      throwIfError({ error: chunk }, context);
    },
    isComplete: aggregate.isComplete,
    end() {
      const completion = aggregate.answer();
      if (!aggregate.isComplete() && completion.choices.length > 0) throw incomplete(context);
      return completion;
    },
  };
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** Servers answer 200 with other bodies than completions, none of which may pass for one. */
function checkCompletion(answer: unknown, context: AnswerContext): ChatCompletion {
  if (isTooDeep(answer)) throw tooDeep(context);
  throwIfError(answer, context);
  if (typeof answer === "string") {
    // Redacted first: half a secret would not be recognized.
    throw malformed(`is text (${JSON.stringify(context.redact(answer).slice(0, 80))})`, context);
  }
  const choices = isMembers(answer) && Array.isArray(answer.choices) ? answer.choices : [];
  if (choices.length === 0) throw malformed("has no choices", context);
  if (!choices.every((choice) => isMembers(choice) && isMembers(choice.message))) {
    throw malformed("has a choice without a message", context);
  }
  return answer as ChatCompletion;
}

function throwIfError(body: unknown, context: AnswerContext): void {
  const said = errorIn(body, context.address);
  if (said !== undefined) throw saidIn(body, said, context);
}
