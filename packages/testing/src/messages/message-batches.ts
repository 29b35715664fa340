import type { IncomingHttpHeaders } from "node:http";
import type { JsonValue } from "@remem/core/plugin";
import type { Fault } from "../fault.ts";
import { isObject, type JsonObject } from "../json.ts";
import type { Reply } from "../server/reply.ts";
import { type BatchedMessage, lookAt, type MessageBatch, messageBatchObject } from "./message-batch.ts";
import type { MessageBatchPlan } from "./message-batch-plan.ts";
import { refusal, refusing } from "./message-error.ts";

/** The requests that a fault can be scripted for. */
export type MessageBatchRoute = "create" | "poll" | "list" | "results" | "cancel";

export interface MessageBatchesApi {
  readonly batches: readonly MessageBatch[];
  readonly paid: readonly JsonObject[];
  /** The headers of each creation. */
  readonly created: readonly IncomingHttpHeaders[];
  readonly plans: MessageBatchPlan[];
  readonly faults: Record<MessageBatchRoute, Fault[]>;
  readonly received: Readonly<Record<MessageBatchRoute, number>>;
  /** The reply, and the fault that it takes; undefined for another path. */
  handle(call: MessageBatchCall): { readonly reply: Reply; readonly fault: Fault } | undefined;
}

export interface MessageBatchCall {
  readonly method: string | undefined;
  /** The path below `/v1/messages/batches`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface MessageBatchesOptions {
  readonly maxRequests: number;
  readonly maxBytes: number;
  /** The address of the API. */
  base(): string;
}

const CUSTOM_ID = /^[a-zA-Z0-9_-]{1,64}$/;

export function createMessageBatches({ maxRequests, maxBytes, base }: MessageBatchesOptions): MessageBatchesApi {
  const batches: MessageBatch[] = [];
  const paid: JsonObject[] = [];
  const created: IncomingHttpHeaders[] = [];
  const plans: MessageBatchPlan[] = [];
  const faults: MessageBatchesApi["faults"] = { create: [], poll: [], list: [], results: [], cancel: [] };
  const received: Record<MessageBatchRoute, number> = { create: 0, poll: 0, list: 0, results: 0, cancel: 0 };
  const shown = (batch: MessageBatch): JsonValue => messageBatchObject(batch, base());
  const look = (batch: MessageBatch): void => lookAt(batch, (params) => void paid.push(params));

  function create({ body, headers }: MessageBatchCall): { readonly reply: Reply; readonly fault: Fault } {
    const [scripted] = faults.create;
    received.create += 1;
    // A scripted status is a refusal, and has no effect.
    if (scripted?.status !== undefined) {
      return { reply: { status: 200, body: null }, fault: refusing(faults.create.shift()!) };
    }
    const requests = requestsIn(body, { maxRequests, maxBytes });
    if ("status" in requests) return { reply: requests, fault: {} };
    const plan = plans.shift() ?? {};
    const batch: MessageBatch = {
      id: `msgbatch_${String(batches.length + 1).padStart(6, "0")}`,
      plan,
      requests,
      createdAt: new Date(),
      status: "in_progress",
      looks: 0,
      counts: { processing: requests.length, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
      results: "",
    };
    batches.push(batch);
    created.push(headers);
    const fault = faults.create.shift() ?? (plan.breaks ? { reset: "headers" as const } : {});
    return { reply: { status: 200, body: shown(batch) }, fault };
  }
  function list({ query }: MessageBatchCall): Reply {
    const limit = Math.min(1_000, Number(query.get("limit") ?? 20));
    const newest = batches.toReversed();
    const placeOf = (name: string): number => newest.findIndex(({ id }) => id === query.get(name));
    const before = placeOf("before_id");
    const start = before === -1 ? placeOf("after_id") + 1 : Math.max(0, before - limit);
    const stop = before === -1 ? start + limit : before;
    const page = newest.slice(start, stop);
    page.forEach(look);
    return {
      status: 200,
      body: {
        data: page.map(shown),
        first_id: page[0]?.id ?? null,
        last_id: page.at(-1)?.id ?? null,
        has_more: before === -1 ? stop < newest.length : start > 0,
      },
    };
  }
  function withBatch(id: string | undefined, run: (batch: MessageBatch) => Reply): Reply {
    const batch = batches.find((one) => one.id === id);
    return batch === undefined ? refusal(404, `No batch ${id}.`) : run(batch);
  }
  function taking(route: MessageBatchRoute, reply: () => Reply): { readonly reply: Reply; readonly fault: Fault } {
    received[route] += 1;
    const fault = faults[route].shift() ?? {};
    if (fault.status === undefined) return { reply: reply(), fault };
    return { reply: { status: 200, body: null }, fault: refusing(fault) };
  }

  return {
    batches,
    paid,
    created,
    plans,
    faults,
    received,
    handle(call) {
      const [, id, action] = call.path.split("/");
      switch (`${call.method} ${id === undefined ? "" : "id"}${action === undefined ? "" : `/${action}`}`) {
        case "POST ":
          return create(call);
        case "GET ":
          return taking("list", () => list(call));
        case "GET id":
          return taking("poll", () =>
            withBatch(id, (batch) => {
              look(batch);
              return { status: 200, body: shown(batch) };
            }),
          );
        case "GET id/results":
          return taking("results", () =>
            withBatch(id, ({ status, results }) =>
              status === "ended" ? { status: 200, body: Buffer.from(results) } : refusal(404, "It has no results yet."),
            ),
          );
        case "POST id/cancel":
          return taking("cancel", () =>
            withBatch(id, (batch) => {
              if (batch.status === "ended") return refusal(409, "The batch has ended.");
              batch.status = "canceling";
              return { status: 200, body: shown(batch) };
            }),
          );
        default:
          return undefined;
      }
    },
  };
}

function requestsIn(
  body: Buffer,
  { maxRequests, maxBytes }: Pick<MessageBatchesOptions, "maxRequests" | "maxBytes">,
): readonly BatchedMessage[] | Reply {
  if (body.length > maxBytes) return refusal(413, `The request has more than ${maxBytes} bytes.`);
  const asked = parsed(body);
  const requests = isObject(asked) ? asked.requests : undefined;
  if (!Array.isArray(requests) || requests.length === 0) return refusal(400, "requests: at least one is required");
  if (requests.length > maxRequests) return refusal(400, `requests: at most ${maxRequests} are allowed`);
  const ids = new Set<unknown>();
  for (const [index, request] of (requests as readonly JsonValue[]).entries()) {
    if (!isObject(request) || typeof request.custom_id !== "string" || !CUSTOM_ID.test(request.custom_id))
      return refusal(400, `requests.${index}.custom_id: must match ${CUSTOM_ID.source}`);
    if (ids.has(request.custom_id)) return refusal(400, `requests.${index}.custom_id: is a duplicate`);
    if (!isObject(request.params)) return refusal(400, `requests.${index}.params: Field required`);
    ids.add(request.custom_id);
  }
  return requests as readonly object[] as readonly BatchedMessage[];
}

function parsed(body: Buffer): JsonValue | undefined {
  try {
    return JSON.parse(body.toString()) as JsonValue;
  } catch {
    return undefined;
  }
}
