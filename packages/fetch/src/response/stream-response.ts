import { ProviderError } from "@remem/core";
import type { StreamFormat } from "../surfaces/http-surface.ts";
import { failureIn } from "../upstream/refusal.ts";

export interface StreamedAnswer {
  /** What this caller sees of each chunk. */
  readonly chunks: AsyncIterator<object, void, undefined>;
  readonly format: StreamFormat;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  /** Leaves the call, where the body is not read to its end. */
  leave(): void;
}

/**
 * A response that writes chunks as its reader takes them. It ends as the server's stream has ended: with an error where the
 * connection broke, and otherwise without one, since clients judge for themselves what an incomplete stream is.
 */
export function streamResponse({ chunks, format, headers, signal, leave }: StreamedAnswer): Response {
  const encoder = new TextEncoder();
  const { start = "", between = "", end: last = "" } = format;
  let before = start;
  let abort: (() => void) | undefined;
  function end(): void {
    if (abort !== undefined) signal?.removeEventListener("abort", abort);
  }
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      abort = () => controller.error(signal?.reason);
      if (signal?.aborted) abort();
      else signal?.addEventListener("abort", abort, { once: true });
    },
    async pull(controller) {
      const write = (text: string): void => {
        if (before + text !== "") controller.enqueue(encoder.encode(before + text));
      };
      try {
        const { done, value } = await chunks.next();
        if (signal?.aborted) return;
        if (!done) {
          write(format.write(value));
          before = between;
          return;
        }
        if (before === between) before = "";
        write(last);
        controller.close();
      } catch (error) {
        if (signal?.aborted) return;
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
  return new Response(body, { headers: { "content-type": format.contentType, ...headers } });
}

/** Whether the server has ended its stream before the answer was complete. */
function hasEndedEarly(error: unknown): boolean {
  return ProviderError.is(error) && error.code === "PROVIDER_ERROR" && error.cause === undefined;
}
