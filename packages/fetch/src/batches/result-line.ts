import { type DeferredAnswer, isMembers, ProviderError } from "@remem/core/plugin";
import { isText } from "../json/members.ts";
import { type Message, messagesSurface } from "../surfaces/messages.ts";
import { lineOf } from "./custom-id.ts";
import { type Named, refusedBy } from "./server-errors.ts";

/** One line of a file of results. */
export interface ResultLine {
  readonly token: string;
  readonly line: number;
  /** The result of the request, for its key. */
  answer(id: string): DeferredAnswer<Message>;
}

/** Reads a line; undefined if it is not a result. https://platform.claude.com/docs/en/api/messages/batches/results */
export function resultIn(text: string, named: Named): ResultLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isMembers(value) || !isMembers(value.result)) return undefined;
  const { custom_id, result } = value;
  const place = lineOf(custom_id);
  if (place === undefined) return undefined;
  return { ...place, answer: (id) => answerIn(id, result, named) };
}

function answerIn(id: string, result: Readonly<Record<string, unknown>>, named: Named): DeferredAnswer<Message> {
  const { provider } = named;
  const failed = (message: string, isUnasked: boolean): DeferredAnswer<Message> => ({
    id,
    error: new ProviderError(message, { provider, ...(!isUnasked && { code: "MALFORMED_ANSWER" }) }),
    isUnasked,
  });
  switch (result.type) {
    case "succeeded":
      if (messagesSurface.surface.isAnswer(result.message)) return { id, completion: result.message };
      return failed(`"${provider}" gave something else than a message for this request of a batch.`, false);
    case "errored":
      return { id, error: refusedBy(named, result.error), isUnasked: false };
    case "expired":
      return failed(`"${provider}" did not execute this request before its batch expired.`, true);
    case "canceled":
      return failed(`"${provider}" did not execute this request: its batch was cancelled.`, true);
    default: {
      const type = isText(result.type) ? result.type : "none";
      return failed(`"${provider}" gave a result of an unknown type for this request: ${named.redact(type)}`, false);
    }
  }
}
