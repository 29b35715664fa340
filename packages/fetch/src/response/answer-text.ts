import type { Outcome } from "@remem/core";

/** The JSON of an answer. What the store has is not written again, but for the reserved member, which no client sees. */
export function answerText({ answer, json, kept }: Outcome<object>): string {
  if (json === undefined) return JSON.stringify(answer);
  if (kept === undefined) return json;
  const end = `,"remem":${JSON.stringify(kept)}}`;
  return json.endsWith(end) ? `${json.slice(0, -end.length)}}` : JSON.stringify(answer);
}
