import type { JsonValue } from "@remem/core/plugin";
import { isObject, type JsonObject } from "../json.ts";
import type { Files } from "./batch-files.ts";
import type { BatchPlan, BatchProblem } from "./batch-plan.ts";
import type { Reply } from "./reply.ts";

export type BatchStatus = "validating" | "failed" | "in_progress" | "completed" | "expired" | "cancelled";

/** A batch on the server. */
export interface Batch {
  readonly id: string;
  readonly inputFileId: string;
  readonly endpoint: string;
  readonly metadata: JsonValue;
  readonly plan: BatchPlan;
  readonly createdAt: number;
  status: BatchStatus;
  looks: number;
  /** The lines of the file, once it is valid. */
  lines: readonly BatchLine[];
  problems: readonly BatchProblem[];
  outputFileId: string | undefined;
  errorFileId: string | undefined;
  counts: { total: number; completed: number; failed: number };
}

export interface BatchLine {
  readonly custom_id: string;
  readonly url: string;
  readonly body: JsonObject;
}

export interface BatchWorld {
  readonly files: Files;
  readonly maxRequests: number;
  /** How many tokens of prompts may wait at a time. A byte of a file counts as one. */
  readonly maxQueuedBytes: number;
  /** The bytes of the files of all other batches that run. */
  queuedBytes(): number;
  answer(line: BatchLine): Reply;
  /** Called for each request that was executed. */
  paid(customId: string): void;
}

/** Advances a batch by one look at it. */
export function look(batch: Batch, world: BatchWorld): void {
  const { plan } = batch;
  batch.looks += 1;
  if (batch.status === "validating" && batch.looks > (plan.validating ?? 0)) validate(batch, world);
  if (batch.status !== "in_progress" || plan.hangsAfter !== undefined) return;
  if (batch.looks <= (plan.validating ?? 0) + (plan.running ?? 0)) return;
  const { expiresAfter } = plan;
  execute(batch, world, expiresAfter ?? batch.lines.length, "batch_expired", EXPIRED);
  batch.status = expiresAfter === undefined ? "completed" : "expired";
}

/** Cancels a batch, whose answers so far are kept. */
export function cancel(batch: Batch, world: BatchWorld): void {
  if (batch.status !== "validating" && batch.status !== "in_progress") return;
  execute(batch, world, batch.plan.hangsAfter ?? 0, "batch_cancelled", CANCELLED);
  batch.status = "cancelled";
}

const EXPIRED = "This request could not be executed before the completion window expired.";
const CANCELLED = "This request was not executed, because the batch was cancelled.";

function validate(batch: Batch, world: BatchWorld): void {
  const bytes = world.files.get(batch.inputFileId)?.bytes ?? Buffer.alloc(0);
  const lines = bytes
    .toString()
    .split("\n")
    .filter((line) => line !== "");
  batch.counts.total = lines.length;
  const problems = [...(batch.plan.errors ?? problemsOf(lines, batch.endpoint, world))];
  const limit = world.maxQueuedBytes;
  if (problems.length === 0 && world.queuedBytes() + bytes.length > limit) {
    problems.push({
      code: "token_limit_exceeded",
      message: `Enqueued token limit reached for this model in organization org-test. Limit: ${limit} enqueued tokens. Please try again once some in_progress batches have been completed.`,
      line: null,
    });
  }
  batch.problems = problems;
  batch.status = problems.length > 0 ? "failed" : "in_progress";
  if (problems.length === 0) batch.lines = lines.map((line) => JSON.parse(line) as BatchLine);
}

function problemsOf(lines: readonly string[], endpoint: string, { maxRequests }: BatchWorld): BatchProblem[] {
  if (lines.length === 0) return [{ code: "empty_file", message: "The batch input file is empty." }];
  if (lines.length > maxRequests) {
    return [{ code: "too_many_tasks", message: `The batch has more than ${maxRequests} requests.` }];
  }
  const problems: BatchProblem[] = [];
  const ids = new Set<string>();
  let model: JsonValue | undefined;
  for (const [index, text] of lines.entries()) {
    const problem = (code: string, message: string): number => problems.push({ code, message, line: index + 1 });
    const line = parsed(text);
    if (!isObject(line) || !isObject(line.body))
      problem("invalid_json_line", "This line is not parseable as valid JSON.");
    else if (typeof line.custom_id !== "string" || line.custom_id.length > 64) {
      problem("invalid_custom_id", "The custom_id must be a string of at most 64 characters.");
    } else if (ids.has(line.custom_id)) problem("duplicate_custom_id", "The custom_id of this request is a duplicate.");
    else if (line.method !== "POST" || !isSamePath(line.url, endpoint)) {
      problem("url_mismatch", `The URL provided for this request does not match the batch endpoint ${endpoint}.`);
    } else if (line.body.stream === true) problem("invalid_request", "Streaming is not supported in a batch.");
    else if (model !== undefined && line.body.model !== model) {
      problem("mismatched_model", "All requests in a batch must use the same model.");
    } else {
      ids.add(line.custom_id);
      model = line.body.model;
    }
  }
  return problems;
}

/** Azure takes its endpoint with and without the version. */
function isSamePath(url: JsonValue | undefined, endpoint: string): boolean {
  return typeof url === "string" && url.replace(/^\/v1/, "") === endpoint.replace(/^\/v1/, "");
}

/** Executes the first lines. Answers and errors are in no order that a client could rely on: the last come first. */
function execute(batch: Batch, world: BatchWorld, count: number, code: string, message: string): void {
  const output: string[] = [];
  const errors: string[] = [];
  for (const [index, line] of batch.lines.entries()) {
    const { custom_id } = line;
    const id = `batch_req_${batch.id}_${index}`;
    if (index >= count) {
      errors.push(JSON.stringify({ id, custom_id, response: null, error: { code, message } }));
      continue;
    }
    const { status, body } = batch.plan.replies?.[index] ?? world.answer(line);
    const isAnswer = status < 300;
    if (isAnswer) world.paid(custom_id);
    const response = { status_code: status, request_id: `req_${index}`, body };
    (isAnswer ? output : errors).push(JSON.stringify({ id, custom_id, response, error: null }));
  }
  batch.counts = { total: batch.lines.length, completed: output.length, failed: errors.length };
  batch.outputFileId = fileOf(output, "output", world.files);
  if (batch.plan.losesOutput && batch.outputFileId !== undefined) world.files.delete(batch.outputFileId);
  batch.errorFileId = fileOf(errors, "errors", world.files);
}

function fileOf(lines: string[], name: string, files: Files): string | undefined {
  if (lines.length === 0) return undefined;
  return files.add(`${name}.jsonl`, "batch_output", Buffer.from(`${lines.reverse().join("\n")}\n`)).id;
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** The batch as the API describes it: https://platform.openai.com/docs/api-reference/batch/object */
export function batchObject(batch: Batch): JsonObject {
  const { id, endpoint, inputFileId, status, outputFileId, errorFileId, metadata, problems, counts, createdAt } = batch;
  return {
    id,
    object: "batch",
    endpoint,
    errors: problems.length === 0 ? null : { object: "list", data: problems as object as JsonValue },
    input_file_id: inputFileId,
    completion_window: "24h",
    status,
    output_file_id: outputFileId ?? null,
    error_file_id: errorFileId ?? null,
    created_at: createdAt,
    expires_at: createdAt + 24 * 60 * 60,
    request_counts: counts,
    metadata,
  };
}
