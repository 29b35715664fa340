import type { IncomingHttpHeaders } from "node:http";
import type { JsonValue } from "@remem/core/plugin";
import type { Fault } from "../fault.ts";
import { isObject } from "../json.ts";
import { apiError } from "./api-error.ts";
import { type Batch, type BatchLine, batchObject, cancel, look } from "./batch.ts";
import { createFiles, fileObject, formIn } from "./batch-files.ts";
import type { BatchPlan } from "./batch-plan.ts";
import type { Reply } from "./reply.ts";

/** The limits of a server's batches, and a record of them. */
export interface BatchApiOptions {
  readonly maxRequests: number;
  readonly maxBytes: number;
  readonly maxQueuedBytes: number;
  answer(line: BatchLine, isAzure: boolean): Reply;
}

/** Files and batches. Its paths are below that of its API. */
export interface BatchApi {
  readonly batches: readonly Batch[];
  readonly uploads: number;
  readonly paid: readonly string[];
  readonly plans: BatchPlan[];
  readonly faults: Record<BatchRoute, Fault[]>;
  readonly received: Readonly<Record<BatchRoute, number>>;
  /** The reply, and the fault that it takes; undefined for any other path. */
  handle(call: ApiCall): { readonly reply: Reply; readonly fault: Fault } | undefined;
}

/** The requests that a fault can be scripted for. */
export type BatchRoute = "upload" | "download" | "create" | "poll" | "list";

