/** A whole response of the cache, as plain data. */
export interface PlainResponse {
  /** The status of HTTP. */
  readonly status: number;
  /** The headers by their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The whole body. */
  readonly text: string;
  /** Whether the body is that of a stream. */
  readonly isStream: boolean;
}

/** A response with a whole answer, given as JSON. */
export function wholeAnswer(text: string, headers: Readonly<Record<string, string>>): PlainResponse {
  return { status: 200, headers: { "content-type": "application/json", ...headers }, text, isStream: false };
}

/** Makes a `Response` of it, for callers of `fetch`. */
export function responseOf(
  { status, headers, text, isStream }: PlainResponse,
  signal: AbortSignal | undefined,
): Response {
  return new Response(isStream ? streamOf(text, signal) : text, { status, headers });
}

const encoder = new TextEncoder();

/** This stream is read faster than the one that `Response` makes of a text. Its reader may abort it after the headers, too. */
function streamOf(text: string, signal: AbortSignal | undefined): ReadableStream<Uint8Array> {
  let abort: (() => void) | undefined;
  function end(): void {
    if (abort !== undefined) signal?.removeEventListener("abort", abort);
  }
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        if (signal === undefined) return;
        abort = () => controller.error(signal.reason);
        if (signal.aborted) abort();
        else signal.addEventListener("abort", abort, { once: true });
      },
      pull(controller) {
        controller.enqueue(encoder.encode(text));
        controller.close();
        end();
      },
      cancel: end,
    },
    ON_DEMAND,
  );
}

/** Encodes the text only when it is read. */
const ON_DEMAND = { highWaterMark: 0 };
