import { type ChatCompletion, createChatAggregate } from "@remem/core/plugin";
import { type Body, parseBody, parseOr } from "../body/parse-body.ts";
import { readText } from "../body/read-text.ts";
import { type AnswerContext, incomplete, invalidJson, tooLarge } from "../errors/answer-errors.ts";
import { checkChunk, checkCompletion, chunkIn } from "./check-answer.ts";
import type { OpenAnswer } from "./open-answer.ts";

/**
 * Reads a completion from the text of an answer of any content type, streamed or not. The SDK's versions treat content types,
 * and errors in a stream, differently.
 * @throws {ProviderError} if it is something else, has an error, or is a stream that ends before it is complete
 */
export async function readCompletion(
  answer: OpenAnswer,
  maxBytes: number,
  context: Omit<AnswerContext, "status">,
): Promise<ChatCompletion> {
  if ("response" in answer) {
    const at = { ...context, status: answer.response.status };
    const text = await readText(answer.response, maxBytes);
    if (text === undefined) throw tooLarge(maxBytes, at);
    return completionIn(text, at);
  }
  const { value, status } = answer;
  const at = { ...context, status };
  if (isStream(value)) return checkCompletion(await collected(value, at), at);
  return typeof value === "string" ? completionIn(value, at) : checkCompletion(value, at);
}

/** The completion in a body. */
export function completionIn(text: string, context: AnswerContext): ChatCompletion {
  return checkCompletion(parsed(text, context), context);
}

export function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
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
  const aggregate = createChatAggregate();
  for (const event of events) {
    if (event.data === "[DONE]") break;
    aggregate.add(chunkIn(event, context));
  }
  // A server that fails may not even end the event of its error.
  if (cut !== undefined && !aggregate.isComplete()) checkChunk(parseOr(cut.data), context);
  return events.length === 0 ? text : ended(aggregate, context);
}

/** Assembles the chunks of a stream that the SDK has parsed. */
async function collected(chunks: AsyncIterable<unknown>, context: AnswerContext): Promise<unknown> {
  const aggregate = createChatAggregate();
  for await (const chunk of chunks) {
    checkChunk(chunk, context);
    aggregate.add(chunk);
  }
  return ended(aggregate, context);
}

function ended(aggregate: ReturnType<typeof createChatAggregate>, context: AnswerContext): ChatCompletion {
  const completion = aggregate.answer();
  if (!aggregate.isComplete() && completion.choices.length > 0) throw incomplete(context);
  return completion;
}