export interface ApiCall {
  readonly method: string | undefined;
  /** The path below that of the API, such as `/files`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly isAzure: boolean;
}

export function createBatchApi(options: BatchApiOptions): BatchApi {
  const files = createFiles();
  const batches: Batch[] = [];
  const paid: string[] = [];
  const plans: BatchPlan[] = [];
  const faults: BatchApi["faults"] = { upload: [], download: [], create: [], poll: [], list: [] };
  const received: Record<BatchRoute, number> = { upload: 0, download: 0, create: 0, poll: 0, list: 0 };
  let uploads = 0;

  function worldOf(batch: Batch, isAzure: boolean) {
    const { maxRequests, maxQueuedBytes } = options;
    const others = (): Batch[] => batches.filter((other) => other !== batch && other.status === "in_progress");
    const bytesOf = ({ inputFileId }: Batch): number => files.get(inputFileId)?.bytes.length ?? 0;
    return {
      files,
      maxRequests,
      maxQueuedBytes,
      queuedBytes: () => others().reduce((sum, other) => sum + bytesOf(other), 0),
      answer: (line: BatchLine) => options.answer(line, isAzure),
      paid: (customId: string) => void paid.push(customId),
    };
  }
  function upload({ headers, body }: ApiCall): Reply {
    const form = formIn(headers["content-type"] ?? "", body);
    const file = form?.get("file");
    if (form === undefined || file === undefined) return failed(400, "The body must be a form with a file.", "file");
    const purpose = form.get("purpose")?.bytes.toString() ?? "";
    if (purpose !== "batch") return failed(400, `Invalid purpose ${JSON.stringify(purpose)}.`, "purpose");
    if (file.bytes.length > options.maxBytes) return failed(413, `The file has more than ${options.maxBytes} bytes.`);
    uploads += 1;
    return { status: 200, body: fileObject(files.add(file.filename ?? "", purpose, file.bytes)) };
  }
  function create({ body, isAzure }: ApiCall): { readonly reply: Reply; readonly fault: Fault } {
    const asked = parsed(body);
    const { input_file_id: inputFileId, endpoint, completion_window, metadata = null } = isObject(asked) ? asked : {};
    const refuse = (reply: Reply) => ({ reply, fault: {} });
    if (typeof inputFileId !== "string" || files.get(inputFileId) === undefined) {
      return refuse(failed(400, `Invalid file: ${JSON.stringify(inputFileId)}.`, "input_file_id"));
    }
    if (typeof endpoint !== "string" || !/^(\/v1)?\/chat\/completions$/.test(endpoint)) {
      return refuse(failed(400, "Invalid endpoint.", "endpoint"));
    }
    if (completion_window !== "24h") return refuse(failed(400, "Invalid completion_window.", "completion_window"));
    const plan = plans.shift() ?? {};
    const batch: Batch = {
      id: `batch_${String(batches.length + 1).padStart(6, "0")}`,
      inputFileId,
      endpoint,
      metadata,
      plan,
      createdAt: Math.floor(Date.now() / 1000),
      status: "validating",
      looks: 0,
      lines: [],
      problems: [],
      outputFileId: undefined,
      errorFileId: undefined,
      counts: { total: 0, completed: 0, failed: 0 },
    };
    batches.push(batch);
    return { reply: { status: 200, body: shown(batch, isAzure) }, fault: plan.breaks ? { reset: "headers" } : {} };
  }
  function list({ query, isAzure }: ApiCall): Reply {
    const limit = Math.min(100, Number(query.get("limit") ?? 20));
    const newest = batches.toReversed();
    const start = newest.findIndex(({ id }) => id === query.get("after")) + 1;
    const page = newest.slice(start, start + limit);
    const has_more = start + limit < newest.length;
    const [first, last] = [page[0]?.id ?? null, page.at(-1)?.id ?? null];
    const data = page.map((batch) => shown(batch, isAzure));
    return { status: 200, body: { object: "list", data, first_id: first, last_id: last, has_more } };
  }
  function withBatch(id: string, { isAzure }: ApiCall, move: typeof look): Reply {
    const batch = batches.find((batch) => batch.id === id);
    if (batch === undefined) return failed(404, `No batch found with id '${id}'.`);
    move(batch, worldOf(batch, isAzure));
    return { status: 200, body: shown(batch, isAzure) };
  }
  function download(id: string): Reply {
    const file = files.get(id);
    return file === undefined ? failed(404, `No such File object: ${id}`) : { status: 200, body: file.bytes };
  }
  function taking(route: BatchRoute, reply: () => Reply): { readonly reply: Reply; readonly fault: Fault } {
    received[route] += 1;
    const fault = faults[route].shift();
    // If a fault answers a request with a status, the request has no effect.
    if (fault?.status !== undefined) return { reply: { status: 200, body: null }, fault };
    return { reply: reply(), fault: fault ?? {} };
  }

  return {
    batches,
    paid,
    plans,
    faults,
    received,
    get uploads() {
      return uploads;
    },
    handle(call) {
      const [, collection, id, action] = call.path.split("/");
      const route = `${call.method} ${collection}${id === undefined ? "" : "/id"}${action === undefined ? "" : `/${action}`}`;
      switch (route) {
        case "POST files":
          return taking("upload", () => upload(call));
        case "GET files/id/content":
          return taking("download", () => download(id!));
        case "POST batches": {
          const [fault] = faults.create;
          if (fault !== undefined && fault.status === undefined) create(call); // The creation takes place all the same.
          if (fault !== undefined) return taking("create", () => failed(500, ""));
          received.create += 1;
          return create(call);
        }
        case "GET batches":
          return taking("list", () => list(call));
        case "GET batches/id":
          return taking("poll", () => withBatch(id!, call, look));
        case "POST batches/id/cancel":
          return taking("poll", () => withBatch(id!, call, cancel));
        default:
          return undefined;
      }
    },
  };
}

/** Azure writes a status with a capital letter, and times as texts: https://learn.microsoft.com/azure/ai-services/openai/how-to/batch */
function shown(batch: Batch, isAzure: boolean): JsonValue {
  const object = batchObject(batch);
  if (!isAzure) return object;
  const status = batch.status[0]!.toUpperCase() + batch.status.slice(1);
  return { ...object, status, created_at: new Date(batch.createdAt * 1000).toISOString() };
}

function failed(status: number, message: string, param: string | null = null): Reply {
  return { status, body: apiError(status, message, { param, code: null }) };
}

function parsed(body: Buffer): JsonValue | undefined {
  try {
    return JSON.parse(body.toString()) as JsonValue;
  } catch {
    return undefined;
  }
}
