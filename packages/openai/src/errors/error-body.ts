import { errorIn, isMembers, isTooDeep, type ServerError } from "@remem/core/plugin";

import { parseBody, parseOr } from "../body/parse-body.ts";

/** How many characters of an error body are kept if its JSON cannot be passed on. */
const EXCERPT_LENGTH = 200;

/**
 * The body of a failure as `{error: {message, code, type, param}}`, the only form whose message every version of the SDK keeps.
 * Other members of `error` stay. Text stays text, and so does an excerpt of JSON that is nested too deep: the SDK would
 * stringify it and overflow the stack.
 */
export function wrappedError(text: string, address: string): { readonly body: string; readonly said?: ServerError } {
  const json = jsonIn(text);
  if (json === undefined) return { body: text };
  if (isTooDeep(json)) return { body: text.slice(0, EXCERPT_LENGTH) };
  const said = errorIn(json, address);
  if (said === undefined) return { body: withMessage(json) };
  const { error } = isMembers(json) ? json : {};
  const { message, code = null, type = null, param = null } = said;
  return { body: JSON.stringify({ error: { ...(isMembers(error) && error), message, code, type, param } }), said };
}

/** The body for JSON that contains no known error. */
function withMessage(json: unknown): string {
  const message = typeof json === "string" ? json : JSON.stringify(json).slice(0, EXCERPT_LENGTH);
  return JSON.stringify({ error: { message } });
}

/** The JSON of a body, or of the last event in it. */
function jsonIn(text: string): unknown {
  try {
    const body = parseBody(text);
    if ("json" in body) return body.json;
    if ("text" in body) return undefined;
    const event = body.cut ?? body.events.findLast(({ data }) => data !== "[DONE]");
    return event === undefined ? undefined : parseOr(event.data);
  } catch {
    return undefined;
  }
}
