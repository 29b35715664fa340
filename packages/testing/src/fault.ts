import { validateHeaderName, validateHeaderValue } from "node:http";
import { checkOptions, type JsonValue, RememError } from "@remem/core";

/**
 * What becomes of one answer. Every member changes one thing about the ordinary answer and leaves the rest as it is,
 * so `{}` is the ordinary answer itself.
 */
export interface Fault {
  /**
   * Status code, 200 to 599. Without a `body` a status from 400 comes with the API's error object for it, and one from
   * 300 to 399 with no body.
   */
  readonly status?: number;
  /**
   * Headers to set, by name in any case; null leaves one out that would be sent. The content type is JSON unless set
   * here, or that of a stream where one was asked for and the status and what is sent can be one: text or bytes.
   */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Text and bytes are sent as they are, anything else as JSON. */
  readonly body?: JsonValue | Uint8Array;
  /**
   * The server falls silent and keeps the connection, until the client leaves or the server closes: before it has sent
   * anything ("headers"), or after status, headers and half of the body ("body").
   */
  readonly stall?: CutPoint;
  /** As `stall`, but the connection is destroyed there. An answer cannot do both. */
  readonly reset?: CutPoint;
}

export type CutPoint = "headers" | "body";

const MEMBERS = { status: true, headers: true, body: true, stall: true, reset: true } satisfies Record<
  keyof Fault,
  true
>;

/** A script with a mistake in it is refused before any of it is played. */
export function checkFault(fault: Fault): void {
  checkOptions("fault", fault, MEMBERS);
  const { status, headers = {}, stall, reset } = fault;
  if (status !== undefined && !(Number.isInteger(status) && status >= 200 && status <= 599)) {
    throw wrong("status", "a whole number from 200 to 599");
  }
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    if (value !== null) validateHeaderValue(name, value);
  }
  for (const [name, point] of Object.entries({ stall, reset })) {
    if (point !== undefined && point !== "headers" && point !== "body") throw wrong(name, '"headers" or "body"');
  }
  if (stall !== undefined && reset !== undefined) throw wrong("reset", "left out where there is `stall`");
}

function wrong(name: string, expected: string): RememError {
  return new RememError("INVALID_OPTION", `fault: \`${name}\` must be ${expected}.`);
}
