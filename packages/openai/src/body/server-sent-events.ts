export interface ServerSentEvent {
  /** The event's name; "" if it has none. */
  readonly event: string;
  readonly data: string;
}

/** Parses the events of a complete stream (WHATWG HTML, 9.2.6). An unterminated last event is returned, not yielded. */
export function* serverSentEvents(text: string): Generator<ServerSentEvent, ServerSentEvent | undefined, undefined> {
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
  return data.length > 0 ? { event, data: data.join("\n") } : undefined;
}
