import { isMembers } from "@remem/core/plugin";
import type { StreamFormat } from "../surfaces/http-surface.ts";

/** NDJSON: each line holds a chunk as JSON. */
export const jsonLines: StreamFormat = {
  contentType: "application/x-ndjson",
  reader() {
    let rest = "";
    return {
      push(text) {
        const lines = text.split("\n");
        lines[0] = rest + lines[0];
        rest = lines.pop() ?? "";
        return lines.flatMap(chunksIn);
      },
      flush() {
        const line = rest;
        rest = "";
        try {
          return chunksIn(line);
        } catch {
          return []; // The body was cut off. The aggregate notices that the last chunk is missing.
        }
      },
    };
  },
  write: (chunk) => `${JSON.stringify(chunk)}\n`,
};

function chunksIn(line: string): object[] {
  if (line.trim() === "") return [];
  const chunk: unknown = JSON.parse(line);
  return isMembers(chunk) ? [chunk] : [];
}
