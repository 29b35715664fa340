import { createParser } from "eventsource-parser";

export interface ServerSentEvent {
  /** The event's name; "" if it has none. */
  readonly event: string;
  readonly data: string;
}

/** Reads server-sent events from text that comes in pieces. */
export interface EventReader {
  /** The events that end in this piece. Those without data are left out: some servers send them to keep a connection alive. */
  feed(text: string): ServerSentEvent[];
  /** Returns the unfinished event at the end of the text, if any. */
  end(): ServerSentEvent | undefined;
}

export function createEventReader(): EventReader {
  let events: ServerSentEvent[] = [];
  const parser = createParser({
    onEvent({ event = "", data }) {
      if (data !== "") events.push({ event, data });
    },
  });
  function feed(text: string): ServerSentEvent[] {
    events = [];
    parser.feed(text);
    return events;
  }
  return { feed, end: () => feed("\n\n")[0] };
}
