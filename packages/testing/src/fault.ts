import { validateHeaderName, validateHeaderValue } from "node:http";
import { checkOptions, type JsonValue, RememError } from "@remem/core/plugin";

/**
 * A change to one answer. Every member changes one thing about the ordinary answer and leaves the rest as it is, so `{}` is
 * the ordinary answer.
 */
export interface Fault {
  /**
   * Status code, 200 to 599. Unless `body` is given, a status from 400 comes with the API's error object for it, and one from
   * 300 to 399 without a body.
   */
  readonly status?: number | undefined;
  /**
   * Headers to set, by name in any case; null removes one. Unless set here, the content type is JSON. It is that of an event
   * stream if the request asks for one, the status is below 300, and the body is text or bytes.
   */
  readonly headers?: Readonly<Record<string, string | null>> | undefined;
  /** Text and bytes are sent unchanged, anything else as JSON. */
  readonly body?: JsonValue | Uint8Array | undefined;
  /**
   * The server stops sending and keeps the connection open until the client or the server closes it: before it has sent
   * anything ("headers"), or after status, headers and half of the body ("body").
   */
  readonly stall?: CutPoint | undefined;
  /** Like `stall`, but destroys the connection at that point. Excludes `stall`. */
  readonly reset?: CutPoint | undefined;
}

export type CutPoint = "headers" | "body";

const MEMBERS = { status: true, headers: true, body: true, stall: true, reset: true } satisfies Record<
  keyof Fault,
  true
>;

/**
 * Checks a fault before any of its script is played.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function checkFault(fault: Fault): void {
  checkOptions("fault", fault, MEMBERS);
  const { status, headers = {}, stall, reset } = fault;
  if (status !== undefined && !(Number.isInteger(status) && status >= 200 && status <= 599)) {
    throw invalid("status", "a whole number from 200 to 599");
  }
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    if (value !== null) validateHeaderValue(name, value);
  }
  for (const [name, point] of Object.entries({ stall, reset })) {
    if (point !== undefined && point !== "headers" && point !== "body") throw invalid(name, '"headers" or "body"');
  }
  if (stall !== undefined && reset !== undefined) throw invalid("reset", "omitted together with `stall`");
}

function invalid(name: string, expected: string): RememError {
  return new RememError("INVALID_OPTION", `fault: \`${name}\` must be ${expected}.`);
}
