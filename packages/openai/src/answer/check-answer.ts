import { type ChatCompletion, errorIn, isMembers, isTooDeep } from "@remem/core/plugin";
import type { ServerSentEvent } from "../body/event-reader.ts";
import { parseOr } from "../body/parse-body.ts";
import { type AnswerContext, invalidJson, malformed, saidIn, tooDeep } from "../errors/answer-errors.ts";

/** Returns a completion. Servers answer 200 with other bodies, too, which must not count as one. */
export function checkCompletion(answer: unknown, context: AnswerContext): ChatCompletion {
  checkChunk(answer, context);
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

/** Throws if a chunk is an error, or too deep. */
export function checkChunk(chunk: unknown, context: AnswerContext): void {
  if (isTooDeep(chunk)) throw tooDeep(context);
  const said = errorIn(chunk, context.address);
  if (said !== undefined) throw saidIn(chunk, said, context);
}

/** The chunk in an event; undefined for an event of an error that says nothing. */
export function chunkIn({ event, data }: ServerSentEvent, context: AnswerContext): unknown {
  if (event === "error") {
    const chunk = parseOr(data) ?? data;
    checkChunk(chunk, context);
    checkChunk({ error: chunk }, context); // The error may have any form.
    return undefined;
  }
  const chunk = parsed(data, context);
  checkChunk(chunk, context);
  return chunk;
}

function parsed(data: string, context: AnswerContext): unknown {
  try {
    return JSON.parse(data);
  } catch (error) {
    throw invalidJson(error as SyntaxError, context);
  }
}
