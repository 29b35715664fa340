import { type DeferredBatch, type DeferredProblem, isMembers, type Members, membersOf } from "@remem/core/plugin";

/**
 * A batch as its server describes it; undefined for anything else.
 * OpenAI: https://platform.openai.com/docs/api-reference/batch/object. Azure writes statuses with a capital letter:
 * https://learn.microsoft.com/azure/ai-services/openai/how-to/batch
 */
export function batchIn(value: unknown): DeferredBatch | undefined {
  if (!isMembers(value) || typeof value.id !== "string") return undefined;
  const { id, request_counts: counts, output_file_id: output, error_file_id: errors } = value;
  const status = typeof value.status === "string" ? value.status.toLowerCase() : "";
  const { total, completed, failed } = isMembers(counts) ? counts : {};
  return {
    id,
    status,
    state: stateOf(status, Number(completed) > 0),
    ...(typeof total === "number" && { counts: { total, completed: countOf(completed), failed: countOf(failed) } }),
    problems: problemsIn(value.errors),
    files: [output, errors].filter((file): file is string => typeof file === "string" && file !== ""),
  };
}

/** Whether a server says that this is the batch. */
export function isBatchOf(
  value: Members,
  { token, fileId }: { readonly token: string; readonly fileId: string | undefined },
): boolean {
  if (fileId !== undefined && value.input_file_id === fileId) return true;
  return isMembers(value.metadata) && value.metadata[TOKEN] === token;
}

/** The member of the metadata of a batch that has its token. */
export const TOKEN = "remem";

function stateOf(status: string, hasAnswers: boolean): DeferredBatch["state"] {
  switch (status) {
    case "completed":
      return "completed";
    case "expired":
    case "cancelled":
      return "partial";
    case "failed":
      return hasAnswers ? "partial" : "failed";
    default:
      return "running";
  }
}

function problemsIn(errors: unknown): DeferredProblem[] {
  const list = membersOf(isMembers(errors) ? errors.data : errors);
  return list.map(({ code, message, line }) => {
    const text = typeof message === "string" ? message : "";
    return {
      code: typeof code === "string" ? code : "",
      message: text,
      ...(typeof line === "number" && { line }),
      ...(code === "too_many_tasks" && { isTooLarge: true }),
      isQueueFull: code === "token_limit_exceeded" || /enqueued tokens? /i.test(text),
    };
  });
}

const countOf = (value: unknown): number => (typeof value === "number" ? value : 0);
