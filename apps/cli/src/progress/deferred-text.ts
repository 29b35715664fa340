import type { DeferredBatchStatus, DeferredStatus } from "remem";
import { number } from "./figures.ts";

/** The progress of a job: one line, and one for each batch. */
export function statusText({ total, waiting, unasked, batches }: DeferredStatus): string {
  const answered = total - waiting - unasked;
  const count = batches.length === 1 ? "a batch" : `${number(batches.length)} batches`;
  const rest = unasked === 0 ? "" : `, ${number(unasked)} are not asked for`;
  const head = `remem: ${number(answered)} of ${number(total)} answered, ${number(waiting)} wait for ${count}${rest}`;
  return [head, ...batches.map((batch) => `  ${batchText(batch)}`)].join("\n");
}

function batchText({ id, token, status, total, counts, problem }: DeferredBatchStatus): string {
  const done = counts === undefined ? 0 : counts.completed + counts.failed;
  const words = problem === undefined ? "" : `: ${problem}`;
  return `${id ?? token}  ${status}  ${number(done)} of ${number(total)} done${words}`;
}
