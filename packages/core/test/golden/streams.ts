import { readFileSync } from "node:fs";
import type { ChatCompletion, ChatRequest } from "../../src/index.ts";

/** A stream that a server has sent, and the whole answer; null where the stream is none. */
export interface GoldenStream {
  readonly name: string;
  readonly complete: boolean;
  readonly request: ChatRequest;
  /** Whether the answer is worth storing. */
  readonly stored: boolean;
  readonly chunks: readonly object[];
  readonly answer: ChatCompletion | null;
}

export const goldenStreams: readonly GoldenStream[] = readFileSync(
  new URL("./chat-streams.jsonl", import.meta.url),
  "utf8",
)
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as GoldenStream);
