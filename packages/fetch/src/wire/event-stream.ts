import { createParser } from "eventsource-parser";
import type { StreamFormat } from "../surfaces/http-surface.ts";

/** How server-sent events of one kind of server are written (WHATWG HTML, 9.2). */
export interface EventStreamOptions {
  /** The name of a chunk's event. Left out, events have no names. */
  readonly nameOf?: (chunk: object) => string | undefined;
  /** What follows the last event. */
  readonly end?: string;
}

/** Server-sent events of which each is one chunk. `[DONE]` and events without data are none. */
export function eventStream({ nameOf, end }: EventStreamOptions = {}): StreamFormat {
  return {
    contentType: "text/event-stream; charset=utf-8",
    ...(end !== undefined && { end }),
    reader() {
      let chunks: object[] = [];
      const parser = createParser({
        onEvent({ data }) {
          if (data !== "[DONE]" && data !== "") chunks.push(JSON.parse(data) as object);
        },
      });
      function taken(): object[] {
        const read = chunks;
        chunks = [];
        return read;
      }
      return {
        push(text) {
          parser.feed(text);
          return taken();
        },
        // The last event of a stream that is cut off is none.
        flush: taken,
      };
    },
    write(chunk) {
      const name = nameOf?.(chunk);
      return `${name === undefined ? "" : `event: ${name}\n`}data: ${JSON.stringify(chunk)}\n\n`;
    },
  };
}
