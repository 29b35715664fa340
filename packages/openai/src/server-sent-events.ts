export interface ServerSentEvent {
  /** Its name, "" where it has none. */
  readonly event: string;
  readonly data: string;
}

/** The events of a stream that has been read to its end (WHATWG HTML, 9.2.6). A last line that is cut off is no event. */
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
