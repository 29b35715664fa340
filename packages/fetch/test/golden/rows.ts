import { readFileSync } from "node:fs";
import type { JsonObject } from "@remem/core";

/** A stream as a server sends it. */
export interface GoldenStream {
  /** The kind of request, and what is peculiar: `responses/text`. */
  readonly id: string;
  /** Where it was sent, where that matters. */
  readonly path?: string;
  readonly contentType: string;
  /** Whether the stream came to its proper end. */
  readonly complete: boolean;
  /** Whether the answer is worth storing, and why not. */
  readonly store: boolean;
  readonly why?: string;
  readonly request: JsonObject;
  /** What the same call would have given without a stream; null where nothing is known of it. */
  readonly answer: JsonObject | null;
  /** The body. */
  readonly raw: string;
}

/** A request as a client has sent it. */
export interface GoldenRequest {
  readonly client: string;
  readonly version: string;
  readonly call: string;
  /** The number of the request within its call. */
  readonly step: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

const goldenStreams: readonly GoldenStream[] = linesOf("streams.jsonl");
export const goldenRequests: readonly GoldenRequest[] = linesOf("requests.jsonl");
/** What the packages of OpenAI and Anthropic in Python send. A test of the command writes them. */
export const pythonRequests: readonly GoldenRequest[] = linesOf("python-requests.jsonl");

/** The streams of one kind of request. */
export const streamsOf = (kind: string): readonly GoldenStream[] =>
  goldenStreams.filter(({ id }) => id.startsWith(`${kind}/`));

function linesOf<Line>(name: string): Line[] {
  const text = readFileSync(new URL(name, import.meta.url), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}
