import { type DeferredBatch, isMembers } from "@remem/core/plugin";
import { countOf, isText } from "../json/members.ts";

/** A batch as the server describes it; undefined for anything else. https://platform.claude.com/docs/en/api/messages/batches */
export function batchIn(value: unknown): DeferredBatch | undefined {
  if (!isMembers(value) || !isText(value.id) || !isText(value.processing_status)) return undefined;
  const { id, processing_status: status, request_counts: counts, results_url: url } = value;
  const { processing, succeeded, errored, canceled, expired } = isMembers(counts) ? counts : {};
  const unasked = countOf(canceled) + countOf(expired);
  const failed = countOf(errored) + unasked;
  const completed = countOf(succeeded);
  return {
    id,
    status,
    state: status !== "ended" ? "running" : unasked > 0 ? "partial" : "completed",
    counts: { total: countOf(processing) + completed + failed, completed, failed },
    problems: [],
    files: isText(url) ? [url] : [],
  };
}
