import { isMembers, type Members } from "@remem/core/plugin";
import { createParser } from "eventsource-parser";
import type { StreamFormat } from "../surfaces/http-surface.ts";

/** How a vendor writes server-sent events. */
export interface EventStreamOptions {
  /** Whether each event has an `event:` line with the chunk's `type`, without which some SDKs skip it. */
  readonly isNamed?: boolean;
  /** How lines end. `"\n"` by default. */
  readonly newline?: "\n" | "\r\n";
  /** Whether `[DONE]` follows the last event. */
  readonly hasDone?: boolean;
}

const DONE = "[DONE]";

/** Server-sent events, each of which holds a chunk as JSON. */
export function eventStream({ isNamed = false, newline = "\n", hasDone = false }: EventStreamOptions): StreamFormat {
  return {
    contentType: "text/event-stream; charset=utf-8",
    reader: () => {
      let chunks: object[] = [];
      const parser = createParser({
        onEvent({ event, data }) {
          if (data.trim() === "" || data.trim() === DONE) return;
          const chunk: unknown = JSON.parse(data);
          // Some servers name an error in its `event:` line alone.
          if (isMembers(chunk)) chunks.push(isNamed && event !== undefined ? { type: event, ...chunk } : chunk);
        },
      });
      return {
        push(text) {
          parser.feed(text);
          const completed = chunks;
          chunks = [];
          return completed;
        },
        // An event without the empty line after it has not arrived.
        flush: () => [],
      };
    },
    write(chunk) {
      const { type } = chunk as Members;
      const name = isNamed && typeof type === "string" ? `event: ${type}${newline}` : "";
      return `${name}data: ${JSON.stringify(chunk)}${newline}${newline}`;
    },
    ...(hasDone && { end: `data: ${DONE}${newline}${newline}` }),
  };
}
