import type { JsonValue } from "@remem/core/plugin";
import type { JsonObject } from "../json.ts";
import { invalidMessage, messageFor } from "./message.ts";
import type { MessageBatchPlan } from "./message-batch-plan.ts";
import { messageError } from "./message-error.ts";

/** A batch on the server. */
export interface MessageBatch {
  readonly id: string;
  readonly plan: MessageBatchPlan;
  readonly requests: readonly BatchedMessage[];
  readonly createdAt: Date;
  status: "in_progress" | "canceling" | "ended";
  looks: number;
  counts: Record<"processing" | "succeeded" | "errored" | "canceled" | "expired", number>;
  /** The file of its results, once it has ended. */
  results: string;
}

/** One request of a batch. */
export interface BatchedMessage {
  readonly custom_id: string;
  readonly params: JsonObject;
}

/** Called for each request that was executed and answered. */
export type Paid = (params: JsonObject) => void;

/** Advances a batch by one look at it. */
export function lookAt(batch: MessageBatch, paid: Paid): void {
  const { plan, status, requests } = batch;
  batch.looks += 1;
  if (status === "canceling") end(batch, plan.hangsAfter ?? 0, "canceled", paid);
  else if (status === "ended" || plan.hangsAfter !== undefined || batch.looks <= (plan.running ?? 0)) return;
  else end(batch, plan.expiresAfter ?? requests.length, "expired", paid);
}

/** Executes the first requests. Their results are in no order that a client could rely on: the last come first. */
function end(batch: MessageBatch, count: number, rest: "canceled" | "expired", paid: Paid): void {
  const counts = { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 };
  const lines = batch.requests.map(({ custom_id, params }, index) => {
    const result: JsonObject = index >= count ? { type: rest } : resultOf(batch, params, index);
    counts[result.type as keyof typeof counts] += 1;
    if (result.type === "succeeded") paid(params);
    return JSON.stringify({ custom_id, result });
  });
  batch.counts = counts;
  batch.results = lines.reverse().join("\n");
  batch.status = "ended";
}

function resultOf({ plan }: MessageBatch, params: JsonObject, index: number): JsonObject {
  const planned = plan.results?.[index] as JsonObject | undefined;
  if (planned !== undefined) return planned;
  // Requests are validated one by one, and not when the batch is created.
  const error = invalidMessage(params);
  if (error !== undefined) return { type: "errored", error };
  const unsupported = ["stream", "speed"].find((name) => params[name] !== undefined);
  if (unsupported !== undefined)
    return { type: "errored", error: messageError(400, `${unsupported}: not supported in a batch`) };
  return { type: "succeeded", message: messageFor(params) };
}

const DAY_MS = 24 * 60 * 60 * 1_000;

/** The batch as the API describes it: https://platform.claude.com/docs/en/api/messages/batches/retrieve */
export function messageBatchObject(batch: MessageBatch, base: string): JsonValue {
  const { id, status, createdAt, counts } = batch;
  const hasEnded = status === "ended";
  return {
    id,
    type: "message_batch",
    processing_status: status,
    request_counts: { ...counts },
    created_at: createdAt.toISOString(),
    expires_at: new Date(createdAt.getTime() + DAY_MS).toISOString(),
    ended_at: hasEnded ? new Date().toISOString() : null,
    cancel_initiated_at: counts.canceled > 0 || status === "canceling" ? createdAt.toISOString() : null,
    archived_at: null,
    results_url: hasEnded ? `${base}/messages/batches/${id}/results` : null,
  };
}
