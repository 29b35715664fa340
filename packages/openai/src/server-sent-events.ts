export interface ServerSentEvent {
  /** The event's name; "" if it has none. */
  readonly event: string;
  readonly data: string;
}

/** Parses the events of a complete stream (WHATWG HTML, 9.2.6). An unterminated last event is dropped. */
export function* serverSentEvents(text: string): Generator<ServerSentEvent, void, undefined> {
  let event = "";
  let data: string[] = [];
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line !== "") {
      const [, field, value = ""] = /^(event|data)(?:: ?(.*))?$/s.exec(line) ?? [];
      if (field === "event") event = value;
      if (field === "data") data.push(value);
      continue;
    }
    if (data.length > 0) yield { event, data: data.join("\n") };
    event = "";
    data = [];
  }
}
