import type { EntryDetails, UnreadableDetails } from "./show-entry.ts";

/** An entry as programs read it: a plain object for JSON, whose request and answer are as they are stored. */
export function entryRecord(found: EntryDetails | UnreadableDetails): object {
  const { key, bytes } = found;
  if (found.kind !== "entry") return { key, status: found.kind, bytes, problem: found.problem, raw: found.raw };
  return {
    key,
    status: "ok",
    writer: found.writer,
    model: found.model,
    surface: found.surface,
    created_at: isoTime(found.createdAt),
    expires_at: isoTime(found.expiresAt),
    bytes,
    prompt_tokens: found.tokens?.prompt,
    completion_tokens: found.tokens?.completion,
    finish_reason: found.finishReason,
    request_is: found.requestIs,
    request: found.request,
    facts: found.facts,
    answer: found.answer,
  };
}

const isoTime = (time: number | undefined): string | undefined =>
  time === undefined ? undefined : new Date(time).toISOString();
