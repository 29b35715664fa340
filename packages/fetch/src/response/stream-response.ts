import { ProviderError } from "@remem/core";
import { failureIn } from "../upstream/refusal.ts";

export interface StreamedAnswer {
  /** The pieces of the body. */
  readonly pieces: Iterator<string, void> | AsyncIterator<string, void>;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  /** Leaves the call if the reader stops before the end of the body. */
  leave(): void;
}

/**
 * A response that writes pieces as its reader takes them. It ends as the server's stream has ended. If the connection broke, it
 * ends with an error. An incomplete stream ends without one, because clients decide themselves how to treat it.
 */
export function streamResponse({ pieces, headers, signal, leave }: StreamedAnswer): Response {
  const encoder = new TextEncoder();
  let abort: (() => void) | undefined;
  let isOver = false;
  function end(): void {
    isOver = true;
    if (abort !== undefined) signal?.removeEventListener("abort", abort);
  }
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      if (signal === undefined) return;
      abort = () => {
        isOver = true;
        controller.error(signal.reason);
      };
      if (signal.aborted) abort();
      else signal.addEventListener("abort", abort, { once: true });
    },
    async pull(controller) {
      try {
        const { done, value } = await pieces.next();
        if (isOver) return;
        if (!done) {
          controller.enqueue(encoder.encode(value));
          return;
        }
        controller.close();
      } catch (error) {
        if (isOver) return;
        const failure = failureIn(error);
        if (failure !== undefined) controller.error(failure.thrown);
        else if (hasEndedEarly(error)) controller.close();
        else controller.error(error);
      }
      end();
    },
    cancel() {
      end();
      leave();
    },
  });
  return new Response(body, { headers });
}

/** Whether the server has ended its stream before the answer was complete. */
function hasEndedEarly(error: unknown): boolean {
  return ProviderError.is(error) && error.code === "PROVIDER_ERROR" && error.cause === undefined;
}
