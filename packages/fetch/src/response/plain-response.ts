import { streamResponse } from "./stream-response.ts";

/** A response of the cache, all of which is known, as plain data. */
export interface PlainResponse {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Whether the body is that of a stream. */
  readonly isStream: boolean;
}

/** A response with a whole answer. */
export function wholeAnswer(answer: object, headers: Readonly<Record<string, string>>): PlainResponse {
  const all = { "content-type": "application/json", ...headers };
  return { status: 200, headers: all, text: JSON.stringify(answer), isStream: false };
}

/** The same for callers of `fetch`. Whoever asks for a stream may abort it after its headers, too. */
export function responseOf(
  { status, headers, text, isStream }: PlainResponse,
  signal: AbortSignal | undefined,
): Response {
  return isStream && signal !== undefined
    ? streamResponse({ pieces: [text].values(), headers, signal, leave() {} })
    : new Response(text, { status, headers });
}
