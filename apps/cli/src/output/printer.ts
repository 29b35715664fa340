import { once } from "node:events";
import { styleText } from "node:util";
import { shownOn } from "./terminal.ts";

/** Standard output as a command prints to it. */
export interface Printer {
  /** The width of the terminal; undefined if the output is not a terminal. */
  readonly columns: number | undefined;
  /** Returns a foreign text in a form that is safe to print. */
  shown(text: string): string;
  /** The same in one line. */
  line(text: string): string;
  style(format: Style, text: string): string;
  /** Prints texts that were made by the other members. Waits for slow readers, and rejects once the reader has gone. */
  print(text: string): Promise<void>;
}

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

const DEFAULT_COLUMNS = 80;

export function standardOutput(): Printer {
  const stream = process.stdout;
  let failure: Error | undefined;
  stream.on("error", (error) => {
    failure = error;
  });
  return {
    columns: stream.isTTY ? stream.columns || DEFAULT_COLUMNS : undefined,
    shown: (text) => shownOn(stream, text),
    line: (text) => shownOn(stream, text.replace(/\s+/g, " ").trim()),
    style: (format, text) => (stream.isTTY ? styleText(format, text, { stream }) : text),
    async print(text) {
      if (failure !== undefined) throw failure;
      if (stream.write(text)) return;
      await once(stream, "drain"); // Rejects with the stream's error.
    },
  };
}
