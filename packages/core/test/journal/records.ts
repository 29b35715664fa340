import { join } from "node:path";
import { temporaryDirectory } from "@remem/test-support/temporary";
import type { JournalCall } from "../../src/index.ts";

/** A hit, but for what differs. */
export function hit(members: Partial<JournalCall> = {}): JournalCall {
  return {
    at: 1_764_441_600_000,
    key: "0c55b4c796a5".padEnd(64, "0"),
    surface: "chat",
    model: "gpt-4o-mini",
    mode: "default",
    source: "store",
    tokens: { prompt: 12, completion: 3 },
    durationMs: 0.21,
    notStored: undefined,
    error: undefined,
    ...members,
  };
}

/** The path of a journal that does not exist yet. */
export const journalFile = (): string => join(temporaryDirectory(), "journal.jsonl");
