import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ChatCompletion } from "@remem/core";

/** A stream as a server sends it, and the expected result. */
export interface StreamRow {
  readonly name: string;
  readonly stream: string;
  /** The connection is reset after the stream's last byte. */
  readonly reset?: boolean;
  /** Whether the stream is a complete answer. */
  readonly complete: boolean;
  /** The expected error, other than a premature end. */
  readonly error?: "server_error" | "parse" | "network";
  /** The choices received by then. */
  readonly choices?: readonly ExpectedChoice[];
  readonly usage: object | null;
}

export interface ExpectedChoice {
  readonly index: number;
  readonly content: string | null;
  readonly refusal: string | null;
  readonly reasoning: string | null;
  readonly finish_reason: string | null;
  readonly tool_calls: readonly object[] | null;
  readonly logprob_tokens?: readonly string[];
}

export const rows: readonly StreamRow[] = readFileSync(new URL("../golden/streams.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as StreamRow);

/** The members of a completion's choices that a row specifies. */
export function summaryOf({ choices }: ChatCompletion, row: StreamRow): ExpectedChoice[] {
  return choices.map(({ index, message, finish_reason, logprobs }, at) => {
    const { content, refusal = null, tool_calls = null, reasoning_content, reasoning = null } = message;
    const summary = { index, content, refusal, reasoning: reasoning_content ?? reasoning, finish_reason, tool_calls };
    const tokens = (logprobs as { content: Array<{ token: string }> } | null)?.content.map(({ token }) => token);
    return { ...summary, ...(row.choices?.[at]?.logprob_tokens && { logprob_tokens: tokens }) } as ExpectedChoice;
  });
}

/** Starts a server that answers with this stream, a few bytes at a time, which splits lines and characters. */
export async function streamServer(
  { stream, reset = false }: Pick<StreamRow, "stream" | "reset">,
  pieceBytes = 7,
): Promise<{ baseURL: string; close(): void }> {
  async function answer(response: ServerResponse): Promise<void> {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" }).flushHeaders();
    const bytes = Buffer.from(stream);
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      await new Promise((resolve) => response.write(bytes.subarray(at, at + pieceBytes), resolve));
    }
    if (reset) response.socket?.destroySoon();
    else response.end();
  }
  const server = createServer((request, response) => {
    request.resume();
    void answer(response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
